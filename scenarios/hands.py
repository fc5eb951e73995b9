"""The vocabulary of scenario files for tests in Python: every verb a method, of the same name and the same fields.

    venue.drop("fill", times=2)             # { do = "wire.drop", report = "fill", times = 2 }
    venue.trade("O-1", "1.000")             # { do = "venue.trade", order = "O-1", quantity = "1.000" }

Made from the verbs themselves, so the two cannot differ: `help(venue.drop)` shows the fields, `dir(venue)` the verbs.
Fields may be given in their order, those that must be given first. A message fault has one value without a name, the
kind of message that is `met`. Values are written as in a file, or are what the kernel has: a `Quantity`, an order id,
`OrderSide.BUY`, a `Decimal`, a `timedelta`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

import msgspec

from scenarios.format import VERBS
from scenarios.problems import ScenarioError, nearest
from scenarios.verbs import Step
from scenarios.verbs_faults import REPORTS, REQUESTS, WireFault

Do = Callable[..., None]
"""Carries a verb out: its full name, and its fields."""
HIDDEN_FIELDS = ("at", "venue")


class Hands:
    """What can be done with something, by the vocabulary's names.

    Args:
        do: carries a verb out.
        prefixes: which verbs there are: all that begin with one of these, `venue.` and `wire.` for example.
        given: fields that are always the same.

    """

    def __init__(self, do: Do, *prefixes: str, **given: Any) -> None:
        for name, verb in VERBS.items():
            prefix, _, method = name.partition(".")
            if prefix in prefixes:
                setattr(self, method, _method(do, name, verb, given))

    if TYPE_CHECKING:

        def __getattr__(self, verb: str) -> Callable[..., None]:
            """Every verb is a method; see the class."""


def _method(do: Do, name: str, verb: type[Step], given: dict[str, Any]) -> Callable[..., None]:
    fields = [item for item in msgspec.structs.fields(verb) if item.name not in HIDDEN_FIELDS]
    fields.sort(key=lambda item: not item.required)  # what must be given comes first
    names = [item.name for item in fields]
    meets = issubclass(verb, WireFault)

    def method(*values: Any, **named: Any) -> None:
        if meets and values:
            named[_what_it_meets(name, str(values[0]))] = values[0]
            values = values[1:]
        places = () if meets else names
        if len(values) > len(places):
            raise TypeError(f"{name} takes at most {len(places)} values without a name, was given {len(values)}")
        for field_name, value in zip(places, values, strict=False):
            if field_name in named:
                raise TypeError(f"{name}: {field_name} must be given once, was given twice")
            named[field_name] = value
        wanted = {key: plain(value) for key, value in named.items() if value is not None}
        do(name, **{key: value for key, value in given.items() if key in verb.__struct_fields__}, **wanted)

    method.__name__ = name.partition(".")[2]
    method.__doc__ = verb.__doc__
    parameters = [inspect.Parameter("met", inspect.Parameter.POSITIONAL_ONLY, default=None)] if meets else []
    how = inspect.Parameter.KEYWORD_ONLY if meets else inspect.Parameter.POSITIONAL_OR_KEYWORD
    for item in fields:
        default = inspect.Parameter.empty if item.required else _default(item)
        parameters.append(inspect.Parameter(item.name, how, default=default))
    method.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what help() shows
    return method


def _default(item: Any) -> Any:
    return item.default if item.default is not msgspec.NODEFAULT else item.default_factory()


def _what_it_meets(name: str, what: str) -> str:
    """Return the field that a kind of message belongs into."""
    known = (*REPORTS, *REQUESTS)
    in_reports, in_requests = what in REPORTS, what in REQUESTS
    if name == "wire.time_out":
        in_reports = False  # only requests can go unanswered
    if in_reports and in_requests:
        raise ScenarioError([f"{name}: {what!r} is a report and a request; say report={what!r} or request={what!r}"])
    if not (in_reports or in_requests):
        raise ScenarioError([f"{name}: there is no message {what!r}{nearest(what, known)}"])
    return "report" if in_reports else "request"


def plain(value: Any) -> Any:
    """Return a value as a scenario file would have it."""
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, timedelta):
        return f"{value // timedelta(microseconds=1)}us"
    if isinstance(value, str | bool | int | float | Decimal | list | dict):
        return value
    return str(value)
