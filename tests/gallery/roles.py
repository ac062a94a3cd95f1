"""Eight kinds of people, six states of a picture, and what the gallery answers each of them."""

from __future__ import annotations

from dataclasses import replace

import httpx
from starlette.applications import Starlette

from core.allowance import House
from core.collections import Collection
from core.jobs import Owner
from core.membership import Standing
from core.reports import NewReport
from core.showcase import Showcase
from core.themes import Phase, Theme
from core.works import Showing, read_id, work_id
from gallery import csrf
from gallery.ask import Cookie, Way
from gallery.deps import Deps
from sandbox.pictures import plain_png
from storage.opening import Storage
from tests.builders import ADA, BO, CHANNEL, FakeClock
from tests.fakes.memory_membership import MemoryMembership
from tests.gallery.makers import made

HERE, THERE = CHANNEL.server_id, 11
OPERATOR = Owner(58, "otto")

ROLES: dict[str, Owner | None] = {
    "anonymous": None,
    "stranger": Owner(51, "sam"),
    "member": Owner(52, "mia"),
    "owner": ADA,
    "moderator": Owner(54, "max"),
    "admin": Owner(55, "amy"),
    "admin of another server": Owner(56, "una"),
    "operator": OPERATOR,
}

STANDINGS = {
    ("member", HERE): Standing(member=True),
    ("owner", HERE): Standing(member=True),
    ("moderator", HERE): Standing(member=True, moderates=True),
    ("admin", HERE): Standing(member=True, administers=True),
    ("admin of another server", THERE): Standing(member=True, moderates=True, administers=True),
}

STATES = ("public", "server", "unlisted", "private", "age-rated", "deleted")

MASK = plain_png(128, 96, (255, 255, 255))
FIELDS: dict[str, dict[str, str]] = {
    "showing": {"showing": "unlisted"},
    "report": {"reason": "It shows me."},
    "repaint": {"ticket": "{count:024x}", "words": "bottom"},
    "demand": {"reason": "It shows me.", "contact": "me@example.org"},
    "collect": {"name": "Lamps {count}"},
    "make_collection": {"name": "Lamps {count}"},
    "change_collection": {"name": "Lighthouses", "showing": "private"},
    "admin-dismiss": {"why": "All is well."},
    "admin-take-down": {"why": "A real person."},
    "admin-showcase": {"topic": "lamps", "likes": "5"},
    "admin-showcase-remove": {"sure": "1"},
    "age_rated": {"adult": "off"},
}
"""What a form must say so that only rights can be wrong with it."""


ONCE = ("delete", "showing", "report", "demand")
"""What cannot be done with one picture over and over."""


