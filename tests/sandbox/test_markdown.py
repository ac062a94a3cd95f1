"""Message text on the page: Discord's formatting, and nothing that runs."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from sandbox import Sandbox
from tests.sandbox.test_page import browser, complaints, look, pytestmark

__all__ = ["browser", "pytestmark"]

SHOWN = {
    "**bold** *it* _it_ __under__ ~~gone~~": (
        "<strong>bold</strong> <em>it</em> <em>it</em> <u>under</u> <s>gone</s>"
    ),
    "**bold *and it***": "<strong>bold <em>and it</em></strong>",
    "snake_case_stays 2*3*4": "snake_case_stays 2<em>3</em>4",
    "`**not bold**` ``a`b``": "<code>**not bold**</code> <code>a`b</code>",
    "```py\nx < 1\n# y\n```": "<pre><code>x &lt; 1\n# y</code></pre>",
    r"\*plain\*": "*plain*",
    "a * b * c": "a * b * c",
    "<@1100000000000000101> <#1100000000000000011>": (
        '<span class="mention" data-user-id="1100000000000000101">@Mira</span> '
        '<span class="mention">#studio</span>'
    ),
    "<b>x</b> &amp; <img src=x onerror=alert(1)>": (
        "&lt;b&gt;x&lt;/b&gt; &amp;amp; &lt;img src=x onerror=alert(1)&gt;"
    ),
    "[x](javascript:alert(1)) javascript:alert(1)": (
        "[x](javascript:alert(1)) javascript:alert(1)"
    ),
    "--ar 3:2 --no fog": "--ar 3:2 --no fog",
}

BLOCKS = {
    "# Big\ntext": "H3 SPAN",
    "-# small": "SMALL",
    "> quoted\n> twice\nnot": "BLOCKQUOTE SPAN",
    "- one\n- two\n1. three": "UL OL",
    "#not a heading": "SPAN",
}


async def test_text_becomes_what_discord_shows(browser: Browser, sandbox: Sandbox) -> None:
    page = await look(browser, sandbox, "mira")
    render = """async (text) => {
        const { markdown } = await import('/page/markdown.js');
        const box = document.createElement('div');
        box.append(...markdown(text));
        document.body.append(box);
        return [box.innerHTML, [...box.children].map((c) => c.tagName).join(' ')];
    }"""
    for text, wanted in SHOWN.items():
        shown, _ = await page.evaluate(render, text)
        bare = shown.removeprefix('<span class="line">').removesuffix("</span>")
        assert wanted in (bare, bare + "</span>"), text
    for text, tags in BLOCKS.items():
        assert (await page.evaluate(render, text))[1] == tags, text
    shown, _ = await page.evaluate(render, "https://example.org/a?b=<c> <t:0:R> ||hidden||")
    assert 'href="https://example.org/a?b="' in shown
    assert 'rel="noopener noreferrer nofollow"' in shown
    assert "years ago" in shown and 'class="spoiler"' in shown
    assert await page.locator("body script, body iframe, body img[onerror]").count() == 0
    assert complaints(page) == []


@pytest.mark.parametrize("length", [2000])
async def test_long_and_nasty_text_is_quick(
    browser: Browser, sandbox: Sandbox, length: int
) -> None:
    page = await look(browser, sandbox, "mira")
    took = """async (text) => {
        const { markdown } = await import('/page/markdown.js');
        const start = performance.now();
        markdown(text);
        return performance.now() - start;
    }"""
    for piece in ("*", "_", "`", "**a", "[", "||", "~~", "<@", "*_", "> ", "- ", "```", "\\"):
        text = (piece * length)[:length]
        assert await page.evaluate(took, text) < 500, piece
