"""The transcript: every record as a line of text with its times, in order. What the diagram links to.

May know: records and the text trace. Promises: each line of the trace stands in it, word for word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scenarios.report.markup import moment, shown, span
from scenarios.report.records import (
    AlarmRecord,
    AnyRecord,
    EventRecord,
    FaultRecord,
    LifeRecord,
    LogRecord,
    MarkRecord,
    MessageRecord,
    StateRecord,
    StepRecord,
    VenueRecord,
    ViolationRecord,
)


def transcript(records: Sequence[AnyRecord], trace: Sequence[str]) -> Iterator[str]:
    """Yield the transcript as HTML, an item for each record."""
    yield '<ol class="transcript">'
    for number, record in enumerate(records, 1):
        line = "" if record.line is None else trace[record.line - 1].partition(" ")[2]
        yield _entry(number, record, line or headline(record))
    yield "</ol>"


def headline(record: AnyRecord) -> str:
    """Return a record in one line."""
    match record:
        case StepRecord():
            fields = "".join(f" {name} {value}" for name, value in record.fields.items())
            return f"step {record.index + 1}: {record.verb}{fields}"
        case MessageRecord():
            return f"{record.venue} {record.direction} {record.kind}: {record.text}"
        case FaultRecord():
            return f"fault {record.name} at {record.venue}: {record.text}"
        case VenueRecord():
            return f"{record.venue} {record.action}: {record.text}"
        case EventRecord() | ViolationRecord() | MarkRecord():
            return record.text
        case LogRecord():
            return f"{record.level}: {record.text}"
        case AlarmRecord():
            return f"alarm {record.kind}: {record.text}"
        case LifeRecord():
            return f"the node, life {record.number}: {record.state}"
        case StateRecord():
            sign = "=" if record.agree else "≠"
            return f"{record.subject}: the node believes {record.belief or 'nothing'} {sign} the venue has " + (
                record.truth or "nothing"
            )


def _entry(number: int, record: AnyRecord, text: str) -> str:
    kind, lane = _kind_of(record)
    notes = "".join(f'<span class="remark">{remark}</span>' for remark in _remarks(record))
    source = f'<span class="source">line {record.line}</span>' if record.line is not None else ""
    return (
        f'<li id="r{number}" data-r="{number}" class="{lane}"><span class="when">{_when(record)}</span>'
        f'<span class="kind">{shown(kind)}</span><span class="what"><code>{shown(text)}</code>{notes}</span>'
        f"{source}</li>"
    )


def _when(record: AnyRecord) -> str:
    sent = f"<time>{moment(record.at_ns)}</time>"
    if not isinstance(record, MessageRecord):
        return f"{sent} s"
    if record.arrived_ns is None:
        return f'{sent} s <span class="way">→ never</span>'
    return f'{sent} <span class="way">→ {moment(record.arrived_ns)} s</span>'


def _remarks(record: AnyRecord) -> Iterator[str]:
    """Yield, as HTML, what a trace line does not say."""
    if isinstance(record, EventRecord) and record.provenance not in ("", "local"):
        yield f"from {shown(record.provenance)}"
    if not isinstance(record, MessageRecord):
        return
    if record.arrived_ns is not None:
        yield f"under way for {span(record.arrived_ns - record.at_ns)}" + (" (nobody waited any more)" * record.late)
    elif not record.heard:
        yield "nobody was connected: it reached nobody"
    elif record.faults:
        yield "it never arrived"
    else:
        yield "it never arrived: nobody was there to take it"
    if record.origin == "wire":
        yield "answered by the fault; the venue never heard of the request"
    if record.faults:
        yield f"met by {shown(', '.join(record.faults))}"
    if record.arrived_text is not None:
        yield f"sent as <code>{shown(record.text)}</code>, arrived as <code>{shown(record.arrived_text)}</code>"


def _kind_of(record: AnyRecord) -> tuple[str, str]:
    """Return a record's kind in words, and the class of its lane."""
    match record:
        case StepRecord():
            return "step", "step"
        case MarkRecord():
            return "run", "violation" if record.text.startswith("error ") else "step"
        case MessageRecord():
            return record.direction, "node" if record.origin == "node" else record.origin
        case FaultRecord():
            return "fault", "fault"
        case VenueRecord():
            return "venue", "venue"
        case StateRecord():
            return ("agree" if record.agree else "differ"), "state"
        case ViolationRecord():
            return "violation", "violation"
        case LogRecord():
            return "log", "node"
        case AlarmRecord():
            return "alarm", "node"
        case LifeRecord():
            return "node", "node"
        case EventRecord():
            return "event", "node"
