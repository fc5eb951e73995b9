"""`events` of a scenario file rewritten with what was really published; the rest stays as people wrote it."""

from __future__ import annotations

import re
from pathlib import Path

from scenarios.dump import dump_events

# From `events =` at the beginning of a line to the bracket that closes the list; texts may hold brackets themselves.
_EVENTS = re.compile(r'^events\s*=\s*\[(?:[^\]"]|"(?:[^"\\]|\\.)*")*\]', re.MULTILINE)


def update_events(path: Path, events: list[str]) -> bool:
    """Write `events` into the file; returns whether that changed it."""
    text = path.read_text(encoding="utf-8")
    updated, count = _EVENTS.subn(lambda _: dump_events(events), text, count=1)
    if not count or updated == text:
        return False
    path.write_text(updated, encoding="utf-8")
    return True
