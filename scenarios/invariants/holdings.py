"""What positions, portfolio and accounts say follows from the fills, counted once more by somebody else; and whose they
are. After the storm.

May know: the kernel's public classes. No arithmetic of the kernel's is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from nautilus_live.core.reconciliation.alignment import is_alignment
from nautilus_live.model.enums import Provenance
from nautilus_live.model.identifiers import EXTERNAL, InstrumentId
from nautilus_live.model.objects import Price
from nautilus_live.model.position import Position
from scenarios.invariants.eventually import eventually
from scenarios.invariants.rules import Calm
from scenarios.texts import plain

ZERO = Decimal(0)
NEARLY = Decimal("1e-9")


@eventually(39, "positions add up")
def positions_add_up(calm: Calm) -> list[str]:
    """What a position holds, held at most, opened, closed and earned since it was last flat is what its fills give."""
    return [f"{position.id}: {text}" for position in calm.cache.positions() for text in _does_not_add_up(position)]


def _does_not_add_up(position: Position) -> Iterator[str]:
    if position.base is not None or position.instrument.is_inverse:
        return  # what a purge folded is not there to be counted; an inverse contract has another arithmetic
    instrument = position.instrument
    held = most = opened = closed = received = earned = ZERO
    for fill in position.fills:
        quantity, price = fill.last_qty.value, fill.last_px.value
        signed = quantity * fill.order_side.sign
        if held * signed < 0:
            earned += quantity * (price - opened) * (1 if held > 0 else -1) * instrument.multiplier.value
            received, closed = received + quantity * price, closed + quantity
        else:
            opened = (abs(held) * opened + quantity * price) / (abs(held) + quantity)
        held += signed
        most = max(most, abs(held))
        if fill.commission is not None and fill.commission.currency == instrument.settlement_currency:
            earned -= fill.commission.value
    if position.signed_qty != held:
        yield f"{position.signed_qty:f} here, its fills are {held}"
        return
    if position.peak != most:
        yield f"held {position.peak} at most, by its fills {most}"
    if held and _is_off(position.open_px, opened):
        yield f"opened at {plain(position.open_px)}, by its fills at {plain(opened)}"
    if closed and (position.close_px is None or _is_off(position.close_px, received / closed)):
        yield f"closed at {position.close_px}, by its fills at {plain(received / closed)}"
    if abs(position.realized - earned) > NEARLY * (1 + abs(earned)):
        yield f"{plain(position.realized)} realized, by its fills {plain(earned)}"


def _is_off(ours: Decimal, wanted: Decimal) -> bool:
    return abs(ours - wanted) > NEARLY * abs(wanted)


@eventually(40, "the portfolio adds up")
def portfolio_adds_up(calm: Calm) -> list[str]:
    """What the portfolio says of an instrument is the sum of its positions; a balance is what is free and locked."""
    portfolio, found = calm.portfolio, []
    by_instrument: dict[InstrumentId, list[Position]] = {}
    for position in calm.cache.positions():
        by_instrument.setdefault(position.instrument_id, []).append(position)
    for name, positions in by_instrument.items() if portfolio is not None else ():
        assert portfolio is not None
        instrument = positions[0].instrument
        settled_in = instrument.settlement_currency  # whichever one the account is kept in
        unit = Decimal(1).scaleb(-settled_in.precision)
        net = sum((one.net_qty for one in positions), ZERO)
        if portfolio.net_position(name) != net or portfolio.is_flat(name) is not (not net):
            found.append(f"{name}: net {portfolio.net_position(name):f}, its positions are {net}")
        earned = sum((one.realized + one.realized_before for one in positions), ZERO)
        told = portfolio.realized_pnl(name, target_currency=settled_in)
        if not calm.purges and (told is None or abs(told.value - earned) > unit):
            found.append(f"{name}: {told} realized, by its positions {plain(earned)}")
        if instrument.is_inverse:
            continue
        price = Price(instrument.price_increment.value * 1_000, instrument.price_precision)
        worth = sum((one.net_qty * (price.value - one.open_px) for one in positions), ZERO)
        worth *= instrument.multiplier.value
        told = portfolio.unrealized_pnl(name, price, target_currency=settled_in)
        if told is not None and abs(told.value - worth) > unit:
            found.append(f"{name}: {told} unrealized at {price}, by its positions {plain(worth)}")
    for account in calm.cache.accounts():
        for currency, total in account.balances_total().items():
            free, locked = account.balance_free(currency), account.balance_locked(currency)
            if free is not None and locked is not None and free.value + locked.value != total.value:
                found.append(f"{account.id}: {free} free and {locked} locked, {total} in all")
    return found


@eventually(41, "to everybody his own")
def everybody_has_his_own(calm: Calm) -> list[str]:
    """What a strategy traded is in no other's position; an order from elsewhere is its claimant's, or nobody's."""
    found = []
    claims = {view.account_id: calm.policy(view.account_id).claims for view in calm.venues}
    for order in calm.cache.orders():
        if order.init.provenance is not Provenance.RECONCILIATION or order.strategy_id.is_internal():
            continue
        claimant = claims.get(order.account_id, {}).get(order.instrument_id) if order.account_id is not None else None
        if order.strategy_id in (EXTERNAL, claimant):
            continue
        if order.init.ts_init < calm.life_began_ns:  # who took it over then keeps it, whoever claims now
            calm.leave_out(f"{order.client_order_id}: taken over in an earlier life")
        else:
            found.append(f"{order.client_order_id}: it is {order.strategy_id}'s, claimed by {claimant or 'nobody'}")
    for position in calm.cache.positions():
        owner = position.strategy_id
        if owner.is_external() or owner.is_internal() or position.id.value != f"{position.instrument_id}-{owner}":
            continue  # nobody's, or named by the venue or an order
        for fill in position.fills:
            other, made = fill.strategy_id, calm.cache.order(fill.client_order_id)
            if made is not None and is_alignment(made):
                continue  # it changes whatever is not the venue's, and whoever claims it may be another
            if other != owner and not (other.is_external() or other.is_internal()):
                found.append(f"{position.id}: has {fill.client_order_id}, which is {other}'s")
    return found
