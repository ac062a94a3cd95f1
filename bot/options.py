"""What the assembly may hand to the bot beside the ports."""

from __future__ import annotations

from dataclasses import dataclass

from bot.blender import Mix, no_mix
from bot.ending import Shrink, no_shrink
from bot.ladder import WantsDM
from bot.study import ReadRecord, no_record
from core.advice import Oracle, nobody_answers
from core.album import Album
from core.forgetting import Forgetting
from core.likeness import Likeness
from core.ports import Notices
from core.reports import Reports
from core.showcase import Showcases
from core.themes import Themes
from core.works import Works


@dataclass(frozen=True, slots=True)
class Options:
    """Without one of them the bot has no such part, and says so to whoever asks for it."""

    shrink: Shrink = no_shrink
    wants_dm: WantsDM | None = None
    album: Album | None = None
    notices: Notices | None = None
    reports: Reports | None = None
    showcases: Showcases | None = None
    themes: Themes | None = None
    works: Works | None = None
    likeness: Likeness | None = None
    forgetting: Forgetting | None = None
    ask: Oracle = nobody_answers
    read_record: ReadRecord = no_record
    mix: Mix = no_mix
