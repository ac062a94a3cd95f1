"""Every setting, from the operator's side: what is wrong, where, and what would be right."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from core.errors import SettingsError
from core.settings import PREFIX, SETTINGS, Settings, env_example, read_env_file

ROOT = Path(__file__).parents[2]


def refusal(**environment: str) -> str:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env(environment)
    return caught.value.sentence


def test_easel_starts_without_any_setting() -> None:
    settings = Settings.from_env({"PATH": "/bin", "HOME": "/root"})
    assert (settings.discord_token, settings.server_id) == ("", None)
    assert (settings.data, settings.models) == (Path("data"), Path("models.toml"))
    assert (settings.workers, settings.sandbox_port, settings.log) == (1, 8866, "info")


def test_every_row_has_its_value_and_every_value_its_row() -> None:
    assert [row.field for row in SETTINGS] == [field.name for field in dataclasses.fields(Settings)]
    assert all(row.help.endswith(".") for row in SETTINGS)
    assert all(row.name.startswith(PREFIX) or row.name == "DISCORD_TOKEN" for row in SETTINGS)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("DISCORD_TOKEN", " abc.def ", "abc.def"),
        ("EASEL_SERVER_ID", "123456789012345678", 123456789012345678),
        ("EASEL_DATA", "/srv/easel", Path("/srv/easel")),
        ("EASEL_WORKERS", "4", 4),
        ("EASEL_EDIT_EVERY_SECONDS", "0.5", 0.5),
        ("EASEL_DEVICE", "cuda", "cuda"),
        ("EASEL_IMAGE_HOSTS", "", ()),
        ("EASEL_IMAGE_HOSTS", "I.imgur.com, example.org *", ("i.imgur.com", "example.org", "*")),
        ("EASEL_GALLERY", "off", "off"),
        ("EASEL_GALLERY_HOST", "::", "::"),
        ("EASEL_GALLERY_URL", "https://pictures.example.org/", "https://pictures.example.org"),
        ("EASEL_GALLERY_URL", "http://localhost:8080", "http://localhost:8080"),
        ("EASEL_GALLERY_OPERATORS", "123456789012345678, 42", (123456789012345678, 42)),
        ("EASEL_GALLERY_OPERATORS", "", ()),
        ("EASEL_DISCORD_CLIENT_ID", "123456789012345678", "123456789012345678"),
        ("EASEL_WORKERS", "", 1),
        ("EASEL_SERVER_ID", "  ", None),
    ],
)
def test_what_is_set_is_taken(name: str, text: str, value: Any) -> None:
    field = next(row.field for row in SETTINGS if row.name == name)
    assert getattr(Settings.from_env({name: text}), field) == value


BAD = [
    ("EASEL_WORKERS", "0", "a whole number from 1 to 64"),
    ("EASEL_WORKERS", "65", "a whole number from 1 to 64"),
    ("EASEL_WORKERS", "two", "a whole number from 1 to 64"),
    ("EASEL_WORKERS", "1.5", "a whole number from 1 to 64"),
    ("EASEL_TASKS_PER_WORKER", "0", "a whole number from 1 to 64"),
    ("EASEL_PREVIEW_EVERY_STEPS", "-1", "from 1 to 1000"),
    ("EASEL_CHECKPOINT_EVERY_STEPS", "-1", "from 0 to 1000"),
    ("EASEL_EDIT_EVERY_SECONDS", "0.1", "a number from 0.2 to 60"),
    ("EASEL_LEASE_SECONDS", "nan", "from 2 to 3600"),
    ("EASEL_DEADLINE_SECONDS", "inf", "from 1 to 86400"),
    ("EASEL_MAX_WAITING_PER_MEMBER", "100001", "from 1 to 100000"),
    ("EASEL_MAX_MEGAPIXELS", "0", "from 0.01 to 64"),
    ("EASEL_MAX_UPLOAD_MIB", "501", "from 0.1 to 500"),
    ("EASEL_IMAGE_HOSTS", "https://i.imgur.com/", "names of hosts, such as i.imgur.com, or *"),
    ("EASEL_IMAGE_HOSTS", "localhost", "names of hosts"),
    ("EASEL_IMAGE_HOSTS", "*.imgur.com", "names of hosts"),
    ("EASEL_SANDBOX_PORT", "65536", "from 0 to 65535"),
    ("EASEL_GALLERY", "yes", "one of on, off"),
    ("EASEL_USER_INSTALL", "yes", "one of on, off"),
    ("EASEL_GALLERY_HOST", "every one", "an address of this machine"),
    ("EASEL_GALLERY_PORT", "-1", "from 0 to 65535"),
    ("EASEL_GALLERY_URL", "gallery.example.org", "like https://gallery.example.org"),
    ("EASEL_GALLERY_URL", "https://example.org/gallery", "without a path"),
    ("EASEL_GALLERY_URL", "https://me@example.org", "like https://gallery.example.org"),
    ("EASEL_GALLERY_OPERATORS", "ada", "numbers of people"),
    ("EASEL_DISCORD_CLIENT_ID", "easel", "the application's number"),
    ("EASEL_DEVICE", "gpu", "one of auto, cpu, cuda, mps"),
    ("EASEL_DTYPE", "int8", "one of auto, float32, float16, bfloat16"),
    ("EASEL_MEMORY", "tiny", "one of auto, low, medium, high"),
    ("EASEL_COMPILE", "yes", "one of auto, off, on"),
    ("EASEL_ATTENTION", "fast", "one of auto, native, flash, flash-3, cudnn"),
    ("EASEL_QUANTIZE", "int4", "one of off, int8, float8, float8-storage"),
    ("EASEL_FUSE", "yes", "one of off, on"),
    ("EASEL_FEATURE_CACHE", "yes", "one of off, on"),
    ("EASEL_MEASURE_AT_START", "yes", "one of on, off"),
    ("EASEL_LOG", "loud", "one of debug, info, warning, error"),
    ("EASEL_SERVER_ID", "my server", "the number of a server"),
    ("EASEL_SERVER_ID", "-5", "the number of a server"),
]


@pytest.mark.parametrize(("name", "text", "right"), BAD)
def test_a_value_that_does_not_fit_is_named_with_what_would(
    name: str, text: str, right: str
) -> None:
    sentence = refusal(**{name: text})
    assert sentence.startswith(f"{name}: “{text}” does not fit: it must be ")
    assert right in sentence
    assert next(row.help for row in SETTINGS if row.name == name) in sentence
    assert "literal" not in sentence


def test_every_range_and_choice_is_among_the_stories_above() -> None:
    free = {"str", "Path"}
    checked = {row.name for row in SETTINGS if getattr(row.read, "__name__", "") not in free}
    assert checked == {name for name, _, _ in BAD}


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("EASEL_WORKER", "EASEL_WORKERS"),
        ("EASEL_DATABASEURL", "EASEL_DATABASE_URL"),
        ("EASEL_DISCORD_TOKEN", "DISCORD_TOKEN"),
    ],
)
def test_a_misspelt_setting_is_refused_with_the_nearest(name: str, nearest: str) -> None:
    sentence = refusal(**{name: "secret"})
    assert sentence == f"{name} is not a setting of Easel. Did you mean {nearest}?"


def test_a_setting_that_is_none_is_refused_even_where_nothing_is_near() -> None:
    assert refusal(EASEL_XYZZYPLUGH="1") == "EASEL_XYZZYPLUGH is not a setting of Easel."


def test_what_is_secret_is_not_shown() -> None:
    assert {row.name for row in SETTINGS if row.secret} == {
        "DISCORD_TOKEN",
        "EASEL_DATABASE_URL",
        "EASEL_DISCORD_CLIENT_SECRET",
    }
    settings = Settings.from_env({"DISCORD_TOKEN": "abc.def", "EASEL_DATABASE_URL": "pg://u:p@h"})
    for shown in (repr(settings), str(settings), f"{settings}"):
        assert "abc" not in shown
        assert "pg:" not in shown


def test_a_secret_that_does_not_fit_is_not_shown_either(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(text: str) -> str:
        raise ValueError("it must be something else")

    rows = tuple(dataclasses.replace(row, read=refuse) if row.secret else row for row in SETTINGS)
    monkeypatch.setattr("core.settings.SETTINGS", rows)
    assert refusal(DISCORD_TOKEN="abc.def").startswith(
        "DISCORD_TOKEN: its value does not fit: it must be something else."
    )


# .env


def test_the_example_is_what_the_table_says() -> None:
    assert (ROOT / ".env.example").read_text(encoding="utf-8") == env_example()


def test_the_example_as_it_is_changes_nothing() -> None:
    assert Settings.from_env(read_env_file(env_example())) == Settings.from_env({})


def test_the_example_explains_every_setting() -> None:
    text = env_example()
    for row in SETTINGS:
        assert f"# {row.help}\n{row.name}={row.default}\n" in text


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", {}),
        ("# a remark\n\nA=1\n  B = two words  \n", {"A": "1", "B": "two words"}),
        ("A=\"quoted\"\nB='quoted'\nC=", {"A": "quoted", "B": "quoted", "C": ""}),
        ("A=x=y\r\nB=2\r\n", {"A": "x=y", "B": "2"}),
        ("\ufeffA=1", {"A": "1"}),
    ],
)
def test_a_settings_file_is_names_and_values(text: str, values: dict[str, str]) -> None:
    assert read_env_file(text) == values


@pytest.mark.parametrize("line", ["DISCORD_TOKEN", "export A=1", "=1", "A B=1", "1A=1"])
def test_a_line_that_is_neither_is_named_by_its_number(line: str) -> None:
    with pytest.raises(SettingsError, match=r"^\.env, line 3: expected NAME=value\.$"):
        read_env_file(f"# a remark\nA=1\n{line}\n")
