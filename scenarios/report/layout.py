"""Where everything goes: from records to a drawing with places in pixels.

May know: records. Knows nothing of HTML. Time runs down the page; a moment is as high as what happened in it, and
where nothing happens for long the axis is folded. Promises: every record has its place; in each lane things stand in
the order in which they happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from msgspec import Struct

from scenarios.report.records import (
    AnyRecord,
    FaultRecord,
    LifeRecord,
    MarkRecord,
    MessageRecord,
    StateRecord,
    StepRecord,
    VenueRecord,
)

CHAPTER_X, CHAPTER_WIDTH = 8.0, 190.0
TIME_X, TIME_WIDTH = 206.0, 58.0
NOTES_X, NOTES_WIDTH = 272.0, 262.0
NODE_X, LEAD, WIRE_WIDTH = 550.0, 262.0, 104.0
VENUE_STEP = 170.0
VENUE_NOTES_WIDTH = 160.0
SENT, ARRIVED, NOTE, BAND, FAULT = 27.0, 19.0, 24.0, 58.0, 27.0
PAD, TOP = 9.0, 26.0
FOLD_NS, FOLD = 250_000_000, 48.0
APART_NS = 100_000_000
"""Belief and truth that differ for no longer than this are a message under way, nothing to show."""
CHAPTER_INDENT, LETTER, WORD_GAP = 27.0, 6.65, 9.0
CHAPTER_LINE, CHAPTER_HEAD = 16.0, 36.0
MARKS = {"expectations": "What the file expects", "the storm is over": "The storm is over"}
"""The lines of the run itself that begin a chapter."""


class Moment(Struct, kw_only=True):
    """A virtual time at which something happened, from `y` down; `begins_chapter` if first of all a step did."""

    at_ns: int
    y: float
    height: float = 0.0
    begins_chapter: bool = False


class Fold(Struct, frozen=True, kw_only=True):
    """A piece of the axis where nothing happened for `length_ns`."""

    y: float
    height: float
    length_ns: int


class Item(Struct, kw_only=True):
    """A record with its place: `y` where it begins (was sent), `to_y` where it ended (arrived)."""

    number: int
    record: AnyRecord
    y: float = 0.0
    to_y: float | None = None


class Lanes(Struct, frozen=True, kw_only=True):
    """The lanes' horizontal places."""

    node: float
    wire_left: float
    wire_right: float
    venues: dict[str, float]
    notes: float
    width: float


class Drawing(Struct, kw_only=True):
    """A run with every record in its place."""

    lanes: Lanes
    height: float
    moments: list[Moment]
    folds: list[Fold]
    items: list[Item]
    bands: list[Item]
    apart: list[tuple[float, float]]
    lives: list[tuple[float, float, str]]


def draw(records: Sequence[AnyRecord], venues: Sequence[str]) -> Drawing:
    """Return the drawing of a run."""
    bands, agreed = _bands(records)
    items = {number: Item(number=number, record=record) for number, record in enumerate(records, 1)}
    ends = _ends(items, [*bands, *agreed])
    moments, folds = [], []
    y, before_ns = TOP, None
    for at_ns in sorted(ends):
        if before_ns is not None:
            gap_ns = at_ns - before_ns
            gap = FOLD if gap_ns >= FOLD_NS else 8 + min(26.0, gap_ns / 1e6 * 0.9)
            if gap_ns >= FOLD_NS:
                folds.append(Fold(y=y, height=gap, length_ns=gap_ns))
            y += gap
        moment = Moment(at_ns=at_ns, y=y)
        moment.begins_chapter = is_chapter(ends[at_ns][0][1].record)
        moment.height = _place(moment, ends[at_ns], {*bands, *agreed})
        moments.append(moment)
        y += moment.height
        before_ns = at_ns
    height = y + 34
    return Drawing(
        lanes=_lanes(venues),
        height=height,
        moments=moments,
        folds=folds,
        items=list(items.values()),
        bands=[items[number] for number in sorted([*bands, *agreed])],
        apart=_apart(items, bands, agreed, height),
        lives=_lives(items, height),
    )


def _lanes(venues: Sequence[str]) -> Lanes:
    left, right = NODE_X + LEAD, NODE_X + LEAD + WIRE_WIDTH
    places = {name: right + LEAD + index * VENUE_STEP for index, name in enumerate(venues)}
    notes = max(places.values(), default=right + LEAD) + 18
    width = notes + VENUE_NOTES_WIDTH + 8
    return Lanes(node=NODE_X, wire_left=left, wire_right=right, venues=places, notes=notes, width=width)


