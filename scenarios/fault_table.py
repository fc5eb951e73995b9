"""The table of everything that can go wrong: FAULTS.md, made from the verbs, the profile's fields, and what is below.

`python -m scenarios.fault_table` writes the page; a test holds it to be current and complete: every verb that breaks
something, every file with a fault in it, every field of a profile, each with a test that exists.
"""

from __future__ import annotations

import re
from pathlib import Path

from msgspec import Struct

from sandbox_venues.profiles import PROFILES, VenueProfile
from scenarios.format import VERBS

PAGE = Path(__file__).resolve().parent / "FAULTS.md"
ROOT = PAGE.parent.parent
WHOLE_RUNS = "tests/scenarios/test_verbs_break_things.py"
QUIRKS = "tests/sandbox_venues/test_profile_quirks.py"


class Row(Struct, frozen=True):
    """A verb, the files that carry it out, and the tests."""

    verb: str
    files: tuple[str, ...]
    tests: tuple[str, ...]


def _message(name: str) -> Row:
    file, test = f"sandbox_venues/faults/{name}.py", f"tests/sandbox_venues/faults/test_fault_{name}.py"
    return Row(f"wire.{name}", (file,), (test,))


def _connection(verb: str, outage: str | None, path: str | None) -> Row:
    files, tests = [], []
    if outage is not None:
        files.append(f"sandbox_venues/outages/{outage}.py")
        tests.append(f"tests/sandbox_venues/outages/test_outage_{outage}.py")
    if path is not None:
        files.append(f"scenarios/world/faults/path_{path}.py")
        tests.append(f"tests/world/faults/test_path_{path}.py")
    return Row(verb, tuple(files), tuple(tests))


def _host(verb: str, name: str) -> Row:
    return Row(verb, (f"scenarios/world/faults/{name}.py",), (f"tests/world/faults/test_{name}.py",))


def _store(verb: str, name: str) -> Row:
    return Row(verb, (f"scenarios/store_faults/{name}.py",), (f"tests/scenarios/store_faults/test_store_{name}.py",))


MESSAGES = tuple(
    _message(name)
    for name in (
        "drop", "delay", "duplicate", "reorder", "hold", "coalesce", "ack_after_fill", "ack_after_cancel", "time_out",
        "unclear", "refuse", "claim_duplicate", "throttle", "rate_limit", "fail_query", "partial_pages", "forget",
        "rearrange", "reuse_id", "unreadable_record", "lie", "misname", "corrupt",
    )
)  # fmt: skip
CONNECTIONS = (
    _connection("wire.disconnect", "disconnect", "close"),
    _connection("wire.reset", "reset", "reset"),
    _connection("wire.refuse_connections", "refuse_connections", "refuse"),
    _connection("wire.half_open", "half_open", "half_open"),
    _connection("wire.partition", "partition", "partition"),
    _connection("wire.slow", "slow", "slow"),
    _connection("wire.truncate", None, "truncate"),
    _connection("wire.slow_reader", None, "slow_reader"),
    _connection("venue.restart", "restart", None),
)
PROCESS = (
    Row(
        "node.crash",
        ("scenarios/world/faults/host_crash.py", "scenarios/crash_points.py"),
        ("tests/world/faults/test_host_crash.py", WHOLE_RUNS),
    ),
    Row("node.restart", ("scenarios/crash_points.py",), (WHOLE_RUNS,)),
    _host("node.pause", "host_pause"),
    _host("clock.skew", "clock_skew"),
    _host("clock.jump", "clock_jump"),
    _host("clock.drift", "clock_drift"),
)
STORE = (
    _store("store.fail", "fail_writes"),
    _store("store.full", "disk_full"),
    _store("store.slow", "slow_writes"),
    _store("store.disconnect", "disconnected"),
    _store("store.lose", "lose_everything"),
    _store("store.lose_tail", "lose_tail"),
    _store("store.corrupt", "corrupt_record"),
)
FACTS = (
    Row("venue.reject", ("sandbox_venues/hand.py",), (WHOLE_RUNS,)),
    Row("venue.bust", ("sandbox_venues/corrections.py",), ("tests/sandbox_venues/test_hand.py", WHOLE_RUNS)),
    Row("venue.correct", ("sandbox_venues/corrections.py",), ("tests/sandbox_venues/test_corrections.py", WHOLE_RUNS)),
    Row("venue.liquidate", ("sandbox_venues/hand.py",), ("tests/sandbox_venues/test_hand.py",)),
    Row("venue.deposit", ("sandbox_venues/hand.py",), ("tests/sandbox_venues/test_hand.py", WHOLE_RUNS)),
)
SECTIONS = {
    "Messages": (MESSAGES, "What happens to requests, answers and reports on their way; on every transport."),
    "Connections": (
        CONNECTIONS,
        """What happens to whole connections. The first file is for transport `direct`, `path_*` for transports that
speak HTTP over the network in memory; a transport that cannot express a fault refuses it by name.""",
    ),
    "The process and its clock": (PROCESS, "What happens to the node's process."),
    "The store": (STORE, "What happens under the node."),
    "What the venue does": (FACTS, "Facts, not lies: the venue's books say so too."),
}

