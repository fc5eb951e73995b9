"""The checks of single values: numbers, texts, enumerations, identifiers, secrets, nested configurations.

A `Check` takes whatever was given (a Python value, or what JSON and TOML can express), returns the value as its
annotation means it, and notes every problem it finds instead of stopping at the first.

What is accepted beyond the exact type, and nothing else: a text for anything with `from_str` (identifiers, prices),
an enumeration's member by name, an integer or a decimal for a number, a whole number for an integer, a text or a number
for a decimal, `module:Name` for a type, a table for a nested configuration. True is not an integer, and not-a-number is
not a number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

import msgspec

from nautilus_live.errors import Problem
from nautilus_live.secrets import HIDDEN, Secret

Problems = list[Problem]

_REFUSALS = (ValueError, TypeError, ArithmeticError, msgspec.ValidationError)


class Check:
    """What one annotation demands: `noun` says it in words, `run` does it."""

    __slots__ = ("noun", "run")

    def __init__(self, noun: str, run: Callable[[Any, Problems], Any]) -> None:
        self.noun = noun
        self.run = run


class Rule:
    """A demand that no type expresses, for use in `Annotated[str, Rule("a rate ...", read_rate)]`.

    Args:
        noun: what the value must be, in words.
        convert: returns the value in its final form; raises ValueError if it is not what `noun` says.
        shown: whether a refused value may be shown; not where a secret may be part of it.

    """

    __slots__ = ("convert", "noun", "shown")

    def __init__(self, noun: str, convert: Callable[[Any], Any], *, shown: bool = True) -> None:
        self.noun = noun
        self.convert = convert
        self.shown = shown


class Refused(ValueError):
    """A value was refused for a reason more telling than the noun of its check."""

    def __init__(self, rule: str, hint: str = "") -> None:
        super().__init__(rule)
        self.rule = rule
        self.hint = hint


def leaf(noun: str, convert: Callable[[Any], Any]) -> Check:
    """Return a check of one indivisible value; `convert` returns its final form, or raises one of `_REFUSALS`."""

    def run(value: Any, problems: Problems) -> Any:
        try:
            return convert(value)
        except Refused as error:
            problems.append(Problem("", error.rule, value, error.hint))
        except _REFUSALS:
            problems.append(Problem("", f"must be {noun}", value))
        return None

    return Check(noun, run)


def nest(problems: Problems, mark: int, parent: str) -> None:
    """Move the problems noted since `mark` one level down, under `parent`."""
    for index in range(mark, len(problems)):
        problems[index] = problems[index].under(parent)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean X?` for the known word that `word` resembles, or nothing."""
    import difflib  # Only ever needed on the way to an error.

    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {found[0]!r}?" if found else ""


def resolve_path(path: str) -> Any:
    """Return what `path`, written `module:Name`, names.

    Raises:
        ValueError: if it is not written so, or nothing of that name exists.

    """
    import importlib

    module_name, colon, name = path.partition(":")
    if not (module_name and colon and name):
        raise Refused("must be a path MODULE:NAME")
    try:
        found: Any = importlib.import_module(module_name)
        for part in name.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise Refused(f"must name something that exists ({error})") from error
    return found


def path_of(named: type) -> str:
    """Return the path `module:Name` of a class: the opposite of `resolve_path`."""
    return f"{named.__module__}:{named.__qualname__}"


def value_check(annotation: Any) -> Check:
    """Return the check of an annotation that is not made of others."""
    if annotation is Any or annotation is object:
        return Check("anything", lambda value, problems: value)
    if annotation is None or annotation is type(None):
        return leaf("nothing", _convert_none)
    if annotation in _PLAIN:
        return leaf(*_PLAIN[annotation])
    if isinstance(annotation, type):
        return _class_check(annotation)
    return leaf(f"a {annotation}", lambda value: msgspec.convert(value, annotation))


# --- Plain values ---------------------------------------------------------------------------------------------------


def _convert_none(value: Any) -> None:
    if value is not None:
        raise ValueError


def _convert_bool(value: Any) -> bool:
    if type(value) is not bool:
        raise ValueError
    return value


def _convert_int(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool | Enum):
        return value
    if not isinstance(value, float | Decimal) or not math.isfinite(value) or value % 1:
        raise ValueError
    return int(value)


def _convert_float(value: Any) -> float:
    if isinstance(value, bool | Enum) or not isinstance(value, int | float | Decimal):
        raise ValueError
    number = float(value)
    if number - number != 0.0:  # Infinite, or not a number at all: no interval, limit or tolerance can be either.
        raise ValueError
    return value if type(value) is float else number


def _convert_decimal(value: Any) -> Decimal:
    if isinstance(value, bool | Enum) or not isinstance(value, Decimal | int | float | str):
        raise ValueError
    # A float means its shortest text: 1e-4 is one ten-thousandth here, not the binary number next to it.
    number = value if isinstance(value, Decimal) else Decimal(repr(value) if isinstance(value, float) else value)
    if not number.is_finite():
        raise ValueError
    return number


def _convert_str(value: Any) -> str:
    if not isinstance(value, str) or isinstance(value, Enum):
        raise ValueError
    return value


