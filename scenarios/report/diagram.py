"""The sequence diagram: lanes and arrows as SVG, everything that is read as HTML on top of them.

May know: a drawing. Every piece carries the number of its record (`data-r`) and links to its line in the transcript
(`#r12`), so that it leads somewhere without JavaScript too.
"""

from __future__ import annotations

from collections.abc import Iterator

from scenarios.report import layout
from scenarios.report.layout import Drawing, Item
from scenarios.report.markup import milliseconds, moment, px, shown, span
from scenarios.report.records import (
    AlarmRecord,
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
from scenarios.report.transcript import headline

LIFE_WORDS = {
    "up": "starts",
    "paused": "is paused",
    "stopped": "has stopped",
    "failed": "has given up",
    "crashed": "is killed",
}


def diagram(drawing: Drawing, held: dict[str, bool | None]) -> str:
    """Return the figure; `held` says of the run's own marks whether what is asked there holds."""
    lanes = drawing.lanes
    heads = [
        _head("node", lanes.node, "Node"),
        _head("wire", (lanes.wire_left + lanes.wire_right) / 2, "Wire"),
        *(_head("venue", x, name) for name, x in lanes.venues.items()),
    ]
    size = f"width:{px(lanes.width)}px"
    return "\n".join(
        [
            f'<figure class="diagram" style="{size}">',
            f'<div class="heads" aria-hidden="true">{"".join(heads)}</div>',
            f'<div class="canvas" style="{size};height:{px(drawing.height)}px">',
            *_svg(drawing),
            *_times(drawing),
            *(line for item in drawing.items for line in _words(item, drawing, held)),
            "</div>",
            "</figure>",
        ]
    )


def _head(kind: str, x: float, name: str) -> str:
    return f'<span class="head {kind}" style="left:{px(x)}px">{shown(name)}</span>'


# -- the SVG beneath
# -----------------------------------------------------------------------------------------------------


def _svg(drawing: Drawing) -> Iterator[str]:
    lanes, height = drawing.lanes, drawing.height
    yield f'<svg width="{px(lanes.width)}" height="{px(height)}" aria-hidden="true">'
    yield (
        '<defs><pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<line class="hatch" x1="0" y1="0" x2="0" y2="7"/></pattern></defs>'
    )
    width = lanes.wire_right - lanes.wire_left
    yield f'<rect class="wire" x="{px(lanes.wire_left)}" y="0" width="{px(width)}" height="{px(height)}"/>'
    for start, end in drawing.apart:
        box = f'x="{px(lanes.wire_left)}" y="{px(start)}" width="{px(width)}" height="{px(end - start)}"'
        yield f'<rect class="apart" {box}/>'
    yield f'<path class="lane node down" d="M{px(lanes.node)} 0V{px(height)}"/>'
    for x in lanes.venues.values():
        yield f'<path class="lane venue" d="M{px(x)} 0V{px(height)}"/>'
    for start, end, state in drawing.lives:
        length = max(end - start, 6.0)
        yield (
            f'<rect class="life {state}" x="{px(lanes.node - 3)}" y="{px(start)}" width="6" height="{px(length)}"'
            ' rx="3"/>'
        )
    for fold in drawing.folds:
        yield _fold_svg(fold, drawing)
    for item in drawing.items:
        if layout.is_chapter(item.record):
            y = px(item.y + 2.5)
            yield f'<path class="chapter-line" d="M{px(layout.CHAPTER_X)} {y}H{px(lanes.width - 8)}"/>'
    for item in drawing.items:
        if isinstance(item.record, MessageRecord):
            yield _arrow(item, item.record, drawing)
    yield "</svg>"


def _fold_svg(fold: layout.Fold, drawing: Drawing) -> str:
    """Cover the lanes where the axis is folded with a torn edge."""
    lanes = drawing.lanes
    left, right = layout.TIME_X - 6, lanes.width
    middle, half = fold.y + fold.height / 2, 11.0
    teeth = int((right - left) // 12)
    edge = "".join(f"l6 {'-4' if index % 2 else '4'}" for index in range(teeth * 2))
    upper, lower = f"M{px(left)} {px(middle - half)}{edge}", f"M{px(left)} {px(middle + half)}{edge}"
    box = f'x="{px(left)}" y="{px(middle - half + 2)}" width="{px(right - left)}" height="{px(2 * half)}"'
    return f'<rect class="fold" {box}/><path class="torn" d="{upper}{lower}"/>'


def _arrow(item: Item, record: MessageRecord, drawing: Drawing) -> str:
    lanes, number = drawing.lanes, item.number
    venue = lanes.venues.get(record.venue, lanes.wire_right + layout.LEAD)
    to_venue = record.direction == "request"
    start, near, far, end = (
        (lanes.node + 4, lanes.wire_left, lanes.wire_right, venue - 3)
        if to_venue
        else (venue - 3, lanes.wire_right, lanes.wire_left, lanes.node + 4)
    )
    middle = (near + far) / 2
    y, kind = item.y, f"message {record.direction}{' hurt' if record.faults else ''}"
    dot = f'<circle class="from" cx="{px(start)}" cy="{px(y)}" r="2.6"/>'
    if record.origin == "wire":
        start, near, dot = middle, middle, f'<circle class="from" cx="{px(middle)}" cy="{px(y)}" r="3.5"/>'
    if item.to_y is None:
        stop = middle - (8 if near < far else -8)
        path = f"M{px(start)} {px(y)}H{px(stop)}"
        mark = (
            f'<path class="lost" d="M{px(middle - 4.5)} {px(y - 4.5)}l9 9m0 -9l-9 9"/>'
            if record.heard
            else f'<circle class="unheard" cx="{px(middle)}" cy="{px(y)}" r="4.5"/>'
        )
        kind += " never"
    else:
        to_y, bend = item.to_y, (near + far) / 2 if record.origin != "wire" else (middle + far) / 2
        path = (
            f"M{px(start)} {px(y)}H{px(near)}C{px(bend)} {px(y)} {px(bend)} {px(to_y)} {px(far)} {px(to_y)}H{px(end)}"
        )
        back = -7 if end > far else 7
        mark = f'<path class="point" d="M{px(end)} {px(to_y)}l{back} -3.6v7.2Z"/>'
    title = shown(headline(record))
    return (
        f'<a href="#r{number}" data-r="{number}" class="{kind}" tabindex="-1"><title>{title}</title>'
        f'<path class="reach" d="{path}"/><path class="line" d="{path}"/>{dot}{mark}</a>'
    )


# -- the words on top
# ----------------------------------------------------------------------------------------------------


def _times(drawing: Drawing) -> Iterator[str]:
    for each in drawing.moments:
        top = each.y + layout.PAD + (9 if each.begins_chapter else -1)
        place = f"top:{px(top)}px;left:{px(layout.TIME_X)}px;width:{px(layout.TIME_WIDTH)}px"
        yield f'<time class="at" style="{place}" title="{moment(each.at_ns)} s">{milliseconds(each.at_ns)}</time>'
    for fold in drawing.folds:
        middle = fold.y + fold.height / 2
        yield (
            f'<span class="gap" style="top:{px(middle - 7)}px;left:{px(layout.TIME_X)}px">'
            f"{span(_rounded(fold.length_ns))} later</span>"
        )


def _words(item: Item, drawing: Drawing, held: dict[str, bool | None]) -> Iterator[str]:
    record, number = item.record, item.number
    match record:
        case StepRecord():
            yield _chapter(number, item.y, f"{record.index + 1}", record.verb, record.fields)
        case MarkRecord() if layout.is_chapter(record):
            sign = {True: "✓", False: "✗", None: "·"}[held.get(record.text)]
            bad = held.get(record.text) is False
            yield _chapter(number, item.y, sign, layout.MARKS[record.text], {}, "failed" if bad else "mark")
        case MessageRecord():
            yield _label(item, record, drawing)
        case StateRecord():
            if item in drawing.bands:
                yield _band(item, record, drawing)
        case FaultRecord():
            middle = (drawing.lanes.wire_left + drawing.lanes.wire_right) / 2
            yield (
                f'<a class="fault" href="#r{number}" data-r="{number}" title="{shown(headline(record))}"'
                f' style="left:{px(middle)}px;top:{px(item.y + 3)}px">{shown(record.name)}</a>'
            )
        case VenueRecord():
            name = f"{record.venue} " if len(drawing.lanes.venues) > 1 else ""
            yield _note(item, drawing, "venue action", f"{name}{record.action}", _sparse(record.text))
        case MarkRecord():
            kind = "violation" if record.text.startswith("error ") else "plain"
            yield _note(item, drawing, f"{'node' if record.host else 'venue'} {kind}", "", record.text)
        case _:
            yield _node_note(item, drawing)


def _node_note(item: Item, drawing: Drawing) -> str:
    match item.record:
        case EventRecord(family=family, kind=kind, text=text):
            return _note(item, drawing, f"node event {family}", kind, text.removeprefix(kind).strip())
        case LogRecord(level=level, text=text):
            return _note(item, drawing, "node log", level.lower(), text)
        case AlarmRecord(kind=kind, text=text):
            return _note(item, drawing, "node alarm", f"alarm {kind}", text)
        case ViolationRecord(text=text):
            return _note(item, drawing, "node violation", "", text)
        case LifeRecord(state=state, number=number):
            again = f" (life {number})" if number > 1 and state == "up" else ""
            return _note(item, drawing, f"node turn {state}", f"the node {LIFE_WORDS[state]}{again}", "")
    raise TypeError(f"a record must have a form in the diagram, was {type(item.record).__name__}")


def _note(item: Item, drawing: Drawing, kind: str, head: str, rest: str) -> str:
    at_node = kind.startswith("node")
    x = layout.NOTES_X if at_node else drawing.lanes.notes
    width = layout.NOTES_WIDTH if at_node else layout.VENUE_NOTES_WIDTH
    head = f"<b>{shown(head)}</b> " if head else ""
    return (
        f'<a class="note {kind}" href="#r{item.number}" data-r="{item.number}" title="{shown(headline(item.record))}"'
        f' style="left:{px(x)}px;top:{px(item.y)}px;width:{px(width)}px"><span>{head}{shown(rest)}</span></a>'
    )


def _label(item: Item, record: MessageRecord, drawing: Drawing) -> str:
    lanes = drawing.lanes
    kind, text = record.kind, record.text.removeprefix(record.kind).strip()
    if record.origin == "node":
        x, width = lanes.node + 12, layout.LEAD - 20
    elif record.origin == "venue":
        x, width = lanes.wire_right + 8, layout.LEAD - 20
    else:
        x, width = lanes.node + 12, layout.LEAD + layout.WIRE_WIDTH / 2 - 12
    kind = f"{record.venue} {kind}" if len(lanes.venues) > 1 else kind
    sign = {"answer": "↩ ", "report": "", "request": ""}[record.direction]
    return (
        f'<a class="label {record.origin} {record.direction}" href="#r{item.number}" data-r="{item.number}"'
        f' title="{shown(headline(record))}"'
        f' style="left:{px(x)}px;top:{px(item.y - 18)}px;width:{px(width)}px">'
        f"<b>{sign}{shown(kind)}</b> {shown(text)}</a>"
    )


def _band(item: Item, record: StateRecord, drawing: Drawing) -> str:
    lanes = drawing.lanes
    last = max(lanes.venues.values(), default=lanes.wire_right + layout.LEAD)
    left, width = lanes.node + 14, last - lanes.node - 28
    middle = (lanes.wire_left + lanes.wire_right) / 2 - left
    sides = (
        f'<span class="side node" style="width:{px(middle - 48)}px"><i>Node believes</i>'
        f"{shown(record.belief or 'nothing')}</span>"
        f'<span class="sign">{"=" if record.agree else "≠"}</span>'
        f'<span class="side venue" style="left:{px(middle + 48)}px;width:{px(width - middle - 48)}px"><i>True at the'
        f" venue</i>{shown(record.truth or 'nothing')}</span>"
    )
    kind = "agree" if record.agree else "differ"
    return (
        f'<a class="band {kind}" href="#r{item.number}" data-r="{item.number}" title="{shown(headline(record))}"'
        f' style="left:{px(left)}px;top:{px(item.y + 4)}px;width:{px(width)}px;height:{px(layout.BAND - 8)}px;'
        f'--middle:{px(middle)}px">{sides}<span class="subject">{shown(record.subject)}</span></a>'
    )


def _chapter(number: int, y: float, sign: str, head: str, fields: dict[str, str], kind: str = "step") -> str:
    words = "".join(f"<span><i>{shown(name)}</i> {shown(value)}</span>" for name, value in fields.items())
    return (
        f'<a class="chapter {kind}" href="#r{number}" data-r="{number}" data-step="1"'
        f' style="left:{px(layout.CHAPTER_X)}px;top:{px(y + 9)}px;width:{px(layout.CHAPTER_WIDTH)}px">'
        f'<b class="sign">{sign}</b><b>{shown(head)}</b><span class="fields">{words}</span></a>'
    )


def _sparse(text: str) -> str:
    """Leave out of a venue's action what says nothing."""
    words = [word for word in text.split() if not word.endswith(("=False", "=None"))]
    return " ".join(word.partition("=")[2] or word for word in words)


def _rounded(length_ns: int) -> int:
    """Return a span with three digits that count."""
    return round(length_ns, 3 - len(str(length_ns)))
