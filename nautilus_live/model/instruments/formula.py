"""Formulas over named numbers, read by a grammar of their own: nothing in them can run code.

    sum     = product { ("+" | "-") product }
    product = power { ("*" | "/" | "%") power }
    power   = sign [ "^" power ]
    sign    = "-" sign | "+" sign | atom
    atom    = number | name | function "(" sum { "," sum } ")" | "(" sum ")"

A name is one of those given, and the longest that fits: ids of instruments may have `-`, `/` and dots inside. All
arithmetic is in Decimal. A sign binds stronger than a power: `-2^2` is 4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal, DecimalException
from functools import lru_cache

Formula = Callable[[Sequence[Decimal]], Decimal]

_NUMBER = re.compile(r"(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_WORD = re.compile(r"[A-Za-z_]\w*")
_DEPTH_MAX = 50

_OPERATORS: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right,
    "%": lambda left, right: left % right,
    "^": lambda left, right: left**right,
}
_FUNCTIONS: dict[str, tuple[Callable[..., Decimal], int | None]] = {
    "min": (min, None),
    "max": (max, None),
    "abs": (abs, 1),
    "sqrt": (Decimal.sqrt, 1),
    "floor": (lambda value: value.to_integral_value(ROUND_FLOOR), 1),
    "ceil": (lambda value: value.to_integral_value(ROUND_CEILING), 1),
    "round": (lambda value: value.to_integral_value(ROUND_HALF_EVEN), 1),
    "ln": (Decimal.ln, 1),
    "log10": (Decimal.log10, 1),
    "exp": (Decimal.exp, 1),
}
"""Each function with how many arguments it takes; None is one or more."""


def compile_formula(text: str, names: tuple[str, ...]) -> Formula:
    """Return a function from the values of `names`, in their order, to the value of the formula.

    Raises:
        ValueError: if the text is no formula over those names. The function raises it where there is no value, as
            for a division by zero.

    """
    return _compiled(text, names)


@lru_cache(maxsize=256)
def _compiled(text: str, names: tuple[str, ...]) -> Formula:
    reader = _Reader(text, names)
    value = reader.sum()
    reader.end()

    def calculate(values: Sequence[Decimal]) -> Decimal:
        cause: Exception | None = None
        try:
            made = value(values)
            if made.is_finite():
                return made
        except (DecimalException, OverflowError) as error:
            cause = error
        given = ", ".join(f"{name} = {number}" for name, number in zip(names, values, strict=True))
        raise ValueError(f"the formula {text!r} must have a value, had none for {given}") from cause

    return calculate


class _Reader:
    """Reads a formula from left to right; every method returns the function for what it has read."""

    def __init__(self, text: str, names: tuple[str, ...]) -> None:
        self._text = text
        self._place = 0
        self._depth = 0
        spellings = {name: index for index, name in enumerate(names)}
        for index, name in enumerate(names):  # ids with hyphens are also written with underscores
            spellings.setdefault(name.replace("-", "_"), index)
        self._names = sorted(spellings.items(), key=lambda item: -len(item[0]))

    def sum(self) -> Formula:
        return self._chain("+-", self._product)

    def end(self) -> None:
        if self._next():
            raise self._problem("must end here")

    def _product(self) -> Formula:
        return self._chain("*/%", self._power)

    def _chain(self, operators: str, part: Callable[[], Formula]) -> Formula:
        self._depth += 1
        if self._depth > _DEPTH_MAX * 2:
            raise self._problem(f"must not be nested deeper than {_DEPTH_MAX} brackets")
        left = part()
        while (sign := self._next()) and sign in operators:
            self._place += 1
            left = _both(_OPERATORS[sign], left, part())
        self._depth -= 1
        return left

    def _power(self) -> Formula:
        base = self._sign()
        if self._next() != "^":
            return base
        self._place += 1
        return _both(_OPERATORS["^"], base, self._power())

    def _sign(self) -> Formula:
        negative = False
        while (sign := self._next()) and sign in "+-":
            self._place += 1
            negative ^= sign == "-"
        atom = self._atom()
        return (lambda values: -atom(values)) if negative else atom

    def _atom(self) -> Formula:
        if self._next() == "(":
            self._place += 1
            inner = self.sum()
            self._expect(")")
            return inner
        index = self._name()
        if index is not None:
            place = index
            return lambda values: values[place]
        number = _NUMBER.match(self._text, self._place)
        if number:
            self._place = number.end()
            constant = Decimal(number.group())
            return lambda values: constant
        return self._call()

    def _name(self) -> int | None:
        for name, index in self._names:
            end = self._place + len(name)
            if self._text.startswith(name, self._place) and not self._text[end : end + 1].isalnum():
                self._place = end
                return index
        return None

    def _call(self) -> Formula:
        word = _WORD.match(self._text, self._place)
        if word is None or word.group() not in _FUNCTIONS:
            raise self._problem(f"must be a number, a component or one of {', '.join(_FUNCTIONS)}")
        self._place = word.end()
        function, arity = _FUNCTIONS[word.group()]
        self._expect("(")
        arguments = [self.sum()]
        while self._next() == ",":
            self._place += 1
            arguments.append(self.sum())
        self._expect(")")
        if arity is not None and len(arguments) != arity:
            raise self._problem(f"must give {word.group()} {arity} argument(s), were {len(arguments)}")
        return lambda values: function(*(argument(values) for argument in arguments))

    def _next(self) -> str:
        while self._text[self._place : self._place + 1].isspace():
            self._place += 1
        return self._text[self._place : self._place + 1]

    def _expect(self, sign: str) -> None:
        if self._next() != sign:
            raise self._problem(f"must have {sign!r} here")
        self._place += 1

    def _problem(self, rule: str) -> ValueError:
        rest = self._text[self._place :] or "its end"
        return ValueError(f"the formula {self._text!r} {rule}, was {rest}")


def _both(operator: Callable[[Decimal, Decimal], Decimal], left: Formula, right: Formula) -> Formula:
    return lambda values: operator(left(values), right(values))
