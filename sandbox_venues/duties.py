"""What a venue does by the clock, without being asked.

May know: nothing. Promises: a duty knows when it is due next; a venue without duties pays nothing for them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod


class Duty(ABC):
    """Something that comes due again and again, or once. `due_ns` is `None` when it never will any more."""

    due_ns: int | None

    @abstractmethod
    def act(self, now_ns: int) -> None:
        """Do it, and set when it is due next."""
