"""A small Discord on loopback: for trying the bot without an account, and for tests over sockets.

    async with Sandbox() as sandbox:
        ...  # point discord.py at sandbox.api_url, sandbox.gateway_url and sandbox.cdn_url

Standard library and aiohttp only; nothing here knows the bot.
"""

from sandbox.app import TOKEN, Sandbox
from sandbox.client import SandboxClient, SandboxError

__all__ = ["TOKEN", "Sandbox", "SandboxClient", "SandboxError"]
