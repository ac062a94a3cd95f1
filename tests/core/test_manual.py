"""The manual tells of every flag there is, once, and fits into Discord's messages."""

from __future__ import annotations

import pytest

from core.flags import FLAGS, SUBJECTS
from core.manual import SYNTAX, Page, pages, usage
from core.models import PRESETS, Catalogue, Model
from core.permutations import expand
from core.prompt import parse
from core.sentences import in_language, say

LORA = Model(name="painter", source="a/b", family="sdxl", honours=("lora",))
CATALOGUE = Catalogue((*PRESETS, LORA))


def manual() -> list[Page]:
    return pages(CATALOGUE, [say("Cancelled.")])


def test_every_flag_is_told_of_once() -> None:
    text = "\n".join(page.text for page in manual()[1:])
    assert len(FLAGS) == sum(map(len, SUBJECTS.values())) == len(set(FLAGS))
    for flag in FLAGS:
        assert text.count(f"{usage(flag)} · {flag.help}") == 1
    assert "`--chaos 0–100`, `--c` · " in text


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_each_page_fits_into_a_message_and_each_title_on_a_button(locale: str) -> None:
    for page in manual():
        assert len(in_language(page.text, locale)) <= 1900
        assert len(in_language(page.title, locale)) <= 40


def test_a_flag_that_needs_more_says_who_can() -> None:
    rows = {row.split(" ")[0]: row for page in manual() for row in page.text.splitlines()}
    assert rows["`--lora"].endswith("Models that can: painter.")
    assert rows["`--video`"].endswith("No model here can.")
    assert rows["`--raw`"].endswith("only your words.")


def test_the_first_page_tells_the_commands_in_the_readers_language() -> None:
    first = manual()[0].text
    assert first.endswith("\nCancelled.")
    assert in_language(first, "zh-CN").endswith("\n已取消。")


def test_what_the_manual_shows_can_be_typed() -> None:
    for example, _ in SYNTAX:
        for line in expand(example.replace("https://…", "https://example.org/a.png")):
            assert parse(line).text
