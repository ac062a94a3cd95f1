"""`easel`: the program."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

from cli.logs import start_logging
from core.errors import EaselError, PromptError, SettingsError
from core.settings import Settings, read_env_file

EXIT_FAILED = 1
EXIT_SETTINGS = 3

WITH_PROMPT = ("imagine", "parse")
"""Commands whose other words, --flags included and in their order, are a prompt."""


def main(arguments: list[str] | None = None) -> int:
    """Runs one command and returns its exit code: 0, 1 failed, 2 bad command line, 3 settings."""
    parser = _parser()
    options, rest = parser.parse_known_args(arguments)
    if rest and options.command not in WITH_PROMPT:
        parser.error(f"unknown: {' '.join(rest)}")
    options.prompt = " ".join(rest)
    try:
        settings = load_settings(Path(".env"), os.environ)
        start_logging(_level(options.command, settings.log))
        return asyncio.run(_command(options)(settings, options))
    except SettingsError as error:
        print(f"easel: {error.sentence}", file=sys.stderr)
        return EXIT_SETTINGS
    except PromptError as error:
        for problem in error.problems:
            print(f"easel: {problem}", file=sys.stderr)
        if error.mended:
            print(f"Mended: {error.mended}", file=sys.stderr)
        return EXIT_FAILED
    except EaselError as error:
        print(f"easel: {error.sentence}", file=sys.stderr)
        return EXIT_FAILED
    except KeyboardInterrupt:
        return 130


def load_settings(env_file: Path, environment: Mapping[str, str]) -> Settings:
    """The settings of `.env`, under those of the environment. Raises SettingsError."""
    values: dict[str, str] = {}
    try:
        values = read_env_file(env_file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        pass
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f".env cannot be read: {error}.") from error
    return Settings.from_env({**values, **environment})


def _level(command: str, wanted: str) -> int:
    """At the shell only warnings are news; a server says what it does."""
    level = logging.getLevelNamesMapping()[wanted.upper()]
    return level if command in ("run", "gallery") else max(level, logging.WARNING)


def _command(
    options: argparse.Namespace,
) -> Callable[[Settings, argparse.Namespace], Coroutine[Any, Any, int]]:
    # Each command is imported alone: `easel parse` need not wait for what `easel run` needs.
    match options.command:
        case "run":
            from cli.run import run as command
        case "gallery":
            from cli.gallery import gallery as command
        case "imagine":
            from cli.imagine import imagine as command
        case "press":
            from cli.imagine import press as command
        case "show":
            from cli.history import show as command
        case "history":
            from cli.history import history as command
        case "parse":
            from cli.parse import parse as command
        case "quota":
            from cli.quota import quota as command
        case "forget":
            from cli.forget import forget as command
        case "models":
            from cli.models import models as command
        case _:
            from cli.doctor import doctor as command
    return command


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="easel", description="A self-hosted Midjourney. Settings come from .env."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, help: str, *, json: bool = True) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=help, description=help, allow_abbrev=False)
        if name in WITH_PROMPT:
            command.usage = f"easel {name} PROMPT [options]"
        if json:
            command.add_argument("--json", action="store_true", help="print one JSON object")
        return command

    add("run", "start the bot: on Discord with a token, else in the sandbox", json=False)
    add("gallery", "serve the gallery's pages alone; `easel run` has them too", json=False)
    imagine = add("imagine", "make a grid of pictures from a prompt with its --flags")
    imagine.add_argument("--image", type=Path, metavar="FILE", help="a picture to start from")
    press = add("press", "press a button of a finished job")
    press.add_argument("job", help="the job's id, or its beginning")
    press.add_argument(
        "button", help="such as U1, V2, reroll, VS1, US1, UC1, “zoom 2x”, “pan left 2” or region"
    )
    press.add_argument(
        "--prompt", dest="words", metavar="LINE", help="other words and flags for what it makes"
    )
    press.add_argument("--region", default="", metavar="PART", help="such as “left third” or 1,2,5")
    press.add_argument("--mask", type=Path, metavar="FILE", help="a picture, white where to paint")
    for command in (imagine, press):
        command.add_argument(
            "--out", type=Path, default=Path("out"), help="folder for the pictures (out)"
        )
    show = add("show", "say what a job was and where its pictures are")
    show.add_argument("job", help="the job's id, or its beginning")
    history = add("history", "list the newest jobs")
    history.add_argument("--limit", type=int, default=20, help="how many (20)")
    quota = add("quota", "list the servers and what they used; set a server's ceiling and weight")
    quota.add_argument("server", nargs="?", type=int, help="a server's id; 0: direct messages")
    quota.add_argument(
        "--ceiling", nargs="+", metavar="AMOUNT", help="such as 3600s/day and 500/week, or none"
    )
    quota.add_argument(
        "--weight", type=float, metavar="N", help="its share of GPU time beside other servers (1)"
    )
    forget = add("forget", "delete all that is kept of a person", json=False)
    forget.add_argument("person", type=int, help="their Discord id")
    forget.add_argument("--yes", action="store_true", help="do it; without, it is only told")
    add("parse", "say what was understood of a prompt; nothing is made")
    add("models", "list the models and whether they are on this machine")
    add("doctor", "check everything and say what to mend")
    return parser


if __name__ == "__main__":
    sys.exit(main())
