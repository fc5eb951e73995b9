"""What holds after the storm: the faults have ended, the connections are back, a bound has passed.

Each checker looks from outside at the node's cache and store and at the venue's true books; nothing here asks the node
whether it is well. Its docstring is the rule. What it cannot ask in a run it leaves out by name (`Calm.leave_out`),
never silently.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from decimal import Decimal

from msgspec import Struct

from nautilus_live.core.fill_corrections import undoes_an_earlier_cycle
from nautilus_live.core.reconciliation import reconcile
from nautilus_live.engine.cache import Cache
from nautilus_live.errors import KernelError
from nautilus_live.model.identifiers import ClientOrderId, InstrumentId
from nautilus_live.model.orders import Order
from nautilus_live.model.position import Position
from nautilus_live.model.reports import FillReport, OrderStatusReport
from scenarios.invariants.excuses import trails_in_silence, why_said_again, why_unknown
from scenarios.invariants.profit import is_partly_ignored, is_told_in_order, profit_differences
from scenarios.invariants.rules import (
    Calm,
    Rule,
    VenueView,
    Verdict,
    is_uncertain_with_reason,
    may_be_unknown,
    never_prices,
)
from scenarios.texts import event_text, plain

ZERO = Decimal(0)
AVERAGE_TOLERANCE = Decimal("0.0001")
"""Relative difference of average prices that rounding may cause: 0.01 %."""

Checker = Callable[[Calm], list[str]]


class Invariant(Struct, frozen=True):
    """A rule that holds after the storm, and what finds violations. `asks` is whether it needs the venue's answers."""

    number: int
    name: str
    rule: str
    check: Checker
    asks: bool

    def violations(self, calm: Calm) -> list[str]:
        """Return what violates the rule, each naming it."""
        told = Rule(self.number, self.name, self.rule)
        return [told.broken(text) for text in self.check(calm)]


EVENTUALLY: list[Invariant] = []


def eventually(number: int, name: str, *, asks: bool = False) -> Callable[[Checker], Checker]:
    """Register a checker to be asked after the storm; its docstring is the rule."""

    def register(check: Checker) -> Checker:
        EVENTUALLY.append(Invariant(number, name, (check.__doc__ or "").strip(), check, asks))
        EVENTUALLY.sort(key=lambda invariant: invariant.number)
        return check

    return register


def check_eventually(calm: Calm, verdicts: list[Verdict] | None = None, *, quick: bool = False) -> list[str]:
    """Return every violation after the storm, in the order of the rules; into `verdicts` goes what became of each.

    A `quick` look leaves out what needs the venue's answers or a second cache.
    """
    found = list(calm.problems)
    for invariant in EVENTUALLY:
        if quick and invariant.asks:
            continue
        calm.exempt.clear()
        violations = invariant.violations(calm)
        found += violations
        if verdicts is not None:
            held, exempt = not violations, tuple(calm.exempt)
            verdicts.append(Verdict(number=invariant.number, name=invariant.name, held=held, exempt=exempt))
    return found


@eventually(2, "real trades replace inferred ones", asks=True)
def inferred_are_replaced(calm: Calm) -> list[str]:
    """No inferred fill stands where the venue shows the trades that it stood for."""
    found = []
    for view in calm.venues:
        shown = [] if view.mass_status is None else view.mass_status.fills or []
        for order in calm.cache.orders(account_id=view.account_id):
            guessed = any(fill.inferred for fill in order.fills.values()) and not order.strategy_id.is_internal()
            if not guessed or _is_left_alone(calm, order):  # the node is set not to look at what a list shows of those
                continue
            missing = [fill.trade_id for fill in shown if _is_of(fill, order) and fill.trade_id not in order.fills]
            found += [f"{order.client_order_id}: {trade_id} is shown, and a guess in its place" for trade_id in missing]
    return found


def _is_of(fill: FillReport, order: Order) -> bool:
    return fill.instrument_id == order.instrument_id and fill.venue_order_id == order.venue_order_id


