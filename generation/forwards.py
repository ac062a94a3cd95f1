"""Makes calls of models, several as one where they have a key in common."""

# pyright: basic
from __future__ import annotations

import logging
import traceback
from collections.abc import Sequence
from typing import Any

from generation.answers import cut, joined
from generation.faults import is_out_of_memory
from generation.grouping import Call, UnfitError, merged
from generation.models import free_memory
from generation.parked import Parked
from generation.ride import Setting
from generation.twins import Twins

log = logging.getLogger(__name__)


class Forwards:
    """What the device's thread computes with; of that thread alone."""

    def __init__(self) -> None:
        self._alone: set[str] = set()
        """What gave answers that could not be cut."""
        self._setting: Setting | None = None
        self._twins = Twins()

    def answers(self, group: Sequence[Parked]) -> list[Any]:
        """Those of one forward, if it can be one. Raises what the model raises."""
        if group[0].function is not None:
            return [one.function() for one in group if one.function is not None]
        calls = [one.call for one in group if one.call is not None]
        asked = group[0].asked
        assert asked is not None
        run, shape = self._twins.runner(asked), calls[0].shape
        name = calls[0].key.size.name
        if len(calls) == 1 or shape is None or name in self._alone:
            return [run(call.arguments, call.named) for call in calls]
        answer = run((), merged(calls))
        try:
            return cut(answer, [call.rows for call in calls], lists=shape.lists)
        except UnfitError as error:
            log.info("%s is not shared: %s", name, error)
            self._alone.add(name)
            return self.answers(group)

    def use(self, setting: Setting | None) -> None:
        """Switches the models to a task's setting, and off that of another."""
        before = self._setting
        if (before and before.name) == (setting and setting.name):
            return
        self._setting = None
        if before is not None:
            before.leave()
        if setting is not None:
            setting.enter()
        self._setting = setting

    def in_halves(self, parked: Parked, call: Call) -> Any:
        """The answer made of those to halves of its rows, halved again where they do not fit."""
        assert parked.asked is not None and call.shape is not None
        run = self._twins.runner(parked.asked)
        answers = []
        middle = call.rows // 2
        for part in (call.part(0, middle), call.part(middle, call.rows)):
            try:
                answers.append(run((), part.named))
            except Exception as error:
                if not is_out_of_memory(error) or part.rows == 1:
                    raise
                traceback.clear_frames(error.__traceback__)
                free_memory()
                answers.append(self.in_halves(parked, part))
        return joined(answers, lists=call.shape.lists)
