"""The rows that scenario files stand for.

The titles of STARTUP and RUNTIME are the first column of the guide's two tables, to the letter, so that a machine can
tell which rows are covered. The other lists name what the guide says outside its tables, and the partial-window cases
of reconciliation with a lookback.
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
PROCEDURE = (
    "Previous cached execution state",
    "No previous cached execution state",
    "Duplicate trade IDs",
    "Inferred fills",
    "Report without a client order ID",
    "External order claims",
    "Tolerance-based fill comparison",
    "Net position per instrument",
    "Calculated reconciliation price",
    "Market mid-price",
    "Current position average",
    "MARKET order (last resort)",
    "Zero quantity differences",
    "Position reports filtered",
    "Individual adapter failures",
    "Fill reports arrive first",
    "Reconciliation fails",
    "Reconciliation disabled",
    "timeout_reconciliation",
    "Several venues",
)
"""What the guide says about reconciliation in prose and bullets, each under a few words of its own."""

LOOKBACK = (
    "Complete window",
    "Opening missing",
    "Two lifecycles, current matches",
    "Two lifecycles, current differs",
    "Venue flat",
    "Working order kept",
    "Hedging skipped",
)
"""What can be true of a history that begins in the middle."""

ISSUES = (
    "Missing trade reports",
    "Position mismatches",
    "Duplicate order IDs",
    "Precision differences",
    "Out-of-order reports",
    "Restarts with a persistent cache",
)
"""The guide's common reconciliation issues; the last one is its advice against most of them."""

_TITLES = {"startup": STARTUP, "runtime": RUNTIME, "procedure": PROCEDURE, "lookback": LOOKBACK, "issue": ISSUES}
ROWS = tuple(f"{kind}: {title}" for kind, titles in _TITLES.items() for title in titles)
"""All rows, as a scenario file names them; those of the guide's two tables first."""

NOT_YET: dict[str, str] = {}
"""Rows without a file, and why. Remove a row here when its first file comes; the tests see to both."""


def check_row(row: str) -> str:
    """Return `row` if scenario files may stand for it.

    Raises:
        ValueError: if no such row exists; the message names the nearest one.

    """
    if row in ROWS:
        return row
    from scenarios.problems import nearest

    prefixes = ", ".join(f"{kind}:" for kind in _TITLES)
    raise ValueError(f"guide must name a row, as `{prefixes} TITLE`, was {row!r}{nearest(row, ROWS)}")
