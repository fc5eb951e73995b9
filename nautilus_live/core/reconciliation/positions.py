"""Positions: alignment orders for what orders and fills cannot explain.

Whose position an alignment fill changes: one open position in the account and instrument takes all of it, a flip too;
several are reduced, the largest first, and the rest opens under INTERNAL-DIFF. A whole instrument is planned before
anything of it counts, so that never one leg of two is applied. Nothing is realised at a price that nobody paid:
reductions and closes go at the position's own average.

Nothing is aligned to a word from before a trade of which we have just heard: the venue's list lags. Nor while an order
is under way of which no list says anything, or one is known to be filled further than could be booked: its trades will
be told, or settled, with it. The instrument is uncertain until then.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from decimal import Decimal

from msgspec import Struct

from nautilus_live.core.reconciliation.alignment import is_alignment, place, trade
from nautilus_live.core.reconciliation.clocks import LAG_NS
from nautilus_live.core.reconciliation.filters import Filters
from nautilus_live.core.reconciliation.position_book import PositionBook
from nautilus_live.core.reconciliation.prices import ZERO, differs, mid_price, positive, reconciliation_price
from nautilus_live.core.reconciliation.synthetic_ids import alignment_ids
from nautilus_live.core.reconciliation.types import Level
from nautilus_live.core.reconciliation.workspace import Workspace
from nautilus_live.marks import mark
from nautilus_live.model.enums import OrderSide, OrderType
from nautilus_live.model.events import OrderCanceled, OrderEvent, OrderFilled, OrderFillVoided
from nautilus_live.model.identifiers import INTERNAL_DIFF, ClientOrderId, InstrumentId, PositionId, StrategyId
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.objects import Price, Quantity, unit_of
from nautilus_live.model.orders import Order
from nautilus_live.model.position import Position
from nautilus_live.model.reports import PositionStatusReport

Missing = tuple[InstrumentId, Decimal]
"""What the venue has more than we, signed, of one position in an instrument."""


class Leg(Struct, frozen=True):
    """One alignment order: signed quantity, price (None: not to be known), and the position that it changes."""

    signed_qty: Decimal
    price: Decimal | None
    position_id: PositionId | None
    current: Decimal
    target: Decimal


def plan_positions(
    work: Workspace,
    book: PositionBook,
    reports: list[PositionStatusReport],
    beside: Iterable[PositionStatusReport] = (),
) -> list[Order]:
    """Plan the alignment of every position reported (each once); return the alignment orders in the order to happen.

    `beside` are the instruments' other positions; they stay as they are, and so do the orders that wait to align them.
    """
    orders: list[Order] = []
    for report in reports:
        instrument = work.local.instrument(report.instrument_id)
        if instrument is None:
            text = f"{report.instrument_id} is not known, so its position report cannot be used"
            work.fail("instrument.unknown", text, instrument_id=report.instrument_id)
            continue
        orders += _plan_one(work, book, report, instrument)
    settled = dict.fromkeys(report.instrument_id for report in reports)
    return orders + end_waiting(work, settled, [_missing(book, report) for report in beside])


def borne_out(
    work: Workspace, book: PositionBook, reports: Iterable[PositionStatusReport], to_come: Iterable[OrderEvent] = ()
) -> dict[ClientOrderId, None]:
    """Return the orders of which reports have less filled than we, where just that is missing from the positions too.

    `book` is as the plan leaves the positions, but for the events `to_come`: what they move is not judged. Where
    nothing would be aligned to the reports, they bear nothing out.
    """
    moved = {event.instrument_id: None for event in to_come if isinstance(event, OrderFilled | OrderFillVoided)}
    less: dict[InstrumentId, Decimal] = {}
    for name, signed_qty in work.regressed.items():
        instrument_id = work.drafts[name].instrument_id
        if instrument_id not in moved:
            less[instrument_id] = less.get(instrument_id, ZERO) + signed_qty
    found: dict[InstrumentId, None] = {}
    for instrument_id, signed_qty in less.items():
        about = [report for report in reports if report.instrument_id == instrument_id]
        missing: Decimal = sum((_missing(book, report)[1] for report in about), ZERO)
        if missing and missing == -signed_qty and not any(_not_comparable(work, report) for report in about):
            found[instrument_id] = None
    return {name: None for name in work.regressed if work.drafts[name].instrument_id in found}


def one_each(work: Workspace, reports: Iterable[PositionStatusReport]) -> list[PositionStatusReport]:
    """Return one report a position, the latest, in an order that does not depend on how they came."""
    latest: dict[tuple[InstrumentId, PositionId | None], PositionStatusReport] = {}
    for report in sorted(reports, key=lambda report: (report.ts_last, report.signed_qty, report.avg_px_open or ZERO)):
        key = (report.instrument_id, report.venue_position_id)
        known = latest.get(key)
        if known is not None and (known.signed_qty, known.avg_px_open) != (report.signed_qty, report.avg_px_open):
            text = f"two reports of one position: {known.signed_qty} and {report.signed_qty}; the later one counts"
            work.note(Level.WARNING, "position.reported_twice", text, instrument_id=report.instrument_id)
        latest[key] = report
    return sorted(latest.values(), key=lambda report: (str(report.instrument_id), str(report.venue_position_id or "")))


def _plan_one(work: Workspace, book: PositionBook, report: PositionStatusReport, instrument: Instrument) -> list[Order]:
    held = _held(book, report)
    current = sum((position.signed_qty for position in held), ZERO)
    target = report.signed_qty
    if _is_dust(target - current, instrument):
        if target != current:
            text = f"position differs by {target - current}, less than one unit"
            work.note(Level.DEBUG, "position.dust", text, instrument_id=report.instrument_id)
        _compare_average(work, book, report, held, current)
        return []
    text = f"position is {current} here and {target} at the venue"
    reason = _not_comparable(work, report)
    if reason:
        text += f"; {reason}, so ours is kept for now"
        work.note(Level.WARNING, "position.not_comparable", text, instrument_id=report.instrument_id)
        work.plan.postponed[report.instrument_id] = None
        work.plan.uncertain[report.instrument_id] = text
        return []
    if not work.policy.generate_missing_orders:
        text += "; nothing is made up, generate_missing_orders is off"
        work.note(Level.WARNING, "position.mismatch", text, instrument_id=report.instrument_id, alarm=True)
        work.plan.uncertain[report.instrument_id] = text
        return []
    mark("reconciliation.aligned")
    legs = _legs(work, book, report, instrument, held, current)
    work.note(Level.INFO, "position.aligned", f"{text}; aligning", instrument_id=report.instrument_id)
    made = (_order(work, book, report, instrument, leg) for leg in legs)
    return [order for order in made if order is not None]


def _held(book: PositionBook, report: PositionStatusReport) -> list[Position]:
    if report.venue_position_id is None:
        return book.positions(report.instrument_id)
    found = book.position(report.instrument_id, report.venue_position_id)
    return [found] if found is not None else []


def _not_comparable(work: Workspace, report: PositionStatusReport) -> str:
    """Return why a difference is none that calls for alignment, an empty text if it is one."""
    if _is_behind(work, report):
        return "the venue's word is older than the trades that we know"
    for name, instrument_id in work.plan.doubted.items():
        if instrument_id == report.instrument_id:
            return f"{name} is filled further than could be booked, which may be what differs"
    filters = Filters(work.local, work.policy)  # what is filtered nobody will tell of
    for order in work.local.orders_inflight(instrument_id=report.instrument_id):
        if order.client_order_id in work.drafts or filters.drops_known(order):
            continue
        if order.account_id in (None, work.account_id):
            return f"{order.client_order_id} waits for the venue, and its trades may be what differs"
    return ""


def _is_behind(work: Workspace, report: PositionStatusReport) -> bool:
    """Whether the venue's list lags: it has the position as it was before a trade of which we heard a moment ago."""
    named, known = report.venue_position_id, work.local.positions_known(report.instrument_id, work.account_id)
    held = [position for position in known if named in (None, position.id)]
    trades = [fill for position in held for fill in position.fills if not fill.last_px_estimated]
    if not trades:
        return False
    traded_ns, heard_ns = max(fill.ts_event for fill in trades), max(fill.ts_init for fill in trades)
    return 0 < report.ts_last < traded_ns and 0 <= work.now - heard_ns < LAG_NS


