"""Has charts and family trees drawn, by programs of their own: this process never loads what draws
them."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from contextlib import suppress
from pathlib import Path

from bot.family import Tree
from bot.messenger import Upload
from core.chart import Chart

log = logging.getLogger(__name__)

SECONDS = 20.0
"""The longest one chart may take, waiting for the one before it left out."""

MOST_BYTES = 4 * 1024 * 1024
"""A chart is some 30 KiB, a family tree of 24 jobs a megabyte."""

_ROOT = Path(__file__).resolve().parents[1]


class Plotter:
    """One chart at a time. `folder` keeps what is known of the fonts, so that it is looked for
    once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._turn = asyncio.Lock()

    async def draw(self, chart: Chart) -> Upload | None:
        """The picture with its alt text; None where it cannot be drawn, and the words must do."""
        data = await self._drawn("bot.charts", chart.to_json())
        return Upload("use.png", data, chart.alt) if data else None

    async def family(self, tree: Tree) -> Upload | None:
        """The same for a family tree."""
        data = await self._drawn("bot.family_chart", tree.to_json())
        return Upload("family.png", data, tree.alt) if data else None

    async def cells(self, path: Path, alt: str) -> Upload | None:
        """The picture in that file with its cells numbered."""
        data = await self._drawn("bot.cells_chart", json.dumps({"path": str(path)}).encode())
        return Upload("cells.png", data, alt) if data else None

    async def _drawn(self, program: str, question: bytes) -> bytes | None:
        async with self._turn:
            try:
                async with asyncio.timeout(SECONDS):
                    return await self._run(program, question)
            except (OSError, TimeoutError) as error:
                log.warning("%s drew nothing: %s", program, error or type(error).__name__)
                return None

    async def _run(self, program: str, question: bytes) -> bytes:
        await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", program),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=self._folder,
            env={
                "PYTHONPATH": str(_ROOT),
                "PATH": os.defpath,
                "MPLCONFIGDIR": str(self._folder),
                "OPENBLAS_NUM_THREADS": "1",
            },
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(question)
            process.stdin.write_eof()
            data = bytearray()
            while piece := await process.stdout.read(65536):
                data += piece
                if len(data) > MOST_BYTES:
                    raise OSError(f"the chart has more than {MOST_BYTES} bytes")
            if await process.wait() != 0:
                raise OSError(f"the program that draws ended with {process.returncode}")
            return bytes(data)
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
