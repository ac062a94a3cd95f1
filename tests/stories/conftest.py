from __future__ import annotations

from tests.bot import conftest as bots

_discord_py_warnings = bots._discord_py_warnings
