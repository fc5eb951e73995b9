"""The trace of a run: everything that crossed a port, every event that was published, every step and fault, with
virtual times.

A trace is deterministic text: the same scenario and seed give the same lines, in one process or two, under any hash
seed. It is taken at the ports as messages, never on the wire as bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from nautilus_live.engine.alarms import ConnectionChange, StreamGap, Uncertain
from nautilus_live.model.events import AccountState, PositionEvent
from scenarios.dump import changed_fields, inline
from scenarios.texts import position_text
from scenarios.verbs import Step


def digest(lines: Sequence[str]) -> str:
    """Return the SHA-256 of a trace."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def first_difference(first: Sequence[str], second: Sequence[str]) -> str:
    """Return the first line in which two traces differ, both sides; empty if they are the same."""
    for index in range(max(len(first), len(second))):
        ours = first[index] if index < len(first) else "(the trace ends)"
        theirs = second[index] if index < len(second) else "(the trace ends)"
        if ours != theirs:
            return f"line {index + 1}: {ours!r} and {theirs!r}"
    return ""


def step_text(step: Step) -> str:
    """Return a step as a line, as the file has it but for the time."""
    fields = ", ".join(f"{name} = {inline(value)}" for name, value in changed_fields(step).items() if name != "at")
    return f"step {step.__struct_config__.tag}" + (f" {fields}" if fields else "")


def position_event_text(event: PositionEvent) -> str:
    """Return a position event as a line."""
    return f"{type(event).__name__} {event.position_id} {position_text(event.signed_qty, event.avg_px_open)}"


def account_text(state: AccountState) -> str:
    """Return an account state as a line."""
    balances = " ".join(f"{balance.total}" for balance in state.balances)
    return f"AccountState {state.account_id} {balances}"


def system_event_text(event: Any) -> str:
    """Return the line for what a node tells of its connections and of what it does not know."""
    if isinstance(event, ConnectionChange):
        how = "connected" if event.connected else "disconnected"
        return f"ConnectionChange {event.client_id} {event.side} {how} ({event.reason})"
    if isinstance(event, StreamGap):
        duration_s = (event.end_ns - event.start_ns) / 1e9
        told = "reconciled" if event.reconciled else "not reconciled"
        return f"StreamGap {event.client_id} {event.side} of {duration_s:.3f} s {told} ({event.reason})"
    if isinstance(event, Uncertain):
        return f"Uncertain {event.instrument_id} {'cleared' if event.cleared else 'marked'} ({event.reason})"
    return type(event).__name__
