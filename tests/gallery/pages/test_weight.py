"""What every page keeps to, whatever it shows."""

from __future__ import annotations

import re

import pytest

from gallery.files import Files
from tests.gallery.conftest import Browser
from tests.gallery.pages.reading import works
from tests.gallery.seed import ADA, HARBOUR, Seeded

SCRIPT_BYTES = 60_000


def paths(id: str) -> list[str]:
    picture = [f"/p/{id}{part}" for part in ("", "/verify", "/alike", "/collect")]
    own = ["/mine", "/likes", "/collections", "/themes"]
    lists = ["/", "/top/all", "/search", "/search?q=boat", f"/u/{ADA.id}", f"/s/{HARBOUR}"]
    return [*lists, *picture, *own, "/nothing"]


def test_all_scripts_together_are_small() -> None:
    assert Files().bytes_of(".js") < SCRIPT_BYTES


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_no_page_has_script_or_style_in_itself(browser: Browser, language: str) -> None:
    await browser.log_in(ADA)
    id = works((await browser.get("/")).text)[0]
    for path in paths(id):
        text = (await browser.get(path, headers={"accept-language": language})).text
        found = re.search(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=|javascript:", text)
        assert not found, path
        assert f'<html lang="{language}"' in text
        assert text.count("<h1") == 1, path
        assert "<title>" in text


async def test_a_chosen_theme_is_there_from_the_first_moment(browser: Browser) -> None:
    assert "data-theme" not in (await browser.get("/")).text.partition("<head>")[0]
    for theme, there in (("dark", True), ("light", True), ('"><script>', False)):
        answer = await browser.get("/", headers={"cookie": f"theme={theme}"})
        assert (f'data-theme="{theme}"' in answer.text) is there


async def test_people_who_move_by_keys_can_skip_the_menu(browser: Browser, seeded: Seeded) -> None:
    text = (await browser.get("/")).text
    assert text.index('class="skip" href="#main"') < text.index("<header")
    assert '<main id="main" tabindex="-1">' in text
