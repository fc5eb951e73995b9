"""Bugs to plant, one line each: what somebody would break who knows what each decision is for.

As in `planted`, whose list this one makes whole: `EVERY_BUG`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from tests.scenarios.planted import BUGS, CORE, ENGINE, RECONCILIATION, Bug, Make


def line(was: str, now: str) -> Make:
    """Return what makes a function anew with `now` where its file has `was`."""

    def make(original: Any) -> Any:
        code = original.__code__
        text = Path(code.co_filename).read_text(encoding="utf-8")
        if text.count(was) != 1:
            raise LookupError(f"{code.co_filename} must have {was!r} once, has it {text.count(was)} times")
        made = compile(text.replace(was, now), code.co_filename, "exec", dont_inherit=True)
        worse = next(one for one in _codes(made) if one.co_qualname == code.co_qualname)
        if worse == code:
            raise LookupError(f"{code.co_qualname} must have {was!r}, does not")
        function = FunctionType(
            worse, original.__globals__, original.__name__, original.__defaults__, original.__closure__
        )
        function.__kwdefaults__ = original.__kwdefaults__
        return function

    return make


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)


INFLIGHT, OPEN = CORE + "inflight:InflightCheck.", CORE + "open_orders:OpenOrdersCheck."
POSITIONS, GAPS = CORE + "position_check:PositionCheck.", ENGINE + "connections:Connections."

LINE_BUGS: tuple[Bug, ...] = (
    Bug(
        INFLIGHT + "_resolve",
        "whatever waits ends REJECTED",
        439,
        line("conclude(order, RESOLUTIONS[order.status], REASON, now)", "conclude(order, OrderRejected, REASON, now)"),
    ),
    Bug(
        INFLIGHT + "_is_excluded",
        "filtered orders are asked about",
        7000212,
        line("return order.client_order_id in self._filtered or ", "return "),
    ),
    Bug(
        INFLIGHT + "_decide",
        "nobody is told of an order that does not move",
        7000005,
        line("elif watch.found >= self._answers_needed and not watch.alarmed:", "elif False:"),
    ),
    Bug(
        INFLIGHT + "answered",
        "what was found keeps its answers of not there",
        304,
        line("            watch.not_there = 0\n", "            watch.not_there += 0\n"),
    ),
    Bug(
        OPEN + "_look_for_missing",
        "asked about one list too early",
        7000128,
        line("if count >= self._missing_retries:", "if count + 1 >= self._missing_retries:"),
    ),
    Bug(
        OPEN + "_look_for_missing",
        "any number of questions in a cycle",
        7000622,
        line("due[: self._questions_max]", "due[:]"),
    ),
    Bug(
        OPEN + "_look_for_missing",
        "lists that have an order do not end a row",
        269,
        line("before, self._missed = self._missed, {}", "before = self._missed"),
    ),
    Bug(
        OPEN + "_is_in_reach",
        "the lookback is ignored",
        128,
        line("return self._open_only or order.ts_init >= now - self._lookback_ns", "return True"),
    ),
    Bug(
        OPEN + "poll",
        "the history is asked for from now on",
        7000000,
        line("None if self._open_only else now - self._lookback_ns", "None if self._open_only else now"),
    ),
    Bug(
        POSITIONS + "_why_not",
        "aligned any number of times",
        7000272,
        line("if made >= ALIGNMENTS_MAX else", "if made < 0 else"),
    ),
    Bug(
        POSITIONS + "unexplained",
        "aligned at the first look",
        7000048,
        line("if case.count < self._retries:", "if case.count < 1:"),
    ),
    Bug(
        POSITIONS + "_read_silence",
        "silence is flat",
        7000020,
        line('if self._silence != "flat" or not held:', "if not held:"),
    ),
    Bug(
        POSITIONS + "compare",
        "orders under way are ignored",
        7000036,
        line("if key[0] in waiting or self._is_recent", "if self._is_recent"),
    ),
    Bug(
        ENGINE + "monitors:Monitors._every",
        "the checks begin at once",
        7000000,
        line("delay_s = self._config.reconciliation_startup_delay_secs", "delay_s = 0.0"),
    ),
    Bug(
        GAPS + "_begin_recovery",
        "what a gap hid is not asked for",
        7000001,
        line("self.recovery.begin(gap)", "self.reconciled(gap)"),
    ),
    Bug(
        GAPS + "reconciled",
        "the end of a gap is not told",
        7000020,
        line("        self._msgbus.publish(STREAM_GAP_TOPIC, told)\n", ""),
    ),
    Bug(
        GAPS + "reconciled",
        "a client stays held",
        7000096,
        line("        self._holds.release(gap.client_id, CAUSE)\n", ""),
    ),
    Bug(
        GAPS + "lost",
        "orders go to a venue that is not heard",
        7000192,
        line('        self._holds.hold(client_id, CAUSE, f"{client_id} is disconnected ({reason})")\n', ""),
    ),
    Bug(
        RECONCILIATION + "external:_owner",
        "a claim is a claim of everything",
        7000046,
        line("work.policy.claims.get(instrument_id)", "next(iter(work.policy.claims.values()), None)"),
    ),
    Bug(
        CORE + "position_keeping:_account",
        "the most is the last",
        7000020,
        line("    if size > position.peak:\n", "    if size:\n"),
    ),
)
"""Each is one line."""
EVERY_BUG = (*BUGS, *LINE_BUGS)