@eventually(9, "orders equal the venue's")
def orders_equal(calm: Calm) -> list[str]:
    """Open orders, their prices and quantities, what is filled and its average (within 0.01 %) are the venue's."""
    found = []
    for view in calm.venues:
        truth = [report for report in view.venue.orders(str(view.account_id)) if _is_ours_to_know(calm, report)]
        legs = Counter(report.client_order_id for report in truth)
        for report in truth:
            found += _order_differences(calm, view, report, legs)
        names = {report.client_order_id for report in truth if report.is_open and report.client_order_id is not None}
        numbers = {report.venue_order_id for report in truth if report.is_open}
        for order in calm.cache.orders_open():
            if order.account_id != view.account_id or is_set_aside(calm, order) or _is_left_alone(calm, order):
                continue
            if order.client_order_id not in names and order.venue_order_id not in numbers:
                found.append(f"{order.client_order_id}: {order.status} here, not open at {view.name}")
    return found


def _is_ours_to_know(calm: Calm, report: OrderStatusReport) -> bool:
    if not calm.is_watched(report.instrument_id):
        return False
    if report.client_order_id is not None and report.client_order_id.value in calm.filtered:
        calm.leave_out(f"{report.client_order_id}: filtered_client_order_ids leaves it out")
        return False
    return True


def _is_left_alone(calm: Calm, order: Order) -> bool:
    if order.client_order_id.value in calm.filtered:
        calm.leave_out(f"{order.client_order_id}: filtered_client_order_ids leaves it out")
        return True
    return not calm.is_watched(order.instrument_id)


def is_set_aside(calm: Calm, order: Order) -> bool:
    """Return whether the node says, and with reason, that it does not know an order's state; noted as exempt."""
    if order.client_order_id.value not in calm.quarantined:
        return False
    if not any(
        may_be_unknown(calm, view) or _has_a_namesake(view, order) or _shows_nothing_of(view, order)
        for view in calm.venues
    ):
        return False  # nothing contradicts anything, so nothing needs to be set aside
    calm.leave_out(f"{order.client_order_id}: the node says that it does not know the order's state")
    return True


def _was_taken_back_unseen(view: VenueView, order: Order, report: OrderStatusReport) -> bool:
    """Return whether less is filled of a closed order than we know, at a venue that forgets what is closed."""
    forgets = view.venue.profile.closed_orders_vanish_secs is not None
    return forgets and not report.is_open and not order.is_open and report.filled_qty.value < order.filled_qty.value


def _shows_nothing_of(view: VenueView, order: Order) -> bool:
    """Return whether an order works at the venue with nothing filled, though trades of it were told.

    All of them were taken back; a venue that leaves the quantity out looks just like it.
    """
    here = [one for one in view.venue.orders(str(view.account_id)) if one.venue_order_id == order.venue_order_id]
    return bool(order.filled_qty.value) and any(one.is_open and not one.filled_qty.value for one in here)


def _has_a_namesake(view: VenueView, order: Order) -> bool:
    """Return whether somebody else's order has its id at the venue."""
    named = [one for one in view.venue.orders(str(view.account_id)) if one.client_order_id == order.client_order_id]
    return any((one.instrument_id, one.order_side) != (order.instrument_id, order.side) for one in named)


def _order_differences(
    calm: Calm, view: VenueView, report: OrderStatusReport, legs: Counter[ClientOrderId | None]
) -> list[str]:
    """Return how an order differs from the venue's, which has so many `legs` under each client order id."""
    order = _find(calm.cache, report)
    name = str(report.client_order_id or report.venue_order_id)
    if order is None:
        if not report.is_open:
            return []  # closed before the node looked: nothing hangs on it but positions, which are compared
        if excuse := why_unknown(calm, view, report):
            calm.leave_out(f"{name}: {excuse}")
            return []
        return [f"{name}: open at {view.name}, unknown to the node"]
    if is_set_aside(calm, order):
        return []
    if order.provisional and not view.venue.profile.reports_client_ids:
        calm.leave_out(f"{name}: ended without the venue's word, and {view.name} does not say whose its trades are")
        return []
    if calm.hid_open_orders and order.is_closed and order.filled_qty.value and report.is_open:
        calm.leave_out(f"{name}: a fault hid it while it worked, and showed trades of it: so it must have ended")
        return []
    if legs[order.client_order_id] > 1 and order.venue_order_id != report.venue_order_id:
        return []  # another order of the venue under the same id; each is compared with its own
    found = []
    if order.is_open != report.is_open:
        found.append(f"{name}: {order.status} here, {report.order_status} at the venue")
    if _was_taken_back_unseen(view, order, report):
        calm.leave_out(f"{name}: closed, and {view.name} shows neither it nor a trade that it took back")
    elif order.filled_qty.value != report.filled_qty.value:
        found.append(f"{name}: filled {order.filled_qty} here, {report.filled_qty} at the venue")
    elif not view.venue.profile.reports_avg_px and any(fill.last_px_estimated for fill in order.fills.values()):
        calm.leave_out(f"{name}: {view.name} states no averages, and does not show the trade any more")
    elif never_prices(view):
        calm.leave_out(f"{name}: {view.name} never says at which price it was filled")
    elif order.avg_px is not None and report.avg_px is not None and _is_off(order.avg_px, report.avg_px):
        found.append(f"{name}: average {plain(order.avg_px)} here, {plain(report.avg_px)} at the venue")
    if order.is_open and report.is_open and order.quantity != report.quantity:
        found.append(f"{name}: quantity {order.quantity} here, {report.quantity} at the venue")
    if order.is_open and report.is_open and not trails_in_silence(view, order):
        for what in ("price", "trigger_price"):
            ours, theirs = getattr(order, what), getattr(report, what)
            if None not in (ours, theirs) and ours != theirs:
                found.append(f"{name}: {what} {ours} here, {theirs} at the venue")
    return found


