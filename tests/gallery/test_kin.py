"""The family of a picture as a tree."""

from __future__ import annotations

from dataclasses import replace

from markupsafe import Markup

from core.archive import Family
from core.jobs import Job, Parent
from core.request import Kind
from gallery.pages.kin import Kin, grown
from gallery.pages.tiles import Tile
from tests.builders import job, request


def tile(job_id: str) -> Tile:
    return Tile(
        id=f"{job_id}-1",
        href="",
        full="",
        thumb="",
        thumbs="",
        sizes="",
        shape="",
        width=128,
        height=128,
        words=job_id,
        by="ada",
        likes=0,
        badge=Markup(""),
        badge_icon="",
    )


def made(job_id: str, parent: str = "", kind: Kind = Kind.VARIATION) -> Job:
    of = replace(request(), kind=kind if parent else Kind.IMAGINE)
    return job(job_id, request=of, parent=Parent(parent, 1) if parent else None)


def drawn(nodes: list[Kin]) -> str:
    """A tree in one line: a(b(c) d)."""
    return " ".join(
        node.tiles[0].words + (f"({drawn(node.children)})" if node.children else "")
        for node in nodes
    )


def tree(*jobs: Job, seen: str) -> str:
    family = Family(jobs=jobs, chosen=jobs[0].id)
    return drawn(grown(family, {id: [tile(id)] for id in seen}))


def test_what_was_made_hangs_below_what_it_was_made_of() -> None:
    jobs = made("a"), made("b", "a"), made("c", "b"), made("d", "a")
    assert tree(*jobs, seen="abcd") == "a(b(c) d)"


def test_a_picture_that_was_picked_out_is_the_grids() -> None:
    jobs = made("a"), made("u", "a", Kind.UPSCALE), made("b", "u")
    assert tree(*jobs, seen="ab") == "a(b)"


def test_what_is_not_shown_ties_nobody_together() -> None:
    jobs = made("a"), made("b", "a"), made("c", "b"), made("d", "c")
    assert tree(*jobs, seen="acd") == "a c(d)"
    assert tree(*jobs, seen="") == ""


def test_who_came_from_outside_of_the_family_stands_first() -> None:
    jobs = made("b", "gone"), made("c", "b")
    assert tree(*jobs, seen="bc") == "b(c)"


def test_each_says_how_it_was_made() -> None:
    jobs = made("a"), made("b", "a", Kind.REROLL), made("c", "a")
    family = Family(jobs=jobs, chosen="a")
    root = grown(family, {one.id: [tile(one.id)] for one in jobs})[0]
    assert [root.title, *(child.title for child in root.children)] == [
        "Imagined",
        "Once more",
        "Variations",
    ]
