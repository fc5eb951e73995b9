"""What must hold in every run, mentioned in no scenario file.

The checkers look from outside: at what the node published, what its cache and its store hold, and at the venue's true
books. Nothing here asks the node whether it is well. Each rule has the number it has in DESIGN.md, section 6.

`ALWAYS` are checked at every event of the run (by `scenarios/watch.py`, which feeds them), `EVENTUALLY` after the
storm: the faults have ended, the connections are back, a bound has passed. (14), same seed same run, is checked by
running twice.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from msgspec import Struct, field

from nautilus_live.core.reconciliation import reconcile
from nautilus_live.engine.cache import Cache
from nautilus_live.errors import KernelError
from nautilus_live.model.enums import Provenance
from nautilus_live.model.identifiers import AccountId, InstrumentId
from nautilus_live.model.orders import Order
from nautilus_live.model.position import Position
from nautilus_live.model.reports import ExecutionMassStatus, OrderStatusReport
from sandbox_venues.venue import Venue
from scenarios.texts import event_text, plain

ZERO = Decimal(0)
AVERAGE_TOLERANCE = Decimal("0.0001")
"""Relative difference of average prices that rounding may cause: 0.01 %."""


class VenueView(Struct, kw_only=True):
    """One venue as the checkers see it: its true books, and what it answers at the front door after the storm."""

    name: str
    venue: Venue
    account_id: AccountId
    mass_status: ExecutionMassStatus | None = None
    positions_stated: bool = False


class Calm(Struct, kw_only=True):
    """Everything that the checkers may look at after the storm."""

    cache: Cache
    reloaded: Cache | None
    venues: list[VenueView]
    policy: Callable[[AccountId], Any]
    now_ns: int
    uncertain: frozenset[InstrumentId] = frozenset()
    quarantined: frozenset[str] = frozenset()
    filtered: frozenset[str] = frozenset()
    instruments: frozenset[InstrumentId] = frozenset()
    ignores_external: bool = False
    ignores_positions: bool = False
    given_positions: bool = False
    secrets: tuple[str, ...] = ()
    texts: list[str] = field(default_factory=list)


class Invariant(Struct, frozen=True):
    """A rule that holds in every run: its number, its name, the rule in words, and what finds violations."""

    number: int
    name: str
    rule: str
    check: Callable[[Calm], list[str]]

    def violations(self, calm: Calm) -> list[str]:
        """Return what violates the rule, each naming it."""
        return [f"invariant {self.number} ({self.name}): {text}" for text in self.check(calm)]


EVENTUALLY: list[Invariant] = []


def eventually(number: int, name: str) -> Callable[[Callable[[Calm], list[str]]], Callable[[Calm], list[str]]]:
    """Register a checker to be asked after the storm; its docstring is the rule."""

    def register(check: Callable[[Calm], list[str]]) -> Callable[[Calm], list[str]]:
        EVENTUALLY.append(Invariant(number, name, (check.__doc__ or "").strip(), check))
        return check

    return register


def check_eventually(calm: Calm) -> list[str]:
    """Return every violation after the storm, in the order of the rules."""
    found: list[str] = []
    for invariant in EVENTUALLY:
        found += invariant.violations(calm)
    return found


@eventually(7, "the venue's books balance")
def books_balance(calm: Calm) -> list[str]:
    """The venue's own invariants hold; a simulation on a crooked venue proves nothing."""
    found = []
    for view in calm.venues:
        try:
            view.venue.check()
        except AssertionError as error:
            found.append(f"{view.name}: {error}")
    return found


@eventually(8, "no secrets")
def no_secrets(calm: Calm) -> list[str]:
    """Nothing that the node logs, stores or shows contains a secret."""
    return [f"a secret is shown in {text[:40]!r}" for secret in calm.secrets for text in calm.texts if secret in text]


