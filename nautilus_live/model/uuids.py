"""Ids of events, commands and requests as authors see them.

An id is a text. New ones are random (version 4) UUIDs, drawn from the source of the node; what the node makes itself,
it numbers instead (`PREFIX-1`, `PREFIX-2`, ...): as unique, the same in every replay, and at a tenth of the price.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Self


class UUID4(str):
    """An id. `UUID4()` is a new random one; `UUID4.from_str(text)` is the one written as `text`.

    It is a text and equal to any other of the same characters.

    Raises:
        ValueError: if a new one is asked for and there is no source of chance.

    """

    __slots__ = ()

    source: ClassVar[Callable[[], str] | None] = None
    """Returns a random UUID as text. A node sets it to its own, so that a simulation draws from its seed."""

    def __new__(cls) -> Self:
        """Return a new random id."""
        source = UUID4.source
        if source is None:
            raise ValueError("UUID4() must have a source of chance, which a node brings, had none")
        return str.__new__(cls, source())

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return UUID4.from_str, (str(self),)

    @staticmethod
    def from_str(value: str) -> UUID4:
        """Return the id written as `value`: a UUID, or one of the node's own.

        Raises:
            ValueError: if it is empty or has spaces.

        """
        if not value or not value.isprintable() or " " in value:
            raise ValueError(f"an id must be a printable text without spaces, was {value!r}")
        return str.__new__(UUID4, value)

    @property
    def value(self) -> str:
        """The id as a plain text."""
        return str(self)

    def to_str(self) -> str:
        """Return the id as a plain text."""
        return str(self)

    def __str__(self) -> str:
        return str.__str__(self)

    def __repr__(self) -> str:
        return f"UUID4('{self}')"
