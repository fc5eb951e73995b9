"""How a run in virtual time ends badly: each is a finding, not a wait. Knows nothing."""

from __future__ import annotations


class Deadlock(RuntimeError):
    """Nothing is scheduled and the main future is not done: no callback can ever run again."""


class EndOfTime(RuntimeError):
    """The next deadline lies beyond the time limit of the run."""


class Livelock(RuntimeError):
    """Callbacks keep scheduling callbacks and virtual time stands still."""


class Escape(BaseException):
    """Something reached out of the simulation. Not an `Exception`, so that no `except Exception` can hide it."""
