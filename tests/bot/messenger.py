"""A Messenger without a Discord behind it: what was sent is kept, what comes back is scripted."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable

from bot.messenger import Found, Post
from core.jobs import Place

UNKNOWN_AFTER_SENDING = "lost"
"""Scripted like an error: the call takes effect, and then its answer is lost."""

MIB = 1024 * 1024


class FakeMessenger:
    """`calls` has (kind, place, post) in order. `will(kind, *results)` scripts what the next calls
    of a kind do: an error is raised, None goes well.

    `messages` are the final messages as a channel would show them, by id; a post with a nonce seen
    before shows no new one, as with Discord.
    """

    def __init__(self) -> None:
        self.calls: list[tuple[str, object, Post]] = []
        self.messages: dict[int, Post] = {}
        self.nonces: dict[str, int] = {}
        self.replies: list[int] = []
        self.found: Found | None = None
        self.searched: list[tuple[int, str, float]] = []
        self.limit = 10 * MIB
        self.before_call: Callable[[str], None] = lambda kind: None
        self._script: dict[str, deque[Exception | str | None]] = defaultdict(deque)
        self._next_id = 900

    def will(self, kind: str, *results: Exception | str | None) -> None:
        self._script[kind].extend(results)

    def kinds(self) -> list[str]:
        return [kind for kind, _, _ in self.calls]

    def _call(self, kind: str, place: object, post: Post, effect: Callable[[], int]) -> int:
        self.calls.append((kind, place, post))
        self.before_call(kind)
        result = self._script[kind].popleft() if self._script[kind] else None
        if isinstance(result, Exception):
            raise result
        message_id = effect()
        if result == UNKNOWN_AFTER_SENDING:
            raise TimeoutError
        return message_id

    def _put(self, message_id: int, post: Post) -> int:
        self.messages[message_id] = post
        return message_id

    async def edit_by_token(self, token: str, post: Post) -> int:
        return self._call("token", token, post, lambda: self._put(500, post))

    async def edit(self, channel_id: int, message_id: int, post: Post) -> int:
        place = (channel_id, message_id)
        return self._call("edit", place, post, lambda: self._put(message_id, post))

    async def post(
        self, channel_id: int, post: Post, *, nonce: str, reply_to: int = 0, server_id: int = 0
    ) -> int:
        self.replies.append(reply_to)

        def effect() -> int:
            if nonce not in self.nonces:
                self._next_id += 1
                self.nonces[nonce] = self._put(self._next_id, post)
            return self.nonces[nonce]

        return self._call("post", channel_id, post, effect)

    async def direct(self, user_id: int, post: Post, *, nonce: str) -> int:
        return self._call("direct", user_id, post, lambda: self._put(700, post))

    async def find(self, channel_id: int, job_id: str, since: float) -> Found | None:
        self.searched.append((channel_id, job_id, since))
        if self._script["find"]:
            result = self._script["find"].popleft()
            if isinstance(result, Exception):
                raise result
        return self.found

    def upload_limit(self, place: Place, configured: int) -> int:
        return min(self.limit, configured)