QUIRK_TESTS = {
    "name": "tests/sandbox_venues/test_profiles.py",
    "oms_type": "tests/sandbox_venues/test_venue.py",
    "account_type": "tests/sandbox_venues/test_venue_bets.py",
    "base_currency": "tests/sandbox_venues/test_venue_one_currency.py",
    "modify": "tests/sandbox_venues/test_adapter_replaced.py",
    "lists_replaced_legs": "tests/sandbox_venues/test_queries.py",
    "client_ids": "tests/sandbox_venues/test_venue.py",
    "ids_per_instrument": "tests/sandbox_venues/test_venue.py",
    "page_size": "tests/sandbox_venues/test_queries.py",
    "lookback_secs": "tests/sandbox_venues/test_queries.py",
    "closed_orders_vanish_secs": "tests/sandbox_venues/test_queries.py",
    "books_keep_secs": "tests/sandbox_venues/test_retention.py",
    "newest_first": "tests/sandbox_venues/test_queries.py",
    "reports_client_ids": "tests/sandbox_venues/test_queries.py",
    "reports_avg_px": "tests/sandbox_venues/test_queries.py",
    "reports_commissions": "tests/sandbox_venues/test_queries.py",
    "reports_positions": "tests/sandbox_venues/test_queries.py",
    "reports_flat_positions": "tests/sandbox_venues/test_queries.py",
    "fills_before_acks": "tests/sandbox_venues/test_venue.py",
    "keeps_dates": "scenarios/orders/gtd_while_down.toml",
    "keeps_rejected": "tests/sandbox_venues/test_venue.py",
    "market_remainder": "tests/sandbox_venues/test_venue.py",
    **dict.fromkeys(
        ("contingencies", "oto_release", "oco_on_partial", "self_trade_prevention", "self_trade_ends"),
        "tests/sandbox_venues/test_venue_contingencies.py",
    ),
    **dict.fromkeys(("default_trigger", "streams_trails"), "tests/sandbox_venues/test_venue_triggers.py"),
    **dict.fromkeys(("closed_orders", "calendar"), "tests/sandbox_venues/test_venue_phases.py"),
    **dict.fromkeys(("queue_position", "book_refresh"), "tests/sandbox_venues/test_venue_liquidity.py"),
    **dict.fromkeys(
        ("margin_calls", "margin_call_at", "liquidation_ids", "insures", "funding_interval_secs", "funding_rate"),
        "tests/sandbox_venues/test_venue_margin.py",
    ),
    "stop_in_market": "tests/sandbox_venues/test_venue.py",
}
"""Where a field of a profile is tested; the others in `QUIRKS`."""

HEAD = """# What can go wrong, and where

Made by `python -m scenarios.fault_table` from the verbs, the venue profile and the table in that module; a test keeps
it current. How to write a fault into a scenario is in README.md beside this page, every field of a verb in
`nautilus-live scenarios verbs wire.` (or `store.`, `clock.`, `node.`, `venue.`).

Every fault is deterministic: what is drawn is drawn from the scenario's seed, and a fault that is not in force costs
nothing.
"""

