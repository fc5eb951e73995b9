"""Each setting of the runtime checks in a small world of its own, with two values or more: what it changes, and when.

A row is a story in a few steps, a word that the trace must have, and for each value of the setting the seconds at which
it has it. None of the values is the default where another will do. Five seconds or more after an order was ended
without the venue, a question is the second look at it.
"""

from __future__ import annotations

from typing import Any

import pytest

from scenarios.format import load_text
from scenarios.run import Result, run

START = 'at = "0s", do = "node.start"'
SILENT = 'at = "1s", do = "wire.time_out", request = "submit"'
QUESTION = "node SIM request query.order:"
LIST = "node SIM request query.orders:"
POSITIONS = "node SIM request query.positions:"
TRADES = "node SIM request query.fills: SIM query.fills instrument_id"
MISMATCH = "own_books.public_mismatch"


def submit(name: str = "O-1", at: str = "1s", price: str = "50000.00") -> str:
    return f'at = "{at}", do = "strategy.submit", order = "{name}", side = "BUY", quantity = "1.000", price = "{price}"'


def played(steps: tuple[str, ...], until_s: int = 40, tables: str = "", **node: Any) -> Result:
    lines = "".join(f"  {{ {step} }},\n" for step in steps)
    settings = "".join(f"{name} = {_toml(value)}\n" for name, value in node.items())
    text = f'title = "t"\nstory = "s"\nsteps = [\n{lines}]\nconverges = false\n[node]\n{settings}\n'
    result = run(load_text(f'{text}[expect]\nby = "{until_s}s"\n{tables}'))
    assert result.failures == []
    return result