def convert_type(value: Any) -> type | str:
    """Return the type given as itself or by its path; a bare name stays as it is."""
    if isinstance(value, type):
        return value
    if not isinstance(value, str) or not value:
        raise ValueError
    if ":" not in value:
        return value  # A bare name: whoever uses it knows the types it may mean.
    found = resolve_path(value)
    if not isinstance(found, type):
        raise Refused("must name a type")
    return found


def _convert_secret(value: Any) -> Secret:
    if isinstance(value, Secret):
        return value
    return Secret(value)


def _convert_duration(value: Any) -> timedelta:
    return value if isinstance(value, timedelta) else msgspec.convert(value, timedelta)


_PLAIN: dict[Any, tuple[str, Callable[[Any], Any]]] = {
    bool: ("true or false", _convert_bool),
    int: ("an integer", _convert_int),
    float: ("a number", _convert_float),
    Decimal: ("a decimal number", _convert_decimal),
    str: ("a text", _convert_str),
    type: ("a type or the name of one", convert_type),
    timedelta: ("a duration such as 'P1D'", _convert_duration),
}

# --- Classes --------------------------------------------------------------------------------------------------------


def _class_check(kind: type) -> Check:
    if build_of(kind) is not None:
        return _nested_check(kind)
    if kind is Secret:
        return _secret_check()
    if issubclass(kind, Enum):
        return enum_check(kind)
    read = getattr(kind, "from_str", None)
    if callable(read):
        return _text_check(kind, read)
    if issubclass(kind, str | int | float | bytes) or not _is_convertible(kind):
        return leaf(f"a {kind.__name__}", lambda value: _convert_instance(value, kind))
    # A value of a more special kind (an instrument's) is one; a table may say of which kind it is.
    read = getattr(kind, "base_from_dict", None) or (lambda table: msgspec.convert(table, kind))
    return leaf(f"a {kind.__name__}", lambda value: _convert_struct(value, kind, read))


def _convert_struct(value: Any, kind: type, read: Callable[[Any], Any]) -> Any:
    if isinstance(value, kind):
        return value
    try:
        return _convert_instance(read(value), kind)
    except (AttributeError, KeyError) as error:
        raise ValueError from error


def _is_convertible(kind: type) -> bool:
    try:
        msgspec.convert(None, kind)
    except msgspec.ValidationError:
        return True
    except (TypeError, NameError):
        return False
    return True


def _convert_instance(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise ValueError
    return value


def _text_check(kind: type, read: Callable[[str], Any]) -> Check:
    def convert(value: Any) -> Any:
        if isinstance(value, kind):
            return value
        if not isinstance(value, str):
            raise ValueError
        try:
            return read(value)
        except ValueError as error:
            # The value's own type says best what is wrong; the value itself is added where the problem is printed.
            raise Refused(str(error).partition(", was ")[0]) from error

    return leaf(f"a {kind.__name__}", convert)


def enum_check(kind: type[Enum]) -> Check:
    """Return the check of a member of `kind`, given as itself or by its name in any case."""
    names = {member.name.upper(): member for member in kind}
    noun = f"one of {', '.join(names)}"

    def convert(value: Any) -> Enum:
        if isinstance(value, kind):
            return value
        if not isinstance(value, str) or isinstance(value, Enum):
            raise ValueError
        member = names.get(value.upper())
        if member is None:
            raise Refused(f"must be {noun}", nearest(value.upper(), names))
        return member

    return leaf(noun, convert)


def _secret_check() -> Check:
    noun = "a text, env:NAME or file:PATH"

    def run(value: Any, problems: Problems) -> Any:
        try:
            return _convert_secret(value)
        except ValueError:
            # What was given may be the secret in another form, so it is never shown; only our own placeholder is.
            if isinstance(value, str) and value == HIDDEN:
                problems.append(Problem("", f"must be the secret itself or a reference to it ({noun})", value))
            else:
                problems.append(Problem("", f"must be {noun}, was of type {type(value).__name__}"))
            return None

    return Check(noun, run)


def build_of(kind: Any) -> Callable[[Mapping[Any, Any], Problems], Any] | None:
    """Return the function that builds a nested configuration of `kind`, or None if it is no configuration."""
    return getattr(kind, "_build", None) if isinstance(kind, type) else None


def _nested_check(kind: type) -> Check:
    noun = f"a {kind.__name__} or a table of its settings"

    def run(value: Any, problems: Problems) -> Any:
        if isinstance(value, kind):
            return value
        if not isinstance(value, Mapping):
            # Only the type is told: a text in this place is often an address with a password in it.
            problems.append(Problem("", f"must be {noun}, was of type {type(value).__name__}"))
            return None
        chosen, settings = _chosen_class(kind, value, problems)
        build = build_of(chosen)
        return None if build is None else build(settings, problems)

    return Check(noun, run)


def _chosen_class(kind: type, table: Mapping[Any, Any], problems: Problems) -> tuple[type | None, Mapping[Any, Any]]:
    # The key `class` names a more special configuration than the one declared. No setting can have that name.
    if "class" not in table:
        return kind, table
    path = table["class"]
    try:
        found = resolve_path(path) if isinstance(path, str) else None
    except Refused as error:
        problems.append(Problem("class", str(error), path))
        return None, table
    if not (isinstance(found, type) and issubclass(found, kind)):
        problems.append(Problem("class", f"must name a {kind.__name__}", path))
        return None, table
    return found, {key: value for key, value in table.items() if key != "class"}