def _find(cache: Cache, report: OrderStatusReport) -> Order | None:
    order = cache.order(report.client_order_id) if report.client_order_id is not None else None
    if order is None or not order.is_at(report.account_id, report.instrument_id):
        name = cache.client_order_id(report.venue_order_id, report.instrument_id)
        order = cache.order(name) if name is not None else None
    return order


@eventually(9, "positions equal the venue's")
def positions_equal(calm: Calm) -> list[str]:
    """Net positions are the venue's; so are their averages where one position, made by fills, held all of it."""
    if calm.ignores_positions:
        calm.leave_out("the node is set to ask for no positions (filter_position_reports, or reconciliation off)")
        return []
    found = []
    for view in calm.venues:
        if not view.venue.profile.has_positions:
            calm.leave_out(f"{view.name}: a spot account has balances, no positions")
            continue
        truth: dict[InstrumentId, Decimal] = {}
        averages: dict[InstrumentId, Decimal | None] = {}
        for report in view.venue.positions(str(view.account_id)):
            averages[report.instrument_id] = None if report.instrument_id in truth else report.avg_px_open
            truth[report.instrument_id] = truth.get(report.instrument_id, ZERO) + report.signed_qty
        held = calm.cache.positions_open(account_id=view.account_id)
        for position in held:
            truth.setdefault(position.instrument_id, ZERO)
        for instrument_id, signed in truth.items():
            own = [position for position in held if position.instrument_id == instrument_id]
            found += _position_differences(calm, view, instrument_id, own, signed, averages.get(instrument_id))
    return found


def _position_differences(
    calm: Calm,
    view: VenueView,
    instrument_id: InstrumentId,
    own: list[Position],
    signed: Decimal,
    average: Decimal | None,
) -> list[str]:
    if is_uncertain_with_reason(calm, view, instrument_id):
        calm.leave_out(f"{instrument_id}: the node says that it does not know the position")
        return []
    if not calm.is_watched(instrument_id):
        return []
    ours = sum((position.signed_qty for position in own), ZERO)
    if ours != signed and never_prices(view):
        calm.leave_out(
            f"{instrument_id}: {view.name} never says at which price, so a fill may be booked when it is aligned"
        )
    elif ours != signed:
        return [f"{instrument_id}: {ours:f} here, {signed:f} at {view.name}"]
    if view.positions_stated or instrument_id in calm.positions_given:
        calm.leave_out(f"{instrument_id}: its average was stated outright, which no trade may lead to")
    elif len(own) == 1 and average and _is_off(own[0].avg_px_open, average):
        known = calm.cache.positions(instrument_id=instrument_id, account_id=view.account_id)
        if any(other is not own[0] and other.ts_closed >= own[0].ts_opened for other in known):
            calm.leave_out(f"{instrument_id}: two positions shared it for a while, and the venue knows but their sum")
            return []
        if any(map(undoes_an_earlier_cycle, own[0].fills)):
            calm.leave_out(f"{instrument_id}: a trade from before it was last flat was undone, at its own price")
            return []
        if (calm.ignores_external or calm.purges) and is_partly_ignored(calm, view, instrument_id):
            calm.leave_out(f"{instrument_id}: some of its trades are ignored or forgotten, with their price and order")
            return []
        if not is_told_in_order(calm, view, instrument_id):
            calm.leave_out(f"{instrument_id}: its trades were told out of order, and the average depends on it")
            return []
        return [f"{instrument_id}: average {plain(own[0].avg_px_open)} here, {plain(average)} at {view.name}"]
    return []