OUTCOMES = {
    "accepted, and the answer is lost": '`wire.time_out request = "submit", order = "O-1", side = "after"`',
    "lost before the venue": '`wire.time_out request = "submit", order = "O-1", side = "before"`',
    "refused at the door, with code and text": '`wire.refuse request = "submit", order = "O-1", code = "..."`',
    "refused by the venue itself": '`venue.reject order = "O-1"`, before it comes',
    "an error that proves nothing, and the venue acted": '`wire.unclear request = "submit", side = "after"`',
    "the same error, and it did not": '`wire.unclear request = "submit", side = "before"`',
    "turned away with a time to come back": "`wire.throttle` (429), `wire.rate_limit` (429, then 418)",
    "delivered twice": '`wire.duplicate request = "submit", order = "O-1"`',
    "refused for a used id while it is accepted": '`wire.claim_duplicate`, with `wire.delay report = "ack"`',
    "acknowledged after its fill, after its cancellation": "`wire.ack_after_fill`, `wire.ack_after_cancel`",
    "filled in the answer and nowhere on the stream": "`[venue] streams_fills = false`",
    "answered for another order": '`wire.misname answer = "submit", client_order = "O-2"`',
    "canceled under the id of the cancel request": '`wire.misname report = "cancel", client_order = "..."`',
    "a cancel refused in words that say nothing": "`[venue] vague_refusals = true`",
    "refused for a stale signature": "`[venue] recv_window_secs = 5.0`, with `clock.jump`, `wire.delay` or the like",
    "one of a list refused": '`venue.reject order = "O-2"` before `strategy.submit_list`',
    "one of a batch answered unclearly": '`wire.unclear answer = "batch_cancel", order = "O-2"`',
    "one kind of word never said": '`wire.drop report = "fill"` (or ack, cancel, ...), with `skip` and `times`',
}
"""What can become of one command, and how a scenario says so."""


def page() -> str:
    """Return FAULTS.md."""
    parts = [HEAD]
    for title, (rows, about) in SECTIONS.items():
        parts.append(f"\n## {title}\n\n{about}\n\n| verb | what it does | file | test |\n|---|---|---|---|\n")
        parts += [_line(row) for row in rows]
    parts.append("\n## What can become of one command\n\n| outcome | in a scenario |\n|---|---|\n")
    parts += [f"| {outcome} | {how} |\n" for outcome, how in OUTCOMES.items()]
    parts.append(_profiles())
    return "".join(parts)


def _line(row: Row) -> str:
    files = " ".join(_link(name) for name in row.files)
    tests = " ".join(_link(name) for name in row.tests)
    return f"| `{row.verb}` | {_about(row.verb)} | {files} | {tests} |\n"


def _about(verb: str) -> str:
    text = (VERBS[verb].__doc__ or "").strip()
    return _in_a_cell(text.partition("\n\n")[0])


def _in_a_cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _link(name: str) -> str:
    return f"[{Path(name).stem}](../{name})"


def _profiles() -> str:
    ready = ", ".join(f"`{name}`" for name in PROFILES)
    intro = f'`[venue] profile = "..."` takes a ready one ({ready}); every field can be set beside it.'
    lines = [f"\n## Venue profiles\n\n{intro}\n\n| field | a venue where | test |\n|---|---|---|\n"]
    lines += [f"| `{name}` | {about} | {_link(quirk_test(name))} |\n" for name, about in quirks().items()]
    return "".join(lines)


def quirk_test(name: str) -> str:
    """Return the file that tests a field of a profile."""
    return QUIRK_TESTS.get(name, QUIRKS)


def quirks() -> dict[str, str]:
    """Return what each field of a profile is, as its docstring says."""
    found = {}
    text = (VenueProfile.__doc__ or "").partition("Attributes:")[2]
    for match in re.finditer(r"^ {8}(\w+): (.*?)(?=^ {8}\w|\Z)", text, re.MULTILINE | re.DOTALL):
        found[match[1]] = _in_a_cell(match[2])
    return found


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