@eventually(9, "orders equal the venue's")
def orders_equal(calm: Calm) -> list[str]:
    """Open orders, filled quantities and average prices (within 0.01 %) are the venue's."""
    found = []
    for view in calm.venues:
        truth = [report for report in view.venue.orders(str(view.account_id)) if _concerns(calm, report)]
        for report in truth:
            order = _find(calm.cache, report)
            name = report.client_order_id or report.venue_order_id
            if order is None:
                if report.is_open and not calm.ignores_external:
                    found.append(f"{name}: open at {view.name}, unknown to the node")
                continue
            if order.client_order_id.value in calm.quarantined:
                continue
            found += _order_differences(order, report, str(name), many=_legs(truth, order) > 1)
        known = {report.client_order_id for report in truth if report.is_open and report.client_order_id is not None}
        numbers = {report.venue_order_id for report in truth if report.is_open}
        for order in calm.cache.orders_open():
            if order.account_id == view.account_id and order.client_order_id.value not in calm.quarantined:
                if order.client_order_id not in known and order.venue_order_id not in numbers:
                    found.append(f"{order.client_order_id}: {order.status} here, not open at {view.name}")
    return found


@eventually(9, "positions equal the venue's")
def positions_equal(calm: Calm) -> list[str]:
    """Net positions are the venue's; so are their averages where one position, made by fills, holds all of it."""
    if calm.ignores_positions:
        return []
    found = []
    for view in calm.venues:
        if not view.venue.profile.has_positions:
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
            if instrument_id in calm.uncertain or (calm.instruments and instrument_id not in calm.instruments):
                continue
            own = [position for position in held if position.instrument_id == instrument_id]
            ours = sum((position.signed_qty for position in own), ZERO)
            # A position stated outright may have an average that no trade can lead to; the node warns of that one.
            stated = calm.given_positions or view.positions_stated
            average = None if stated else averages.get(instrument_id)
            if ours != signed:
                found.append(f"{instrument_id}: {ours:f} here, {signed:f} at {view.name}")
            elif len(own) == 1 and average and _is_off(own[0].avg_px_open, average):
                found.append(
                    f"{instrument_id}: average {plain(own[0].avg_px_open)} here, {plain(average)} at {view.name}"
                )
    return found


@eventually(9, "balances equal the venue's")
def balances_equal(calm: Calm) -> list[str]:
    """The account's totals are the venue's."""
    found = []
    for view in calm.venues:
        account = calm.cache.account(view.account_id)
        if account is None or not view.venue.profile.streams_account:
            continue
        for balance in view.venue.balances(str(view.account_id)):
            total = account.balance_total(balance.currency)
            if total is not None and total != balance.total:
                found.append(f"{view.account_id}: {total} here, {balance.total} at {view.name}")
    return found


@eventually(10, "nothing in flight")
def nothing_in_flight(calm: Calm) -> list[str]:
    """No order waits for an answer any more."""
    return [
        f"{order.client_order_id}: still {order.status}"
        for order in calm.cache.orders_inflight()
        if order.client_order_id.value not in (*calm.quarantined, *calm.filtered)
    ]


@eventually(11, "a further reconciliation emits nothing")
def reconciliation_is_idempotent(calm: Calm) -> list[str]:
    """Asked once more, the venue says what the node believes already."""
    found = []
    for view in calm.venues:
        if view.mass_status is None:
            continue
        try:
            plan = reconcile(calm.cache, view.mass_status, calm.policy(view.account_id), calm.now_ns)
        except KernelError as error:
            found.append(f"{view.name}: a further reconciliation fails: {error}")
            continue
        found += [f"{view.name}: {event_text(event)}" for event in plan.events]
    return found


@eventually(12, "a restart gives the same state")
def store_is_complete(calm: Calm) -> list[str]:
    """What a restart would load from the store is what the node holds."""
    if calm.reloaded is None:
        return []
    found = []
    ours = {order.client_order_id.value: _order_state(order) for order in calm.cache.orders()}
    theirs = {order.client_order_id.value: _order_state(order) for order in calm.reloaded.orders()}
    mine = {position.id.value: _position_state(position) for position in calm.cache.positions()}
    stored = {position.id.value: _position_state(position) for position in calm.reloaded.positions()}
    for what, here, there in (("order", ours, theirs), ("position", mine, stored)):
        for key in dict.fromkeys((*here, *there)):
            if here.get(key) != there.get(key):
                found.append(f"{what} {key}: {here.get(key, 'unknown')} here, {there.get(key, 'unknown')} in the store")
    return found


