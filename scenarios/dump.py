"""A scenario written out as TOML, one step a line, the way people write it.

Promises that `load_text(dump(scenario)) == scenario`. Defaults are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import cache
from typing import Any

import msgspec
from msgspec import Struct

from scenarios.expect import Expect
from scenarios.format import Scenario
from scenarios.values import Offset, Time
from scenarios.verbs import Step

LINE_LENGTH = 120
_PLAIN_KEY = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def dump(scenario: Scenario) -> str:
    """Return the scenario as TOML."""
    lines = [f"title = {_text(scenario.title)}"]
    if scenario.guide is not None:
        lines.append(f"guide = {_text(scenario.guide)}")
    lines.append(f"story = {_story(scenario.story)}")
    if scenario.transports:
        lines.append(f"transports = {inline(scenario.transports)}")
    if scenario.seed:
        lines.append(f"seed = {scenario.seed}")
    if not scenario.converges:
        lines.append("converges = false")
    if scenario.invariants:
        lines.append(f"invariants = {inline(scenario.invariants)}")
    lines += ["steps = [", *(f"  {_step(step)}," for step in scenario.steps), "]"]
    for name in ("node", "strategy", "venue"):
        lines += _table(name, getattr(scenario, name))
    for name in ("strategies", "venues"):
        for key, settings in getattr(scenario, name).items():
            lines += _table(f"{name}.{_key(key)}", settings, always=True)
    if scenario.given is not None:
        lines += ["", "[given]"] if not changed_fields(scenario.given) else []
        for name, side in changed_fields(scenario.given).items():
            lines += _table(f"given.{name}", changed_fields(side), always=True, spread=True)
    lines += _expect(scenario.expect)
    return "\n".join(lines) + "\n"


def dump_events(events: Iterable[str]) -> str:
    """Return the `events` setting of an `[expect]` table."""
    return "\n".join(_list("events", list(events)))


def _expect(expect: Expect) -> list[str]:
    changed = changed_fields(expect)
    lines = [f"{name} = {inline(value)}" for name, value in changed.items() if not isinstance(value, list)]
    for name, value in changed.items():
        if isinstance(value, list):
            lines += _list(name, value)
    return ["", "[expect]", *lines] if lines else []


def _table(name: str, settings: dict[str, Any], *, always: bool = False, spread: bool = False) -> list[str]:
    if not settings and not always:
        return []
    lines = ["", f"[{name}]"]
    for key, value in settings.items():
        lines += _list(_key(key), value) if spread and isinstance(value, list) else [f"{_key(key)} = {inline(value)}"]
    return lines


def _list(name: str, values: list[Any]) -> list[str]:
    line = f"{name} = {inline(values)}"
    if len(values) < 2 and len(line) <= LINE_LENGTH:
        return [line]
    return [f"{name} = [", *(f"  {inline(value)}," for value in values), "]"]


def _step(step: Step) -> str:
    parts = {"at": step.at, "do": step.__struct_config__.tag, **changed_fields(step)}
    return inline(parts)


def changed_fields(struct: Struct) -> dict[str, Any]:
    """Return the fields of a struct that differ from their defaults."""
    changed = {}
    for name, required, default, make_default in fields_of(type(struct)):
        value = getattr(struct, name)
        if required or value != (default if make_default is None else make_default()):
            changed[name] = value
    return changed


@cache
def fields_of(kind: type[Struct]) -> list[tuple[str, bool, Any, Callable[[], Any] | None]]:
    """Return name, whether it is required, default and what makes the default, for each field of a struct."""
    # Asked for at every step of every run; msgspec evaluates all annotations anew each time.
    return [
        (
            item.name,
            item.required,
            item.default,
            None if item.default_factory is msgspec.NODEFAULT else item.default_factory,
        )
        for item in msgspec.structs.fields(kind)
    ]


def inline(value: Any) -> str:
    """Return a value as it is written inside a line of TOML."""
    if isinstance(value, Struct):
        value = changed_fields(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Time | Offset | Decimal):
        return _text(str(value))
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, dict):
        inner = ", ".join(f"{_key(key)} = {inline(item)}" for key, item in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(inline(item) for item in value)}]"
    raise TypeError(f"a scenario file has no way to write a {type(value).__name__}, was {value!r}")


def _key(key: str) -> str:
    return key if key and set(key) <= _PLAIN_KEY else _text(key)


def _text(text: str) -> str:
    return f'"{"".join(_escaped(letter) for letter in text)}"'


def _story(text: str) -> str:
    if "\n" not in text:
        return _text(text)
    body = "".join(letter if letter == "\n" else _escaped(letter) for letter in text)
    return f'"""\n{body}"""'


def _escaped(letter: str) -> str:
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    return f"\\u{ord(letter):04x}" if ord(letter) < 32 or ord(letter) == 127 else letter
