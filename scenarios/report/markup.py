"""Text made safe to show, and numbers as people read them.

Promises: whatever a scenario, a venue or a log line says is shown as text, never taken as markup; control characters
and letters that turn the direction of a line are shown by their number.
"""

from __future__ import annotations

import html
import re

_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")
SECOND_NS = 1_000_000_000


def shown(text: object) -> str:
    """Return a text as HTML, for an element or a quoted attribute."""
    return html.escape(_UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", str(text)), quote=True)


def px(number: float) -> str:
    """Return a length in the shortest way that is the same everywhere."""
    return f"{number:.1f}".removesuffix(".0")


def moment(at_ns: int) -> str:
    """Return a virtual time in seconds, with milliseconds or all the digits that it takes: `1.020`."""
    whole, rest = divmod(at_ns, SECOND_NS)
    digits = f"{rest:09d}"
    return f"{whole}.{digits[:3]}{digits[3:].rstrip('0')}"


def milliseconds(at_ns: int) -> str:
    """Return a virtual time in seconds, cut to milliseconds, for an axis: `1.020`."""
    return f"{at_ns // SECOND_NS}.{at_ns % SECOND_NS // 1_000_000:03d}"


def span(length_ns: int) -> str:
    """Return a span of time in words: `250 ms`, `7.98 s`, `1 min 30 s`; without what is too small to matter."""
    if length_ns < 1_000_000:
        return f"{_short(length_ns / 1_000)} µs"
    if length_ns < SECOND_NS:
        return f"{_short(length_ns / 1_000_000)} ms"
    if length_ns < 60 * SECOND_NS:
        return f"{_short(length_ns / SECOND_NS)} s"
    minutes, rest_ns = divmod(length_ns, 60 * SECOND_NS)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{hours} h" if hours else "", f"{minutes} min" if minutes else ""]
    seconds = rest_ns // SECOND_NS
    parts.append(f"{seconds} s" if seconds and not hours else "")
    return " ".join(part for part in parts if part)


def counted(number: int, one: str, many: str = "") -> str:
    """Return `1 message`, `2 messages`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _short(number: float) -> str:
    text = f"{number:.2f}"
    return text.rstrip("0").rstrip(".")
