"""Decimals that go with floats: what authors read and calculate on with floats of their own (indicators, factors).

The numbers of the model are exact. An author multiplies an average price by 1.02, or takes an indicator's value off it,
and a `Decimal` would refuse that. A `Figure` is the same number, and gives a float where a float takes part, because a
float has already lost its digits; with everything else it is the Decimal that it is.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any


class Figure(Decimal):
    """A Decimal whose arithmetic with a float gives a float."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Figure('{self}')"


def _with_floats(name: str) -> Callable[[Figure, Any], Any]:
    exact: Callable[..., Any] = getattr(Decimal, name)
    rough: Callable[..., Any] = getattr(float, name)

    def operate(self: Figure, other: Any) -> Any:
        return rough(float(self), other) if isinstance(other, float) else exact(self, other)

    operate.__name__ = name
    return operate


for _operator in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow"):
    for _name in (f"__{_operator}__", f"__r{_operator}__"):
        setattr(Figure, _name, _with_floats(_name))


def figure_or_none(value: Decimal | None) -> Figure | None:
    """Return a number as a figure; None stays None."""
    return None if value is None else Figure(value)


def read_as_figures(kind: type, *names: str) -> None:
    """Let fields of a struct that are Decimals be read as figures; what is stored and compared stays as it is."""
    for name in names:
        setattr(kind, name, _figure_of(name, vars(kind)[name].__get__))


def _figure_of(name: str, read: Callable[[object], Decimal | None]) -> property:
    def field(self: object) -> Figure | None:
        return figure_or_none(read(self))

    field.__doc__ = f"The field `{name}` as a figure."
    return property(field)
