"""A shell in an empty folder, with the worker that needs no torch."""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli.__main__ import main

FAKE_WORKER = f"{shlex.quote(sys.executable)} -m tests.fakes.worker"


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.out)


class Shell:
    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._capture = capture

    def easel(self, *words: str) -> Said:
        """Runs one command in this process. A bad command line is argparse's own exit."""
        self._capture.readouterr()
        try:
            code = main(list(words))
        except SystemExit as stop:
            code = int(stop.code or 0)
        captured = self._capture.readouterr()
        return Said(code, captured.out, captured.err)


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    monkeypatch.chdir(tmp_path)
    for name in ("DISCORD_TOKEN", "EASEL_MODEL", "EASEL_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("EASEL_WORKER_COMMAND", FAKE_WORKER)
    return Shell(capsys)
