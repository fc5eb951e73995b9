"""Every row of the behaviour catalogue's first section: the setting exists, with its default.

`behaviour_section_1.md` beside this file is a copy of the catalogue's tables. Its default column is the reference's;
the few places where we follow the guide instead are listed here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import msgspec
import pytest

import nautilus_live.config
from nautilus_live.config import NautilusConfig
from nautilus_live.errors import ConfigError

GUIDE_DEFAULTS = {
    ("NautilusKernelConfig", "timeout_connection"): "30.0",
    ("NautilusKernelConfig", "timeout_reconciliation"): "10.0",
    ("NautilusKernelConfig", "timeout_post_stop"): "5.0",
}
OWN_SETTINGS = {
    "DatabaseConfig": {"path"},
    "DataEngineConfig": {"stale_data_secs"},
    "LiveExecEngineConfig": {
        "duplicate_order_ids",
        "reconciliation_fail_closed",
        "inflight_policy",
        "position_silence",
        "filled_quantity_regression",
        "claim_alignment_orders",
        "fill_price_tolerance_ticks",
        "fill_commission_tolerance",
        "early_fill_expiry_secs",
        "reconcile_on_reconnect",
        "reconnect_margin_secs",
        "disconnected_alarm_secs",
        "uncertain_policy",
        "uncertain_after_secs",
    },
    "NautilusKernelConfig": {"stall_alarm_secs"},
    "StrategyConfig": {"callback_error_policy"},
}
REQUIRED: dict[str, Any] = {
    "environment": "live",
    "trader_id": "TRADER-001",
    "strategy_path": "a:B",
    "actor_path": "a:B",
    "exec_algorithm_path": "a:B",
    "controller_path": "a:B",
    "config_path": "a:B",
    "config": {},
    "path": "a:B",
    "catalog_path": "data",
}


def read_tables() -> dict[str, list[tuple[str, str, str]]]:
    """Return the rows (name, type, default) of each class's table."""
    tables: dict[str, list[tuple[str, str, str]]] = {}
    owner = ""
    text = (Path(__file__).parent / "behaviour_section_1.md").read_text(encoding="utf-8")
    for line in text.splitlines():
        heading = re.match(r"\*\*(\w+)\*\*", line)
        if heading:
            owner = heading.group(1)
            tables[owner] = []
        elif line.startswith("| ") and not line.startswith("| option"):
            name, kind, default, _note = (cell.strip() for cell in line.strip("|").split(" | ", 3))
            tables[owner].append((name, kind, default))
    return tables


TABLES = read_tables()
ROWS = [(owner, *row) for owner, rows in TABLES.items() for row in rows]


def class_named(owner: str) -> type[NautilusConfig]:
    found: type[NautilusConfig] = getattr(nautilus_live.config, owner)
    assert issubclass(found, NautilusConfig)
    return found


def make(owner: str) -> NautilusConfig:
    """Return a configuration with only what it needs."""
    kind = class_named(owner)
    return kind(**needs(owner))


def needs(owner: str) -> dict[str, Any]:
    return {info.name: REQUIRED[info.name] for info in msgspec.structs.fields(class_named(owner)) if info.required}


def written(value: Any) -> str:
    """Return a default as the catalogue writes it."""
    if isinstance(value, NautilusConfig):
        assert value == type(value)()
        return f"{type(value).__name__}() defaults"
    if isinstance(value, Enum):
        return value.name
    return repr(str(value)) if hasattr(value, "value") else repr(value)


def same(actual: Any, expected: str) -> bool:
    enumeration = re.match(r"<\w+\.(\w+): .*>", expected)
    if enumeration:
        return written(actual) == enumeration.group(1)
    if expected == "datetime.time(0, 0)":
        return str(actual) == "00:00:00"
    if isinstance(actual, float | Decimal):
        return actual == float(expected)
    return written(actual) == expected


def rows_of_ours() -> Iterator[tuple[str, str]]:
    for owner in TABLES:
        kind = class_named(owner)
        base = kind.__mro__[1]
        inherited = set(getattr(base, "__struct_fields__", ()))
        yield from ((owner, name) for name in kind.__struct_fields__ if name not in inherited)


