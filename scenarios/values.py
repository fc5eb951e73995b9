"""The kinds of values a scenario file is written with: times, numbers, names.

May know: text and decimals. A value is read from text once, here, and refused with a rule and the value; msgspec adds
the path. Quantities and prices are written as strings, because `1.000` as a TOML number has already lost its digits.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from msgspec import Meta

NANOSECONDS: dict[str, int] = {
    "h": 3_600_000_000_000,
    "m": 60_000_000_000,
    "s": 1_000_000_000,
    "ms": 1_000_000,
    "us": 1_000,
    "ns": 1,
}
_PIECE = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s|us|ns)")

Text = Annotated[str, Meta(min_length=1)]
Times = Annotated[int, Meta(ge=1)]


class Time(int):
    """A span of virtual time in nanoseconds, written `250ms`, `1.5s`, `1m30s` or `2h`."""

    @classmethod
    def parse(cls, text: object) -> Time:
        """Return the time written as `text`.

        Raises:
            ValueError: if it is not written so, or is no whole number of nanoseconds.

        """
        rule = f"a time must be written like 250ms, 1.5s, 1m30s or 2h, was {text!r}"
        if not isinstance(text, str) or not text:
            raise ValueError(rule)
        total, position = Decimal(0), 0
        for piece in _PIECE.finditer(text):
            if piece.start() != position:
                raise ValueError(rule)
            total += Decimal(piece[1]) * NANOSECONDS[piece[2]]
            position = piece.end()
        if position != len(text):
            raise ValueError(rule)
        if total != int(total):
            raise ValueError(f"a time must be a whole number of nanoseconds, was {text!r}")
        return cls(int(total))

    def __str__(self) -> str:
        """Write the time in its largest units: `1m30s`."""
        left, pieces = int(self), []
        for unit, size in NANOSECONDS.items():
            count, left = divmod(left, size)
            if count:
                pieces.append(f"{count}{unit}")
        return "".join(pieces) or "0s"

    @property
    def seconds(self) -> float:
        """The time in seconds."""
        return int(self) / NANOSECONDS["s"]


class Offset(int):
    """A signed span of time in nanoseconds: `2s`, `-500ms`."""

    @classmethod
    def parse(cls, text: object) -> Offset:
        """Return the offset written as `text`.

        Raises:
            ValueError: as `Time.parse` does.

        """
        if isinstance(text, str) and text[:1] in ("-", "+"):
            span = Time.parse(text[1:])
            return cls(-span if text[0] == "-" else span)
        return cls(Time.parse(text))

    def __str__(self) -> str:
        return ("-" if self < 0 else "") + str(Time(abs(self)))


class Number(Decimal):
    """A finite number with the decimal places it is written with: a price, a signed quantity."""

    @classmethod
    def parse(cls, text: object) -> Number:
        """Return the number written as `text` (a string, or a whole number).

        Raises:
            ValueError: if it is no finite number, or a float.

        """
        if isinstance(text, float):
            raise ValueError(f'a number with decimal places must be written in quotes, was {text} (write "{text}")')
        if not isinstance(text, str | int | Decimal) or isinstance(text, bool):
            raise ValueError(f"a number must be a string such as '1.000', was {text!r}")
        try:
            number = cls(text)
        except InvalidOperation:
            raise ValueError(f"a number must be written like '1.000', was {text!r}") from None
        if not number.is_finite():
            raise ValueError(f"a number must be finite, was {text!r}")
        return number

    def __str__(self) -> str:
        return format(Decimal(self), "f")


class Size(Number):
    """A number greater than zero: a quantity."""

    @classmethod
    def parse(cls, text: object) -> Size:
        """Return the quantity written as `text`.

        Raises:
            ValueError: if it is no number greater than zero.

        """
        number = cls(Number.parse(text))
        if number <= 0:
            raise ValueError(f"a quantity must be greater than zero, was {text!r}")
        return number


PARSED: tuple[Any, ...] = (Time, Offset, Size, Number)


def parse_value(kind: type, value: object) -> Any:
    """Read a value of one of our own kinds; msgspec calls this for types it does not know."""
    if kind in PARSED:
        return value if type(value) is kind else kind.parse(value)  # type: ignore[attr-defined]  # all PARSED do
    raise NotImplementedError(f"a scenario file has no values of type {kind}")