class Town:
    """A gallery in which all of them meet; `answer` is what one of them gets at a way."""

    def __init__(self, app: Starlette, deps: Deps, storage: Storage, clock: FakeClock) -> None:
        self._app = app
        self._deps = deps
        self._storage = storage
        self._clock = clock
        self._secrets: dict[str, str] = {}
        self._works: dict[str, str] = {}
        self._count = 0

    @staticmethod
    def settle(town: MemoryMembership) -> None:
        town.names |= {HERE: "Harbour", THERE: "North"}
        for (role, server_id), standing in STANDINGS.items():
            person = ROLES[role]
            assert person is not None
            town.standings[person.id, server_id] = standing

    async def open(self) -> None:
        await self._storage.rules.change_house(
            HERE,
            lambda house: replace(house or House(), gallery=Showing.PUBLIC),
            by=BO,
            now=self._clock.now(),
        )
        for role, person in ROLES.items():
            if person is not None:
                self._secrets[role] = await self._deps.visitors.doorkeeper.enter(person)
        for state in STATES:
            self._works[state] = await self.work(state)

    async def work(self, state: str) -> str:
        """The name of a new picture of the owner's in that state."""
        job = await made(self._storage, at=self._clock.now() - 60, message_id=55)
        id = work_id(job.id, 1)
        if state == "deleted":
            await self._storage.album.delete(job.id, self._clock.now())
        else:
            rated = state == "age-rated"
            showing = Showing.PUBLIC if rated else Showing(state)
            await self._storage.works.show(id, showing, age_rated=rated)
        return id

    async def answer(self, role: str, way: Way, state: str) -> str:
        """One letter: see `tests/gallery/test_rights.py`."""
        # Nobody is held up for asking much, and no viewer is remembered from before a change.
        self._clock.advance(900)
        self._count += 1
        picture = self._works[state]
        path = way.path.replace("{work}", picture)
        for part, value in (await self._parts(path, state)).items():
            path = path.replace(part, value)
        assert "{" not in path, f"say in tests/gallery/roles.py what stands for {path}"
        letter = await self._ask(role, way, path, picture)
        if letter == "+" and way.name in ONCE:
            self._works[state] = await self.work(state)
        if way.name == "logout" and (person := ROLES[role]) is not None:
            self._secrets[role] = await self._deps.visitors.doorkeeper.enter(person)
        return letter

    async def _ask(self, role: str, way: Way, path: str, picture: str) -> str:
        secret = self._secrets.get(role, "v" * 43)
        cookie = Cookie.VISITOR if role == "anonymous" else Cookie.SESSION
        headers = {"cookie": f"{cookie}={secret}", "origin": self._deps.site.url}
        transport = httpx.ASGITransport(app=self._app, client=("127.0.0.1", 50000))
        async with httpx.AsyncClient(transport=transport, base_url=self._deps.site.url) as http:
            if way.method == "GET":
                return _letter(await http.get(path, headers=headers))
            fields = {"csrf": csrf.token(secret)}
            for name, value in FIELDS.get(way.name, {}).items():
                fields[name] = value.format(count=self._count)
            if way.name == "demand":
                fields["picture"] = f"{self._deps.site.url}/p/{picture}"
            files = {"mask": ("mask.png", MASK, "image/png")} if way.most_files else None
            return _letter(await http.post(path, data=fields, files=files, headers=headers))

    async def _parts(self, path: str, state: str) -> dict[str, str]:
        parts = {
            "{side:int}": "320",
            "{person:int}": str(ADA.id),
            "{server:int}": str(HERE),
            "{member:int}": str(ADA.id),
            "{span}": "week",
            "{language}": "zh",
            "{job}": self._works["server"].partition("-")[0],
        }
        if "{report:int}" in path:
            parts["{report:int}"] = str(await self._report())
        if "{showcase:int}" in path:
            parts["{showcase:int}"] = str(await self._showcase())
        if "{theme:int}" in path:
            parts["{theme:int}"] = str(await self._theme(state))
        if "{collection}" in path:
            parts["{collection}"] = await self._collection(state)
        return parts

    async def _report(self) -> int:
        job = await made(self._storage)
        new = NewReport(
            server_id=HERE, job_id=job.id, number=1, owner_id=ADA.id, by=BO, reason="It is mine."
        )
        return (await self._storage.reports.add(new, self._clock.now())).id

    async def _showcase(self) -> int:
        self._count += 1
        new = Showcase(id=0, server_id=HERE, channel_id=1000 + self._count, topic="boats", likes=3)
        return (await self._storage.showcases.add(new, by=BO, now=self._clock.now())).id

    async def _theme(self, state: str) -> int:
        """One that is over, and in which the picture of that state was entered."""
        now, themes = self._clock.now(), self._storage.themes
        new = Theme(
            id=0,
            server_id=HERE,
            channel_id=CHANNEL.channel_id,
            words="lighthouses",
            starts_at=now - 3,
            votes_from=now - 2,
            ends_at=now - 1,
        )
        theme = await themes.start(new, by=BO, now=now - 3)
        job_id, number = read_id(self._works[state])
        if state != "deleted":
            await themes.enter(theme.id, job_id, number, lambda *_: None, now=now - 3)
        await themes.turn(theme.id, Phase.VOTING)
        await themes.turn(theme.id, Phase.OVER)
        return theme.id

    async def _collection(self, state: str) -> str:
        self._count += 1
        kinds = {"public": Showing.PUBLIC, "unlisted": Showing.UNLISTED}
        new = Collection(
            id=f"{self._count:020x}",
            owner=ADA,
            name=f"Boats {self._count}",
            showing=kinds.get(state, Showing.PRIVATE),
            created_at=self._clock.now(),
            changed_at=self._clock.now(),
        )
        # One at a time: a person has only so many.
        for old in await self._storage.collections.of(ADA.id):
            await self._storage.collections.remove(old.id)
        return (await self._storage.collections.make(new)).id


def _letter(answer: httpx.Response) -> str:
    if answer.status_code == 303 and answer.headers["location"].startswith("/login?"):
        return "L"
    if answer.status_code == 403 and "Log in first; then try again." in answer.text:
        return "L"
    known = {200: "+", 303: "+", 400: "!", 403: "x", 404: "-", 410: "g"}
    return known.get(answer.status_code, f"[{answer.status_code}]")