def _ends(items: dict[int, Item], shown: list[int]) -> dict[int, list[tuple[int, Item, str]]]:
    """Return what happens at each time, in order: a message's two ends are two things."""
    ends: dict[int, list[tuple[int, Item, str]]] = {}
    for item in items.values():
        record = item.record
        if isinstance(record, StateRecord) and item.number not in shown:
            continue
        ends.setdefault(record.at_ns, []).append((record.place, item, "begins"))
        if isinstance(record, MessageRecord) and record.arrived_ns is not None and record.arrived_place is not None:
            ends.setdefault(record.arrived_ns, []).append((record.arrived_place, item, "arrives"))
    return {at_ns: sorted(found, key=lambda end: end[0]) for at_ns, found in ends.items()}


def _place(moment: Moment, ends: list[tuple[int, Item, str]], shown: set[int]) -> float:
    """Give everything of one moment its place; return how high the moment is."""
    chapters = node = venue = moment.y + PAD
    for _, item, end in ends:
        record = item.record
        if end == "arrives":
            at_node = isinstance(record, MessageRecord) and record.direction != "request"
            item.to_y = (node if at_node else venue) + ARRIVED / 2 + 3
            node, venue = (node + ARRIVED, venue) if at_node else (node, venue + ARRIVED)
        elif is_chapter(record):
            # What follows from a step stands below its head, so that cause and effect read downwards.
            chapters = item.y = max(chapters, node - 4, venue - 4)
            chapters += chapter_height(record)
            node, venue = max(node, item.y + 4), max(venue, item.y + 4)
        elif isinstance(record, FaultRecord) or item.number in shown:
            item.y = max(node, venue)
            node = venue = item.y + (BAND if item.number in shown else FAULT)
        elif isinstance(record, MessageRecord):
            if record.origin == "node":
                item.y, node = node + SENT - 7, node + SENT
            elif record.origin == "venue":
                item.y, venue = venue + SENT - 7, venue + SENT
            else:
                item.y = max(node, venue) + SENT - 3
                node = venue = item.y + ARRIVED / 2
        elif isinstance(record, VenueRecord) or (isinstance(record, MarkRecord) and not record.host):
            item.y, venue = venue, venue + NOTE
        else:
            item.y, node = node, node + NOTE
    return max(chapters, node, venue) - moment.y + PAD


def is_chapter(record: AnyRecord) -> bool:
    """Return whether a record stands on the left, as a mark of a chapter."""
    return isinstance(record, StepRecord) or (isinstance(record, MarkRecord) and record.text in MARKS)


def chapter_height(record: AnyRecord) -> float:
    """Return how much room a chapter mark takes on the left."""
    if not isinstance(record, StepRecord):
        return CHAPTER_HEAD
    lines, used, room = (1 if record.fields else 0), 0.0, CHAPTER_WIDTH - CHAPTER_INDENT
    for name, value in record.fields.items():
        width = (len(name) + 1 + len(value)) * LETTER + WORD_GAP
        if used and used + width > room:
            lines, used = lines + 1, 0.0
        lines += int((width - WORD_GAP) // room)
        used += width
    return CHAPTER_HEAD + lines * CHAPTER_LINE


def _bands(records: Sequence[AnyRecord]) -> tuple[list[int], list[int]]:
    """Return the numbers of the states in which the two sides stayed apart, and of those that ended that."""
    of: dict[str, list[tuple[int, StateRecord]]] = {}
    for number, record in enumerate(records, 1):
        if isinstance(record, StateRecord):
            of.setdefault(record.subject, []).append((number, record))
    apart, agreed = [], []
    for states in of.values():
        open_difference = False
        for (number, state), after in zip(states, [*states[1:], None], strict=True):
            stays = after is None or after[1].at_ns - state.at_ns > APART_NS
            if state.agree:
                if open_difference:
                    agreed.append(number)
                open_difference = False
            elif stays:
                apart.append(number)
                open_difference = True
    return apart, agreed


def _apart(items: dict[int, Item], bands: list[int], agreed: list[int], height: float) -> list[tuple[float, float]]:
    """Return from where to where the two sides are apart, overlaps joined."""
    spans: list[tuple[float, float]] = []
    since: dict[str, float] = {}
    for number in sorted([*bands, *agreed]):
        state = items[number].record
        assert isinstance(state, StateRecord), "only states are bands"
        y = items[number].y + BAND / 2
        if number in agreed:
            spans.append((since.pop(state.subject, y), y))
        else:
            since.setdefault(state.subject, y)
    spans += [(y, height - 20) for y in since.values()]
    joined: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _lives(items: dict[int, Item], height: float) -> list[tuple[float, float, str]]:
    """Return from where to where the node lives, and in which state."""
    turns = [(item.y + NOTE / 2, item.record.state) for item in items.values() if isinstance(item.record, LifeRecord)]
    pieces = [*turns, (height - 14, "")]
    return [(y, end, state) for (y, state), (end, _) in pairwise(pieces) if state in ("up", "paused")]
