"""Ids of events and commands.

Knows nothing but a prefix and a count. Promises ids that are unique as long as prefixes are: whoever makes a node gives
it a prefix that no earlier start had (its start time, its instance id).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def short_text(number: int) -> str:
    """Return a number >= 0 in base 36: an id is kept in memory with every event, so each character of it counts."""
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = DIGITS[digit] + text
    return text or "0"


class EventIds:
    """Makes ids `PREFIX-1`, `PREFIX-2`, ... at a fraction of the price of random ones, and the same in every replay.

    Attributes:
        next: returns the next id.

    """

    __slots__ = ("next",)

    def __init__(self, prefix: str) -> None:
        if not prefix:
            raise ValueError(f"an id prefix must not be empty, was {prefix!r}")
        # Several of these are made per order: an iterator of the interpreter's own has no Python frame in it.
        template = prefix.replace("%", "%%") + "-%d"
        self.next: Callable[[], str] = map(template.__mod__, count(1)).__next__
