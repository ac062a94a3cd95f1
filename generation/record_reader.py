"""Has Easel's record looked for in given pictures, by a program of its own. Loads no Pillow."""

from __future__ import annotations

import json
import sys

from core.request import Request
from generation.confined import Confined


class RecordReader:
    """`command` starts the program that reads the file."""

    def __init__(
        self, command: tuple[str, ...] = (sys.executable, "-m", "generation.recorded")
    ) -> None:
        self._program = Confined(command)

    async def read(self, data: bytes) -> tuple[Request, int] | None:
        """The request and the picture's number (0: the grid); None from anything else. The file
        may be anybody's, and so may what it says."""
        try:
            async with self._program.answered(data) as (code, written):
                pass
        except TimeoutError:
            return None
        if code != 0:
            return None
        try:
            values = json.loads(written)
            number = values["number"]
            request = Request.from_json(values["request"])
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
            return None
        return (request, number) if type(number) is int else None