def test_tables_were_read() -> None:
    """All 29 tables and their rows are in the copy, so that no test below passes for want of rows."""
    assert len(TABLES) == 29
    assert len(ROWS) == 233


@pytest.mark.parametrize(("owner", "name", "kind", "default"), ROWS)
def test_row(owner: str, name: str, kind: str, default: str) -> None:
    """The setting exists and has the catalogue's default, or the guide's where they differ."""
    expected = GUIDE_DEFAULTS.get((owner, name), default)
    settings = {info.name: info for info in msgspec.structs.fields(class_named(owner))}

    assert name in settings
    if expected == "required":
        assert settings[name].required
    else:
        assert same(getattr(make(owner), name), expected), getattr(make(owner), name)


@pytest.mark.parametrize(("owner", "name"), list(rows_of_ours()))
def test_nothing_beyond_the_tables(owner: str, name: str) -> None:
    """A setting in no table is one of our own additions, so none slips in by accident or under a misspelt name."""
    listed = {row[0] for row in TABLES[owner]} | OWN_SETTINGS.get(owner, set())

    assert name in listed


RANGES = {
    "int>0": [0, -1, True, 1.5, "1"],
    "int>=0": [-1, True, 0.5, "1"],
    "float>0": [-0.1, float("nan"), float("inf"), True, "1"],
    "bool": [1, 0, "true", "yes"],
    "int": ["1", True, 1.5],
    "str": [1, True, ["a"]],
    "str or None": [1, True, ["a"]],
    "enum Environment": ["production", 1, True],
    "enum TimeInForce": ["NEVER", 1],
    "enum RotationMode": ["SOMETIMES", 1],
}


def bad_values() -> Iterator[Any]:
    # A check whose interval is zero is disabled: there, and only there, the catalogue's `float>0` is our `float>=0`.
    zero_disables = {"own_books_audit_interval_secs", "open_check_interval_secs", "position_check_interval_secs"}
    # The guide gives the database's `timeout` as 2.0, so seconds need not be whole.
    fractions = {"timeout", "connection_timeout", "response_timeout"}
    for owner, name, kind, _default in ROWS:
        values = RANGES.get(kind.removesuffix(" or None") if kind not in RANGES else kind, [])
        extra = [0, 0.0] if kind.startswith("float>0") and name not in zero_disables else []
        for value in [*values, *extra]:
            if name in fractions and value == 1.5:
                continue
            yield pytest.param(owner, name, value, id=f"{owner}.{name}={value!r}")


@pytest.mark.parametrize(("owner", "name", "value"), list(bad_values()))
def test_bad_value(owner: str, name: str, value: object) -> None:
    """What the catalogue's type excludes is refused by construction and by parsing, in the same words."""
    kind = class_named(owner)
    settings = {**needs(owner), name: value}

    with pytest.raises(ConfigError) as constructed:
        kind(**settings)
    with pytest.raises(ConfigError) as parsed:
        kind.parse(settings)

    assert str(constructed.value) == str(parsed.value)
    assert [problem.path for problem in constructed.value.problems] == [name]
    assert str(constructed.value).startswith(f"{name}: must be ")
    # Lists and what may be secret are told by their type alone.
    assert re.search(rf", was ({re.escape(repr(value))}|of type {type(value).__name__})", str(constructed.value))


LIMITS = {"int>0": 1, "int>=0": 0, "float>0": 0.001}


@pytest.mark.parametrize(
    ("owner", "name", "kind", "default"), [row for row in ROWS if row[2].split(" or ")[0] in LIMITS]
)
def test_limit_itself_is_accepted(owner: str, name: str, kind: str, default: str) -> None:
    """The smallest value that the catalogue's type allows is allowed, and None where it says so."""
    limit = LIMITS[kind.split(" or ")[0]]

    assert getattr(class_named(owner).parse({**needs(owner), name: limit}), name) == limit
    if kind.endswith(" or None"):
        assert getattr(class_named(owner).parse({**needs(owner), name: None}), name) is None


@pytest.mark.parametrize("owner", list(TABLES))
def test_round_trip(owner: str) -> None:
    """Every class reads back what it writes."""
    config = make(owner)

    assert type(config).parse(config.json()) == config
    assert type(config).parse(config.dict()) == config
    assert type(config).parse(config.json()).id == config.id
