"""Easel's sentences in Chinese, written in simplified characters for readers of every region.

From English templates to Chinese ones with the same fields. Names of flags, models, commands and
files stay as they are typed.
"""

from __future__ import annotations

from core.chinese.answers import ANSWERS
from core.chinese.buttons import BUTTONS
from core.chinese.commands import COMMANDS
from core.chinese.errors import ERRORS
from core.chinese.flags import FLAGS
from core.chinese.gallery import GALLERY
from core.chinese.history import HISTORY
from core.chinese.likeness import LIKENESS
from core.chinese.pages import PAGES
from core.chinese.pictures import PICTURES
from core.chinese.prompts import PROMPTS
from core.chinese.rules import RULES
from core.chinese.settings import SETTINGS
from core.chinese.showcases import SHOWCASES
from core.chinese.statements import STATEMENTS
from core.chinese.stewards import STEWARDS
from core.chinese.suggestions import SUGGESTIONS
from core.chinese.themes import THEMES
from core.chinese.viewing import VIEWING

PARTS = (
    ERRORS,
    PROMPTS,
    FLAGS,
    PICTURES,
    LIKENESS,
    RULES,
    ANSWERS,
    STATEMENTS,
    STEWARDS,
    SUGGESTIONS,
    COMMANDS,
    BUTTONS,
    VIEWING,
    HISTORY,
    SETTINGS,
    SHOWCASES,
    THEMES,
    GALLERY,
    PAGES,
)

CHINESE = {english: own for part in PARTS for english, own in part.items()}