def _toml(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else str(value)


def seconds(result: Result, word: str) -> list[float]:
    """Return when the trace has the word after the node's start, to a tenth of a second; one moment counts once."""
    found = [round(float(line.split()[0]), 1) for line in result.trace if word in line]
    return list(dict.fromkeys(at for at in found if 0.5 < at < 40.0))


LOST = (START, SILENT, submit(at="2s"))
"""An order that never arrives."""
THREE_GONE = (
    START, *(submit(f"O-{n}", f"{n}s", f"5000{n}.00") for n in (1, 2, 3)),
    'at = "4s", do = "wire.forget", lasts = "100s"',
)  # fmt: skip
"""Three orders that no list has any more."""
ELSEWHERE = (
    START, submit(), 'at = "9s", do = "venue.trade", order = "O-1", quantity = "1.000"',
    'at = "9.5s", do = "venue.set_position", quantity = "2.000", price = "50000.00"',
)  # fmt: skip
"""A position that becomes another one at the venue than the trades say."""
NOT_IN_THE_BOOK = (
    START, 'at = "1s", do = "venue.quote", bid = "49990.00", ask = "50010.00"',
    'at = "2s", do = "strategy.subscribe", what = "book"', submit(at="3s"),
    'at = "12s", do = "wire.drop", report = "cancel"', 'at = "13s", do = "venue.cancel", order = "O-1"',
)  # fmt: skip
"""An order whose cancel is lost, while everybody can see in the public book that it is gone."""
GONE_AWAY = (START, 'at = "5s", do = "wire.disconnect", lasts = "60s"')
UNHEARD = (
    START, 'at = "1s", do = "wire.time_out", request = "*", lasts = "100s"',
    'at = "1s", do = "wire.drop", report = "*", lasts = "100s"', submit(at="2s"),
)  # fmt: skip
MISSING = {"open_check_interval_secs": 5, "open_check_missing_retries": 0, "inflight_check_interval_ms": 0}
EARLY = {"reconciliation_startup_delay_secs": 1.0}
AUDIT = {"manage_own_order_books": True, "own_books_audit_interval_secs": 5}
CHECKED = {"position_check_interval_secs": 5}

EVERY_5 = [10.1, 15.1, 20.1, 25.1, 30.1, 35.1]
EVERY_12 = [10.1, 22.1, 34.1]

ROWS: list[tuple[str, tuple[str, ...], str, dict[str, Any], dict[Any, list[float]]]] = [
    ("inflight_check_interval_ms", LOST, QUESTION, EARLY, {
        0: [], 2_000: [7.1, 13.1, 19.1, 25.1, 31.1], 7_000: [8.1, 15.1, 22.1, 29.1, 36.1],
    }),
    ("inflight_check_threshold_ms", LOST, QUESTION, EARLY, {
        1_000: [3.1, 5.1, 7.1, 9.1, 11.1, 18.2], 9_000: [11.1, 21.1, 31.1],
    }),
    ("inflight_check_retries", LOST, QUESTION, EARLY, {
        0: [7.1, 18.2], 1: [7.1, 18.2], 3: [7.1, 13.1, 19.1, 30.2],
    }),
    ("inflight_check_retries", LOST, "node OrderRejected O-1", EARLY, {0: [13.1], 1: [13.1], 3: [25.1]}),
    ("inflight_policy", LOST, "node OrderRejected O-1", EARLY, {"resolve": [37.1], "unresolved": [37.1]}),
    ("open_check_interval_secs", (START,), LIST, {}, {0: [], 5: EVERY_5, 12: EVERY_12}),
    ("reconciliation_startup_delay_secs", (START,), LIST, {"open_check_interval_secs": 15}, {
        1.0: [1.1, 16.1, 31.1], 7.0: [7.1, 22.1, 37.1],
    }),
    ("open_check_open_only", (START,), "query.orders open_only=True", {"open_check_interval_secs": 15}, {
        True: [10.1, 25.1], False: [],
    }),
    ("open_check_missing_retries", THREE_GONE, QUESTION, MISSING, {
        0: [10.1, 10.3, 10.4, 15.3, 15.5, 15.6], 2: [20.1, 20.3, 20.4, 25.3, 25.5, 25.6],
    }),
    ("max_single_order_queries_per_cycle", THREE_GONE, QUESTION, MISSING, {
        1: [10.1, 15.1, 15.3, 20.1, 25.5, 25.7], 2: [10.1, 10.3, 15.1, 15.3, 15.5, 25.7],
        9: [10.1, 10.3, 10.4, 15.3, 15.5, 15.6],
    }),
    ("max_single_order_queries_per_cycle", THREE_GONE, "more missing orders wait", MISSING, {
        1: [10.1, 15.1], 2: [10.1], 9: [],
    }),
    ("single_order_query_delay_ms", THREE_GONE, QUESTION, MISSING, {
        0: [10.1, 10.2, 15.2, 15.3], 100: [10.1, 10.3, 10.4, 15.3, 15.5, 15.6],
        900: [10.1, 11.1, 12.0, 16.1, 17.1, 18.0],
    }),
    ("open_check_threshold_ms", THREE_GONE, QUESTION, MISSING, {
        100: [10.1, 10.3, 10.4, 15.3, 15.5, 15.6], 12_000: [15.1, 15.3, 15.4, 20.3, 20.5, 20.6],
    }),
    ("own_books_audit_interval_secs", NOT_IN_THE_BOOK, MISMATCH, AUDIT, {0: [], 5: [20.1], 12: [34.1]}),
    ("open_check_threshold_ms", NOT_IN_THE_BOOK, MISMATCH, AUDIT, {5_000: [20.1], 12_000: [30.1]}),
    ("position_check_interval_secs", (START,), POSITIONS, {}, {0: [], 5: EVERY_5, 12: EVERY_12}),
    ("position_check_retries", ELSEWHERE, "position.aligned", CHECKED, {0: [15.1], 1: [15.1], 3: [25.1]}),
    ("position_check_threshold_ms", ELSEWHERE, TRADES, CHECKED, {0: [10.1, 15.1, 20.1], 12_000: [25.1, 30.1, 35.1]}),
    ("filter_position_reports", (START,), POSITIONS, CHECKED, {False: EVERY_5, True: []}),
    ("generate_missing_orders", ELSEWHERE, "position.aligned", CHECKED, {True: [25.1], False: []}),
    ("generate_missing_orders", ELSEWHERE, "alarm position.unexplained", CHECKED, {True: [], False: [25.1]}),
    ("disconnected_alarm_secs", GONE_AWAY, "node alarm", {}, {5.0: [10.0], 20.0: [25.0]}),
    ("uncertain_after_secs", UNHEARD, "alarm order.unheard", {"inflight_check_interval_ms": 0}, {8.0: [15.1]}),
    ("qsize", (START, *(submit(f"O-{n}", "2s") for n in range(4))), "node OrderDenied", {}, {1: [2.0], 100: []}),
]  # fmt: skip


@pytest.mark.parametrize(("setting", "steps", "word", "node", "outcomes"), ROWS, ids=[row[0] for row in ROWS])
def test_a_setting_changes_what_happens_when(
    setting: str, steps: tuple[str, ...], word: str, node: dict[str, Any], outcomes: dict[Any, list[float]]
) -> None:
    seen = {value: seconds(played(steps, **{**node, setting: value}), word) for value in outcomes}
    assert seen == outcomes


LOOKBACKS = [
    ("open_check_lookback_mins", LIST, {"open_check_interval_secs": 5, "open_check_open_only": False}),
    ("position_check_lookback_mins", TRADES, CHECKED),
]


@pytest.mark.parametrize(("setting", "word", "node"), LOOKBACKS, ids=[row[0] for row in LOOKBACKS])
def test_a_lookback_says_since_when_the_venue_is_asked(setting: str, word: str, node: dict[str, Any]) -> None:
    since = [_since(played(ELSEWHERE, **{**node, setting: minutes}), word) for minutes in (3, 5)]
    assert since[0] - since[1] == 2 * 60 * 1_000_000_000


def _since(result: Result, word: str) -> int:
    line = next(line for line in result.trace if word in line and "start_ns=" in line)
    return int(line.rpartition("start_ns=")[2].split()[0])


@pytest.mark.parametrize(
    ("interval", "buffer", "gone_by_s"), [(1, 0, 65), (2, 0, 125), (1, 3, 245)], ids=["", "interval", "buffer"]
)
def test_closed_orders_are_purged_on_their_interval_once_they_have_rested(
    interval: int, buffer: int, gone_by_s: int
) -> None:
    node = {"purge_closed_orders_interval_mins": interval, "purge_closed_orders_buffer_mins": buffer}
    steps = (START, submit(), 'at = "2s", do = "venue.cancel", order = "O-1"')
    played(steps, gone_by_s - 10, 'orders = { O-1 = "CANCELED" }', **node)
    played(steps, gone_by_s, 'orders = { O-1 = "ABSENT" }', **node)


@pytest.mark.parametrize(("from_database", "back"), [(False, "CANCELED"), (True, "ABSENT")])
def test_what_is_purged_from_memory_alone_comes_back_with_the_store(from_database: bool, back: str) -> None:
    steps = (
        START, submit(), 'at = "2s", do = "venue.cancel", order = "O-1"', 'at = "70s", do = "node.crash"',
        'at = "71s", do = "node.start"',
    )  # fmt: skip
    node = {"purge_closed_orders_interval_mins": 1, "purge_from_database": from_database, "reconciliation": False}
    played(steps, 75, f'orders = {{ O-1 = "{back}" }}', **node)
