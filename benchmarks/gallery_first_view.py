"""How long the gallery's first page takes until its pictures are seen, in Chromium over loopback.

    python -m benchmarks.gallery_first_view [--rounds 5] [--data FOLDER] [--chromium PATH]

Fills a data folder with drawn pictures (or takes one that `tests.gallery.seed` filled), starts the
program as people do, `easel gallery`, and opens its first page in a browser that knows nothing yet:
a new profile each time, 1440 x 3200 points, so that all forty thumbnails of the page are in sight.
What is told is the time from the beginning of the navigation until the last of the forty can be
painted; the first round, for which the thumbnails have to be made, is told apart. The baseline is
the same page with the originals in the place of the thumbnails.

Ends with status 1 where the median is a second or more.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Route, sync_playwright

from storage.opening import open_storage
from tests.gallery.seed import seed

TARGET_MS = 1000.0
THUMBNAILS = 40
VIEW = {"width": 1440, "height": 3200}

SEEN = """async () => {
  const images = [...document.querySelectorAll(".work img")];
  const late = new Promise((done) => setTimeout(done, 20000));
  await Promise.race([Promise.all(images.map((one) => one.decode().catch(() => {}))), late]);
  const seen = performance.now();
  const files = performance.getEntriesByType("resource");
  return {
    seen,
    images: images.filter((image) => image.naturalWidth > 0).length,
    first: performance.getEntriesByType("navigation")[0].responseStart,
    bytes: files.reduce((sum, file) => sum + file.transferSize, 0),
    script: files.filter((file) => file.name.includes(".js"))
      .reduce((sum, file) => sum + file.decodedBodySize, 0),
  };
}"""


@dataclass(frozen=True, slots=True)
class View:
    """Milliseconds from the beginning of the navigation, and what came over the wire in KiB."""

    seen: float
    first_byte: float
    images: int
    kib: float
    script_kib: float


def view(browser: Browser, url: str, *, originals: bool = False) -> View:
    context = browser.new_context(viewport=VIEW, color_scheme="light")  # type: ignore[arg-type]
    page = context.new_page()
    if originals:
        page.route("**/t/*", _original)
    page.goto(url, wait_until="domcontentloaded")
    found: dict[str, Any] = page.evaluate(SEEN)
    context.close()
    return View(
        found["seen"],
        found["first"],
        found["images"],
        found["bytes"] / 1024,
        found["script"] / 1024,
    )


def _original(route: Route) -> None:
    """The address of a thumbnail leads to its picture instead."""
    place, _, name = route.request.url.rpartition("/t/")
    work = name.rpartition("-")[0]
    route.continue_(url=f"{place}/p/{work}.png")


@contextmanager
def gallery(data: Path) -> Generator[str]:
    """The program in a process of its own, and where it can be reached."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"EASEL_DATA": str(data), "EASEL_GALLERY_PORT": str(port), "DISCORD_TOKEN": ""}
    process = subprocess.Popen(
        [sys.executable, "-m", "cli", "gallery"],
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise SystemExit("The gallery did not start.")
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(30)


async def fill(data: Path) -> None:
    async with open_storage(data) as storage:
        await seed(storage, jobs=60)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data: Path = chosen.data or Path(folder) / "data"
        if chosen.data is None:
            asyncio.run(fill(data))
        with gallery(data) as url, sync_playwright() as play:
            browser = play.chromium.launch(executable_path=chosen.chromium, args=["--no-sandbox"])
            cold = view(browser, url)
            views = [view(browser, url) for _ in range(chosen.rounds)]
            plain = [view(browser, url, originals=True) for _ in range(chosen.rounds)]
            browser.close()
    return tell(cold, views, plain)


def tell(cold: View, views: list[View], plain: list[View]) -> int:
    seen, slow = (statistics.median(one.seen for one in some) for some in (views, plain))
    one = views[-1]
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    print(f"{one.images} thumbnails, {one.kib:.0f} KiB in all, {one.script_kib:.1f} KiB of script")
    print(f"first byte after {statistics.median(v.first_byte for v in views):.0f} ms")
    every = ", ".join(f"{each.seen:.0f}" for each in views)
    print(f"all seen after {seen:.0f} ms (median of {every})")
    print(f"the first time, thumbnails made meanwhile: {cold.seen:.0f} ms")
    print(f"with originals instead: {slow:.0f} ms and {plain[-1].kib:.0f} KiB")
    print(f"thumbnails are seen {slow / seen:.1f} times as fast")
    if one.images < THUMBNAILS:
        print(f"only {one.images} of {THUMBNAILS} thumbnails were there")
        return 1
    return 0 if seen < TARGET_MS else 1


if __name__ == "__main__":
    sys.exit(main())