def _is_dust(difference: Decimal, instrument: Instrument) -> bool:
    return not difference.quantize(unit_of(instrument.size_precision))


def _compare_average(
    work: Workspace, book: PositionBook, report: PositionStatusReport, held: list[Position], current: Decimal
) -> None:
    theirs = report.avg_px_open
    ours = held[0].avg_px_open if len(held) == 1 else book.average(report.instrument_id)
    if not current or not theirs or ours is None:
        return
    if differs(ours, theirs, work.policy.average_price_tolerance):
        text = f"position quantity agrees, but the average is {ours} here and {theirs} at the venue"
        work.note(Level.WARNING, "position.average_differs", text, instrument_id=report.instrument_id)


def _legs(
    work: Workspace,
    book: PositionBook,
    report: PositionStatusReport,
    instrument: Instrument,
    held: list[Position],
    current: Decimal,
) -> list[Leg]:
    target = report.signed_qty
    if len(held) == 1 or report.venue_position_id is not None:
        average = held[0].avg_px_open if held and current else None
        price = _price(work, instrument, current, average, target, report.avg_px_open)
        owner = held[0].id if held else report.venue_position_id
        return [Leg(target - current, price, owner, current, target)]
    legs: list[Leg] = []
    rest = target - current
    # The largest position that the difference reduces comes first; ties go by id, so that every restart decides alike.
    for position in sorted(held, key=lambda position: (-abs(position.signed_qty), position.id.value)):
        if rest and (position.signed_qty > 0) != (rest > 0):
            taken = min(abs(rest), abs(position.signed_qty)).copy_sign(rest)
            price = positive(position.avg_px_open, instrument.price_precision)
            legs.append(Leg(taken, price, position.id, position.signed_qty, position.signed_qty + taken))
            rest -= taken
    if legs:
        mark("reconciliation.shared_position")
        reduced = ", ".join(str(leg.position_id) for leg in legs)
        text = f"{len(held)} positions share the instrument; reduced, the largest first: {reduced}"
        work.note(Level.WARNING, "position.shared", text, instrument_id=report.instrument_id)
    if rest:
        before = target - rest
        average = book.average_of(report.instrument_id, before)
        price = _price(work, instrument, before, average, target, report.avg_px_open)
        legs.append(Leg(rest, price, None, before, target))
    return legs


