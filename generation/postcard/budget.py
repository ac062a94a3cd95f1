"""How much training a stage gets: minutes on a clock, or a number of steps."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Minutes:
    """Ends by the clock: as good as the time and the machine allow."""

    minutes: float

    def done(self, seconds: float, step: int) -> float:
        """Share of the budget that is spent, 1 or more when it is all gone."""
        return seconds / (self.minutes * 60)


@dataclass(frozen=True, slots=True)
class Steps:
    """Ends by count: as good on a busy machine as on an idle one, only later."""

    steps: int

    def done(self, seconds: float, step: int) -> float:
        """Share of the budget that is spent, 1 or more when it is all gone."""
        return step / self.steps


Budget = Minutes | Steps