@eventually(9, "balances equal the venue's")
def balances_equal(calm: Calm) -> list[str]:
    """The account's totals are the venue's, in every currency."""
    found = []
    for view in calm.venues:
        account = calm.cache.account(view.account_id)
        if account is None:
            found.append(f"{view.account_id}: unknown here")
            continue
        if not view.venue.profile.streams_account:
            calm.leave_out(f"{view.name}: does not stream balances, and the node asks for them at its start only")
            continue
        for balance in view.venue.balances(str(view.account_id)):
            total = account.balance_total(balance.currency)
            if (ZERO if total is None else total.value) != balance.total.value:
                found.append(f"{view.account_id}: {total} here, {balance.total} at {view.name}")
    return found


@eventually(10, "nothing in flight")
def nothing_in_flight(calm: Calm) -> list[str]:
    """No order waits for an answer any more."""
    found = []
    for order in calm.cache.orders_inflight():
        if is_set_aside(calm, order) or _is_left_alone(calm, order):
            continue
        found.append(f"{order.client_order_id}: still {order.status}")
    return found


@eventually(10, "a doubt ends with its reason")
def doubts_end(calm: Calm) -> list[str]:
    """No order is doubted of which the venue has said what became of it."""
    found = []
    for name in calm.doubted:
        order = calm.cache.order(ClientOrderId(name))
        if order is None or is_set_aside(calm, order):
            continue
        if not order.is_inflight and not (order.is_closed and order.provisional):
            found.append(f"{name}: {order.status} by {order.last_event.provenance.value}, and doubted still")
    return found


@eventually(11, "a further reconciliation emits nothing", asks=True)
def reconciliation_is_idempotent(calm: Calm) -> list[str]:
    """Asked once more, the venue says what the node believes already."""
    found = []
    for view in calm.venues:
        if view.mass_status is None:
            continue  # the venue's silence is among the problems
        try:
            plan = reconcile(calm.cache, view.mass_status, calm.policy(view.account_id), calm.now_ns)
        except KernelError as error:
            found.append(f"{view.name}: a further reconciliation fails: {error}")
            continue
        for event in plan.events:
            excuse = why_said_again(calm, view, event)
            if excuse:
                calm.leave_out(excuse)
            else:
                found.append(f"{view.name}: {event_text(event)}")
    return found


@eventually(12, "a restart gives the same state", asks=True)
def store_is_complete(calm: Calm) -> list[str]:
    """What a restart would load from the store is what the node holds."""
    if calm.reloaded is None:
        calm.leave_out("use_instance_id: a restart begins with an empty store")
        return []
    found = []
    ours = {order.client_order_id.value: _order_state(order) for order in calm.cache.orders()}
    theirs = {order.client_order_id.value: _order_state(order) for order in calm.reloaded.orders()}
    mine = {position.id.value: _position_state(position) for position in calm.cache.positions()}
    stored = {position.id.value: _position_state(position) for position in calm.reloaded.positions()}
    for what, here, there in (("order", ours, theirs), ("position", mine, stored)):
        for key in dict.fromkeys((*here, *there)):
            if calm.purges and key not in here:
                calm.leave_out(f"{what} {key}: purged from memory, kept in the store")
            elif here.get(key) != there.get(key):
                found.append(f"{what} {key}: {here.get(key, 'unknown')} here, {there.get(key, 'unknown')} in the store")
    return found


@eventually(13, "profit is what the fills give")
def profit_follows_from_fills(calm: Calm) -> list[str]:
    """The profit in each instrument is what the venue's fills give, counted from outside."""
    return profit_differences(calm)


def _is_off(ours: Decimal, theirs: Decimal) -> bool:
    return abs(ours - theirs) > abs(theirs) * AVERAGE_TOLERANCE


def _order_state(order: Order) -> str:
    fills = " ".join(f"{fill.trade_id}:{fill.last_qty}@{fill.last_px}" for fill in order.fills.values())
    return f"{order.status} {order.filled_qty}/{order.quantity} {order.price} {order.venue_order_id} [{fills}]"


def _position_state(position: Position) -> str:
    held = f"{position.signed_qty:f} @ {plain(position.avg_px_open)}"
    return f"{held} realized {plain(position.realized)} of {position.strategy_id}"