def _price(
    work: Workspace,
    instrument: Instrument,
    current: Decimal,
    average: Decimal | None,
    target: Decimal,
    target_average: Decimal | None,
) -> Decimal | None:
    """Return the price by the guide's order: calculated, mid of the market, current average; else None."""
    precision = instrument.price_precision
    reduces = bool(current) and (not target or (abs(target) < abs(current) and current * target > 0))
    if reduces:  # a reduction leaves the average as it is; any other price would realise what nobody earned
        calculated = average
        if (
            target
            and target_average
            and average
            and differs(average, target_average, work.policy.average_price_tolerance)
        ):
            text = f"a reduction cannot move the average from {average} to the venue's {target_average}"
            work.note(Level.WARNING, "position.average_differs", text, instrument_id=instrument.id)
    else:
        inverse = instrument.is_inverse
        calculated = reconciliation_price(current, average, target, target_average, precision, inverse=inverse)
        if target_average and positive(calculated, precision) is None:
            text = f"no price takes {current} @ {average} to the venue's {target} @ {target_average}"
            work.note(Level.WARNING, "position.average_differs", text, instrument_id=instrument.id)
    for candidate in (calculated, mid_price(work.local.quote_tick(instrument.id), precision), average):
        price = positive(candidate, precision)
        if price is not None:
            return price
    return None


