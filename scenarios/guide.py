"""The rows that scenario files stand for.

The titles are the first column of the guide's two tables, to the letter, so that a machine can tell which rows are
covered. The other lists name what the guide says outside its tables, and the partial-window cases of reconciliation
with a lookback.
"""

from __future__ import annotations

STARTUP = (
    "Order state discrepancy",
    "Missed fills",
    "Multiple fills",
    "External orders",
    "Partially filled then canceled",
    "Different fill data",
    "Filtered orders",
    "Duplicate client order IDs",
    "Position quantity mismatch (long)",
    "Position quantity mismatch (short)",
    "Position reduction",
    "Position side flip",
    "INTERNAL-DIFF orders",
)
RUNTIME = (
    "In-flight order timeout",
    "Open orders check discrepancy",
    "Own books audit mismatch",
)
ISSUES = (
    "Missing trade reports",
    "Position mismatches",
    "Duplicate order IDs",
    "Precision differences",
    "Out-of-order reports",
)

ROWS = tuple([f"startup: {title}" for title in STARTUP] + [f"runtime: {title}" for title in RUNTIME])
"""The rows of the guide's two tables, as a scenario file names them."""

FREE_PREFIXES = ("procedure: ", "lookback: ")
"""Rows from the guide's prose and from the partial-window cases; their titles are free."""


def check_row(row: str) -> str:
    """Return `row` if scenario files may stand for it.

    Raises:
        ValueError: if no such row exists; the message names the nearest one.

    """
    if row in ROWS or row in known_issues():
        return row
    if any(row.startswith(prefix) and row[len(prefix) :].strip() for prefix in FREE_PREFIXES):
        return row
    from scenarios.problems import nearest

    prefixes = "startup:, runtime:, procedure:, issue: or lookback:"
    raise ValueError(
        f"guide must name a row, as `{prefixes} TITLE`, was {row!r}{nearest(row, (*ROWS, *known_issues()))}"
    )


def known_issues() -> tuple[str, ...]:
    """Return the guide's common reconciliation issues, as a scenario file names them."""
    return tuple(f"issue: {title}" for title in ISSUES)