@eventually(13, "profit is what the fills give")
def profit_follows_from_fills(calm: Calm) -> list[str]:
    """The realised profit in each instrument is what the venue's fills give, counted from outside."""
    if calm.given_positions or calm.ignores_external or calm.ignores_positions or calm.instruments or calm.filtered:
        return []
    found = []
    for view in calm.venues:
        if view.positions_stated or not view.venue.profile.has_positions:
            continue
        for instrument_id in view.venue.instruments:
            positions = calm.cache.positions(instrument_id=instrument_id)
            if len(positions) != 1 or instrument_id in calm.uncertain:
                continue  # profit is kept per position; only one position's can be told from outside
            wanted = _profit(view.venue, view.account_id, instrument_id)
            was = positions[0].total_realized_pnl.value
            unit = Decimal(1).scaleb(-positions[0].settlement_currency.precision)
            fills = len(view.venue.fills(str(view.account_id))) + 1
            if abs(wanted - was) > unit * fills:
                found.append(f"{instrument_id}: {was:f} here, {plain(wanted)} from the fills of {view.name}")
    return found


def _profit(venue: Venue, account_id: AccountId, instrument_id: InstrumentId) -> Decimal:
    """Count the realised profit of one instrument at average cost, less commissions in its settlement currency."""
    instrument = venue.instruments[instrument_id]
    held = average = profit = ZERO
    for fill in venue.fills(str(account_id)):
        if fill.instrument_id != instrument_id:
            continue
        price, signed = fill.last_px.value, fill.last_qty.value * fill.order_side.sign
        closing = min(abs(held), abs(signed)) if held * signed < 0 else ZERO
        if closing:
            profit += instrument.pnl(closing if held > 0 else -closing, average, price)
        opening = abs(signed) - closing
        after = held + signed
        if opening:
            kept = abs(held) if held * signed > 0 else ZERO
            average = (kept * average + opening * price) / (kept + opening)
        held = after
        if fill.commission is not None and fill.commission.currency == instrument.settlement_currency:
            profit -= fill.commission.value
    return profit


def _concerns(calm: Calm, report: OrderStatusReport) -> bool:
    if calm.instruments and report.instrument_id not in calm.instruments:
        return False
    return report.client_order_id is None or report.client_order_id.value not in calm.filtered


def _find(cache: Cache, report: OrderStatusReport) -> Order | None:
    order = cache.order(report.client_order_id) if report.client_order_id is not None else None
    if order is None:
        name = cache.client_order_id(report.venue_order_id, report.instrument_id)
        order = cache.order(name) if name is not None else None
    return order


def _legs(truth: list[OrderStatusReport], order: Order) -> int:
    return sum(report.client_order_id == order.client_order_id for report in truth)


def _order_differences(order: Order, report: OrderStatusReport, name: str, *, many: bool) -> list[str]:
    if many and order.venue_order_id != report.venue_order_id:
        return []  # another order of the venue under the same id; each is compared with its own
    found = []
    if order.is_open != report.is_open:
        found.append(f"{name}: {order.status} here, {report.order_status} at the venue")
    if order.filled_qty.value != report.filled_qty.value:
        found.append(f"{name}: filled {order.filled_qty} here, {report.filled_qty} at the venue")
    elif order.avg_px is not None and report.avg_px is not None:
        if _is_off(order.avg_px, report.avg_px):
            found.append(f"{name}: average {plain(order.avg_px)} here, {plain(report.avg_px)} at the venue")
    if order.is_open and report.is_open and order.quantity != report.quantity:
        found.append(f"{name}: quantity {order.quantity} here, {report.quantity} at the venue")
    return found


def _is_off(ours: Decimal, theirs: Decimal) -> bool:
    return abs(ours - theirs) > abs(theirs) * AVERAGE_TOLERANCE


def _order_state(order: Order) -> str:
    fills = " ".join(f"{fill.trade_id}:{fill.last_qty}@{fill.last_px}" for fill in order.fills.values())
    return f"{order.status} {order.filled_qty}/{order.quantity} {order.price} {order.venue_order_id} [{fills}]"


def _position_state(position: Position) -> str:
    held = f"{position.signed_qty:f} @ {plain(position.avg_px_open)}"
    return f"{held} realized {plain(position.realized)} of {position.strategy_id}"


def is_venue_word(provenance: Provenance) -> bool:
    """Return whether an event of that provenance rests on what a venue said."""
    return provenance not in (Provenance.LOCAL, Provenance.POLICY)