def _order(
    work: Workspace, book: PositionBook, report: PositionStatusReport, instrument: Instrument, leg: Leg
) -> Order | None:
    """Plan one alignment order: a filled LIMIT, or, where no price is known, a MARKET that waits for one."""
    owner = _owner(work, instrument.id)
    draft = _find_or_create(work, report, instrument, leg, owner)
    if leg.price is None:
        text = f"no price is known for {leg.signed_qty}: nothing was filled and the position is not what the venue has"
        work.quarantine(draft, "position.no_price", text)
        work.plan.uncertain[instrument.id] = text
        return draft if draft.events else None
    trade_id = alignment_ids(draft.client_order_id)[2]
    price = Price(leg.price, instrument.price_precision)
    fill = trade(work, instrument, draft, trade_id, price, leg.position_id, work.now)
    if work.apply(draft, fill):
        book.apply(draft, fill)
        work.agree(draft, work.now)
    return draft


def _owner(work: Workspace, instrument_id: InstrumentId) -> StrategyId:
    claimant = work.policy.claims.get(instrument_id) if work.policy.claim_alignment_orders else None
    return claimant or INTERNAL_DIFF


def _find_or_create(
    work: Workspace, report: PositionStatusReport, instrument: Instrument, leg: Leg, owner: StrategyId
) -> Order:
    """Return an order that waits to be filled for such a leg if there is one, else a new one."""
    side = OrderSide.BUY if leg.signed_qty > 0 else OrderSide.SELL
    quantity = Quantity(abs(leg.signed_qty), instrument.size_precision)
    for waiting in _waiting(work):
        if (waiting.instrument_id, waiting.side, waiting.quantity) == (instrument.id, side, quantity):
            known = work.order(waiting.client_order_id)
            if known is not None:
                return known
    occurrence = 0
    while True:
        client_order_id, venue_order_id, _ = alignment_ids(
            work.account_id,
            instrument.id,
            leg.position_id or owner,
            leg.current,
            leg.target,
            report.avg_px_open,
            occurrence,
        )
        if work.order(client_order_id) is None:
            break
        occurrence += 1  # the same discrepancy came up again after it had been aligned: another event, another id
    price = None if leg.price is None else Price(leg.price, instrument.price_precision)
    return place(work, instrument, owner, (client_order_id, venue_order_id), leg.signed_qty, price, work.now)


def _waiting(work: Workspace) -> list[Order]:
    """Return the alignment orders that are not filled and that this plan has not dealt with yet.

    They wait for a price; or they had one (LIMIT), and a life ended in the midst of aligning.
    """
    return [
        order
        for order in work.local.orders_open(account_id=work.account_id)
        if is_alignment(order) and order.client_order_id not in work.drafts
    ]


def _missing(book: PositionBook, report: PositionStatusReport) -> Missing:
    current = sum((position.signed_qty for position in _held(book, report)), ZERO)
    return report.instrument_id, report.signed_qty - current


def end_waiting(work: Workspace, settled: Container[InstrumentId], missing: Iterable[Missing] = ()) -> list[Order]:
    """Plan the end of orders that wait to be filled for something that is settled otherwise by now.

    Args:
        work: where.
        settled: the instruments of which nothing differs any more but what is `missing`.
        missing: what still differs, one position each: the order that waits to align it goes on waiting.

    """
    ended: list[Order] = []
    wanted = list(missing)
    for waiting in _waiting(work):
        aligns = (waiting.instrument_id, waiting.quantity.value * waiting.side.sign)
        if aligns in wanted:
            wanted.remove(aligns)
        elif waiting.instrument_id in settled or waiting.order_type is OrderType.LIMIT:
            draft = work.order(waiting.client_order_id)
            if draft is not None and work.happen(OrderCanceled, draft, work.now, draft.venue_order_id):
                work.agree(draft, work.now)  # it was set aside while it waited
                ended.append(draft)
    return ended
