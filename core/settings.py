"""Every setting, once: name, type, default and help. `.env.example` and the docs are checked
against this table. Settings are read once at start and passed in; units are in the names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from core.errors import SettingsError
from core.setting import (
    PREFIX,
    Setting,
    choice,
    client,
    host,
    hosts,
    number,
    site,
    snowflake,
    snowflakes,
)
from core.speed import CHOICES, Speed

SETTINGS = (
    Setting(
        "DISCORD_TOKEN",
        str,
        "",
        "The bot's token. Empty: Easel opens the sandbox on this machine instead of Discord.",
        secret=True,
    ),
    Setting(
        "EASEL_SERVER_ID",
        snowflake,
        "",
        "Register the commands in this one server, at once, instead of everywhere.",
    ),
    Setting(
        "EASEL_USER_INSTALL",
        choice("on", "off"),
        "off",
        "Let people install Easel for themselves and use it in any server and chat: on or off.",
    ),
    Setting("EASEL_DATA", Path, "data", "Folder for the database, the pictures and the spool."),
    Setting(
        "EASEL_DATABASE_URL",
        str,
        "",
        "SQLAlchemy URL of the database. Empty: an SQLite file in the data folder.",
        secret=True,
    ),
    Setting("EASEL_MODELS", Path, "models.toml", "The operator's models, if the file is there."),
    Setting(
        "EASEL_MODEL",
        str,
        "",
        "Default model: a name, a diffusers folder or a downloaded Hub id. "
        "Empty: the first of the operator's, else postcard.",
    ),
    Setting(
        "EASEL_DEVICE",
        choice("auto", "cpu", "cuda", "mps"),
        "auto",
        "Where the worker computes: auto, cpu, cuda or mps.",
    ),
    Setting(
        "EASEL_DTYPE",
        choice("auto", "float32", "float16", "bfloat16"),
        "auto",
        "Number format of the weights: auto is bfloat16 on a GPU that has it, float16 on an older "
        "one, and float32 elsewhere.",
    ),
    Setting(
        "EASEL_MEMORY",
        choice(*CHOICES["memory"]),
        "auto",
        "How much of a GPU models take: high, all stays there; medium, text encoders and "
        "autoencoder come when needed; low, weights come block by block. auto: by its size.",
    ),
    Setting(
        "EASEL_COMPILE",
        choice(*CHOICES["compile"]),
        "auto",
        "Compile the repeated blocks of models: on, off, or auto: on CUDA where torch can.",
    ),
    Setting(
        "EASEL_ATTENTION",
        choice(*CHOICES["attention"]),
        "auto",
        "What computes attention: auto and native are torch's own; flash, flash-3, cudnn, "
        "efficient, sage or xformers where they are installed.",
    ),
    Setting(
        "EASEL_QUANTIZE",
        choice(*CHOICES["quantize"]),
        "off",
        "Smaller weights, slightly other pictures: int8 or float8 (these need "
        "torchao), or float8-storage.",
    ),
    Setting(
        "EASEL_FUSE",
        choice(*CHOICES["fuse"]),
        "off",
        "Multiply by the weights of attention's queries, keys and values at once, which takes "
        "memory for them twice: on or off.",
    ),
    Setting(
        "EASEL_FEATURE_CACHE",
        choice(*CHOICES["feature_cache"]),
        "off",
        "Estimate about a third of the middle steps of long pictures from those before, for "
        "slightly other pictures: on or off.",
    ),
    Setting(
        "EASEL_MEASURE_AT_START",
        choice("on", "off"),
        "on",
        "Measure at start, while nobody draws, how many pictures of the default model are worth "
        "making at once.",
    ),
    Setting(
        "EASEL_WORKERS",
        number(int, 1, 64),
        "1",
        "Workers on this machine, one GPU each.",
    ),
    Setting(
        "EASEL_TASKS_PER_WORKER",
        number(int, 1, 64),
        "64",
        "Jobs that one worker makes side by side, so that each shows something soon; 1: singly.",
    ),
    Setting(
        "EASEL_WORKER_COMMAND",
        str,
        "",
        "Command line that starts a worker. Empty: this Python with -m generation.worker.",
    ),
    Setting(
        "EASEL_PREVIEW_EVERY_STEPS",
        number(int, 1, 1000),
        "4",
        "Denoising steps between two previews.",
    ),
    Setting(
        "EASEL_CHECKPOINT_EVERY_STEPS",
        number(int, 0, 1000),
        "5",
        "Denoising steps repeated at most when a worker is killed; 0: a job starts from noise.",
    ),
    Setting(
        "EASEL_EDIT_EVERY_SECONDS",
        number(float, 0.2, 60),
        "1.5",
        "Shortest time between two edits of a progress message; Discord allows 5 in 5 seconds.",
    ),
    Setting(
        "EASEL_LEASE_SECONDS",
        number(float, 2, 3600),
        "30",
        "How long a job is held without a sign of life, of this process or of its worker.",
    ),
    Setting(
        "EASEL_DEADLINE_SECONDS",
        number(float, 1, 86400),
        "1800",
        "Longest time one attempt of a job may take; never less than four times its estimate.",
    ),
    Setting(
        "EASEL_MAX_WAITING_PER_MEMBER",
        number(int, 1, 100000),
        "10",
        "Jobs one member may have waiting or running at a time.",
    ),
    Setting(
        "EASEL_MAX_MEGAPIXELS",
        number(float, 0.01, 64),
        "4.2",
        "Largest single picture, in megapixels.",
    ),
    Setting(
        "EASEL_IMAGE_HOSTS",
        hosts,
        "",
        "Hosts, besides Discord's, whose pictures may be named in prompts, as in "
        "i.imgur.com, example.org; * allows all that are public.",
    ),
    Setting(
        "EASEL_MAX_UPLOAD_MIB",
        number(float, 0.1, 500),
        "25",
        "Largest file posted to Discord, where a place takes as much; larger pictures are sent as "
        "WebP or JPEG.",
    ),
    Setting(
        "EASEL_SANDBOX_PORT",
        number(int, 0, 65535),
        "8866",
        "Port of the sandbox's page on 127.0.0.1; 0 takes any free one.",
    ),
    Setting(
        "EASEL_DISCORD_URL",
        str,
        "",
        "Address of another Discord, such as a sandbox that already runs. Empty: Discord's own.",
    ),
    Setting(
        "EASEL_GALLERY",
        choice("on", "off"),
        "on",
        "The gallery's web pages, served by easel run: on or off.",
    ),
    Setting(
        "EASEL_GALLERY_HOST",
        host,
        "127.0.0.1",
        "Address that the gallery listens on; one beyond this machine needs EASEL_GALLERY_URL.",
    ),
    Setting("EASEL_GALLERY_PORT", number(int, 0, 65535), "8867", "Its port; 0 takes any free one."),
    Setting(
        "EASEL_GALLERY_URL",
        site,
        "",
        "Where people find it, if a web server stands in front, such as https://gallery.example.org.",
    ),
    Setting(
        "EASEL_GALLERY_OPERATORS",
        snowflakes,
        "",
        "Discord ids of those who run Easel: they see and may change everything in the gallery.",
    ),
    Setting(
        "EASEL_DISCORD_CLIENT_ID",
        client,
        "",
        "The application's id, so that people can log in to the gallery with Discord.",
    ),
    Setting(
        "EASEL_DISCORD_CLIENT_SECRET",
        str,
        "",
        "The application's client secret, from its page OAuth2; for the same.",
        secret=True,
    ),
    Setting(
        "EASEL_LOG",
        choice("debug", "info", "warning", "error"),
        "info",
        "How much is logged. Tokens never are.",
    ),
)

_BY_NAME = {setting.name: setting for setting in SETTINGS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The values, by the field names of the table."""

    discord_token: str
    server_id: int | None
    user_install: str
    data: Path
    database_url: str
    models: Path
    model: str
    device: str
    dtype: str
    memory: str
    compile: str
    attention: str
    quantize: str
    fuse: str
    feature_cache: str
    measure_at_start: str
    workers: int
    tasks_per_worker: int
    worker_command: str
    preview_every_steps: int
    checkpoint_every_steps: int
    edit_every_seconds: float
    lease_seconds: float
    deadline_seconds: float
    max_waiting_per_member: int
    max_megapixels: float
    image_hosts: tuple[str, ...]
    max_upload_mib: float
    sandbox_port: int
    discord_url: str
    gallery: str
    gallery_host: str
    gallery_port: int
    gallery_url: str
    gallery_operators: tuple[int, ...]
    discord_client_id: str
    discord_client_secret: str
    log: str

    @classmethod
    def from_env(cls, environment: Mapping[str, str]) -> Settings:
        """Raises SettingsError naming the variable, what is wrong with it and what would be right;
        also for a misspelt EASEL_ name, which would otherwise be ignored."""
        for name in environment:
            if name.startswith(PREFIX) and name not in _BY_NAME:
                bare = {known.removeprefix(PREFIX): known for known in _BY_NAME}
                near = get_close_matches(name.removeprefix(PREFIX), bare, n=1)
                hint = f" Did you mean {bare[near[0]]}?" if near else ""
                raise SettingsError(f"{name} is not a setting of Easel.{hint}")
        values: dict[str, Any] = {}
        for setting in SETTINGS:
            text = environment.get(setting.name, "").strip() or setting.default
            try:
                values[setting.field] = setting.read(text)
            except ValueError as error:
                shown = "its value" if setting.secret else f"“{text}”"
                raise SettingsError(
                    f"{setting.name}: {shown} does not fit: {error}. {setting.help}"
                ) from error
        return cls(**values)

    @property
    def speed(self) -> Speed:
        return Speed(**{name: getattr(self, name) for name in CHOICES})

    def __repr__(self) -> str:
        return f"Settings(data={str(self.data)!r})"


def env_example() -> str:
    """The text of `.env.example`."""
    blocks = [
        "# Easel's settings. Copy to .env and change what you need; every line shows its default."
    ]
    blocks += [f"# {row.help}\n{row.name}={row.default}" for row in SETTINGS]
    return "\n\n".join(blocks) + "\n"


def read_env_file(text: str) -> dict[str, str]:
    """Reads `NAME=value` lines; blank lines and lines starting with # are skipped.

    Raises SettingsError with the number of a line that is neither.
    """
    values: dict[str, str] = {}
    for at, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals or not name.strip().isidentifier():
            raise SettingsError(f".env, line {at}: expected NAME=value.")
        values[name.strip()] = value.strip().strip("\"'")
    return values
