"""Checks of arguments, under the names that published strategies call them by.

Each raises what a caller can act on, with the name of the parameter and its value, or the exception type asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping
from typing import Any

_Error = type[Exception] | None


class PyCondition:
    """The checks. All raise `ValueError`, `TypeError` (wrong kind of thing) or `KeyError` (not in a collection)."""

    @staticmethod
    def is_true(predicate: bool, fail_msg: str, ex_type: _Error = None) -> None:
        """Require that `predicate` holds."""
        if not predicate:
            raise (ex_type or ValueError)(fail_msg)

    @staticmethod
    def is_false(predicate: bool, fail_msg: str, ex_type: _Error = None) -> None:
        """Require that `predicate` does not hold."""
        if predicate:
            raise (ex_type or ValueError)(fail_msg)

    @staticmethod
    def none(argument: object, param: str, ex_type: _Error = None) -> None:
        """Require None."""
        _require(argument is None, TypeError, ex_type, f"{param} must be None", argument)

    @staticmethod
    def not_none(argument: object, param: str, ex_type: _Error = None) -> None:
        """Require anything but None."""
        _require(argument is not None, TypeError, ex_type, f"{param} must not be None", argument)

    @staticmethod
    def type(argument: object, expected: Any, param: str, ex_type: _Error = None) -> None:
        """Require an instance of `expected`, a type or a tuple of types."""
        _require(isinstance(argument, expected), TypeError, ex_type, f"{param} must be of {_name(expected)}", argument)

    @staticmethod
    def type_or_none(argument: object, expected: Any, param: str, ex_type: _Error = None) -> None:
        """Require an instance of `expected`, or None."""
        if argument is not None:
            PyCondition.type(argument, expected, param, ex_type)

    @staticmethod
    def callable(argument: object, param: str, ex_type: _Error = None) -> None:
        """Require something that can be called."""
        _require(callable(argument), TypeError, ex_type, f"{param} must be callable", argument)

    @staticmethod
    def callable_or_none(argument: object, param: str, ex_type: _Error = None) -> None:
        """Require something that can be called, or None."""
        if argument is not None:
            PyCondition.callable(argument, param, ex_type)

    @staticmethod
    def equal(argument1: object, argument2: object, param1: str, param2: str, ex_type: _Error = None) -> None:
        """Require that two values are equal."""
        _require(argument1 == argument2, ValueError, ex_type, f"{param1} must equal {param2} {argument2!r}", argument1)

    @staticmethod
    def not_equal(argument1: object, argument2: object, param1: str, param2: str, ex_type: _Error = None) -> None:
        """Require that two values differ."""
        _require(argument1 != argument2, ValueError, ex_type, f"{param1} must not equal {param2}", argument1)

    @staticmethod
    def list_type(argument: list[Any], expected_type: Any, param: str, ex_type: _Error = None) -> None:
        """Require that every item is an instance of `expected_type`."""
        for item in argument:
            _require(
                isinstance(item, expected_type), TypeError, ex_type, f"{param} must hold {_name(expected_type)}", item
            )

    @staticmethod
    def dict_types(
        argument: Mapping[Any, Any], key_type: Any, value_type: Any, param: str, ex_type: _Error = None
    ) -> None:
        """Require that every key and value is an instance of its type."""
        for key, value in argument.items():
            _require(isinstance(key, key_type), TypeError, ex_type, f"{param} must have keys {_name(key_type)}", key)
            _require(
                isinstance(value, value_type),
                TypeError,
                ex_type,
                f"{param} must have values {_name(value_type)}",
                value,
            )

    @staticmethod
    def is_in(element: object, collection: Container[Any], param1: str, param2: str, ex_type: _Error = None) -> None:
        """Require that `element` is in `collection`."""
        _require(element in collection, KeyError, ex_type, f"{param1} must be in {param2}", element)

    @staticmethod
    def not_in(element: object, collection: Container[Any], param1: str, param2: str, ex_type: _Error = None) -> None:
        """Require that `element` is not in `collection`."""
        _require(element not in collection, KeyError, ex_type, f"{param1} must not be in {param2}", element)

    @staticmethod
    def empty(argument: Collection[Any], param: str, ex_type: _Error = None) -> None:
        """Require an empty collection."""
        _require(not len(argument), ValueError, ex_type, f"{param} must be empty", argument)

    @staticmethod
    def not_empty(argument: Collection[Any], param: str, ex_type: _Error = None) -> None:
        """Require a collection with something in it."""
        _require(bool(len(argument)), ValueError, ex_type, f"{param} must not be empty", argument)

    @staticmethod
    def positive(value: float, param: str, ex_type: _Error = None) -> None:
        """Require a number above zero."""
        _require(value > 0, ValueError, ex_type, f"{param} must be positive", value)

    positive_int = positive

    @staticmethod
    def not_negative(value: float, param: str, ex_type: _Error = None) -> None:
        """Require a number of zero or more."""
        _require(value >= 0, ValueError, ex_type, f"{param} must not be negative", value)

    not_negative_int = not_negative

    @staticmethod
    def in_range(value: float, start: float, end: float, param: str, ex_type: _Error = None) -> None:
        """Require a number from `start` to `end`, both included."""
        _require(start <= value <= end, ValueError, ex_type, f"{param} must be from {start} to {end}", value)

    in_range_int = in_range

    @staticmethod
    def valid_string(argument: str, param: str, ex_type: _Error = None) -> None:
        """Require a text with something to read in it."""
        good = isinstance(argument, str) and bool(argument.strip())
        _require(good, ValueError, ex_type, f"{param} must be a text that is not blank", argument)


def _require(holds: bool, kind: type[Exception], wanted: _Error, rule: str, value: object) -> None:
    if not holds:
        raise (wanted or kind)(f"{rule}, was {value!r}")


def _name(expected: Any) -> str:
    if isinstance(expected, tuple):
        return " or ".join(map(_name, expected))
    name: str = getattr(expected, "__name__", str(expected))
    return name
