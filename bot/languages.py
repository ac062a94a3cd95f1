"""The commands' descriptions in Easel's languages. Their names stay as everybody types them."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.app_commands import TranslationContextLocation as Location

from core.sentences import Sentence, in_language

NAMES = frozenset(
    {Location.command_name, Location.group_name, Location.parameter_name, Location.other}
)


def described(text: str) -> Sentence:
    """A description as a sentence: its text is the template."""
    return Sentence(text.replace("{", "{{").replace("}", "}}"), {})


class Descriptions(app_commands.Translator):
    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """None: there is nothing but the English."""
        told = in_language(described(string.message), locale.value)
        if isinstance(context.data, app_commands.ContextMenu):
            # Nobody types the name of an entry of a menu.
            return told if told != string.message else None
        if context.location in NAMES:
            return None
        return told if told != string.message else None
