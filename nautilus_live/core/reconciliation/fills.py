"""Fills: what was really traded, compared with what we know; and what the venue's totals imply beyond that.

- Fills are taken oldest first, whatever order they come in.
- A known trade is never rewritten: our data stays, differences beyond the tolerance are noted.
- A real trade takes the place of placeholders (inferred fills) that stand for it.
- A trade of an order that is closed already is a trade all the same; it is taken, and alarmed.
- A price that we inferred gives way to the venue's average, when it says one, or another one.
- What the order's total says beyond its trades is inferred: at the price that brings the order to the venue's
  average, else the limit price, else the middle of the market, else the order's own average, else that of the venue's
  position. Without any of these nothing is filled and the order is set aside. (The average of a position of ours would
  be no evidence: the plan itself changes it, and a second call would know more than the first.)
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import structs

from nautilus_live.core.foreign_fills import is_shared_out
from nautilus_live.core.reconciliation.prices import ZERO, differs, mid_price, positive
from nautilus_live.core.reconciliation.synthetic_ids import inferred_trade_id
from nautilus_live.core.reconciliation.types import Level, Policy
from nautilus_live.core.reconciliation.workspace import Workspace
from nautilus_live.marks import mark
from nautilus_live.model.enums import LiquiditySide, OrderType, Provenance
from nautilus_live.model.events import OrderFilled
from nautilus_live.model.identifiers import PositionId, TradeId
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.objects import Money, Price, Quantity
from nautilus_live.model.orders import CLOSED_STATUSES, Order
from nautilus_live.model.reports import FillReport, OrderStatusReport

RECONCILIATION = Provenance.RECONCILIATION
_TAKERS = (OrderType.MARKET, OrderType.STOP_MARKET, OrderType.TRAILING_STOP_MARKET, OrderType.MARKET_IF_TOUCHED)


def oldest_first(fills: list[FillReport]) -> list[FillReport]:
    """Return `fills` by time, then trade id; the versions of one trade in an order that depends on nothing else."""
    if len(fills) < 2:
        return fills
    repeated = len({fill.trade_id for fill in fills}) < len(fills)
    return sorted(fills, key=lambda fill: (fill.ts_event, fill.trade_id.value, repr(fill) if repeated else ""))


def apply_fills(work: Workspace, draft: Order, fills: list[FillReport], total: Decimal | None) -> None:
    """Plan the fills that the order does not have yet.

    Args:
        work: the workspace.
        draft: the order's copy.
        fills: the order's fill reports.
        total: the cumulative quantity that the order's report states, None without one.

    """
    seen: dict[TradeId, None] = {}
    for fill in oldest_first(fills):
        trade_id = fill.trade_id
        if (
            fill.client_order_id is not None
            and fill.client_order_id != draft.client_order_id
            and not _is_alias(work, draft, fill)
        ):
            text = f"fill {trade_id} names {fill.client_order_id}, its venue order is {draft.client_order_id}; skipped"
            work.note(Level.WARNING, "fill.wrong_owner", text, draft, trade_id=trade_id)
            work.plan.fills_skipped += 1
        elif fill.order_side is not draft.side:
            text = f"fill {trade_id} is a {fill.order_side}, the order a {draft.side}; refused"
            work.note(Level.ERROR, "fill.wrong_side", text, draft, trade_id=trade_id, alarm=True)
            work.plan.fills_skipped += 1
        elif trade_id in seen:
            text = f"fill {trade_id} is reported twice; counted once"
            work.note(Level.WARNING, "fill.reported_twice", text, draft, trade_id=trade_id)
            work.plan.fills_skipped += 1
        else:
            seen[trade_id] = None
            if trade_id in draft.voided_trade_ids:
                text = f"fill {trade_id} was taken back by the venue; skipped"
                work.note(Level.INFO, "fill.voided_before", text, draft, trade_id=trade_id)
                work.plan.fills_skipped += 1
            elif trade_id in draft.fills:
                _compare(work, draft, draft.fills[trade_id], fill)
            elif fill.last_qty.value:
                _book(work, draft, with_replacements(draft, fill_event(work, draft, fill), total))


def _book(work: Workspace, draft: Order, fill: OrderFilled) -> bool:
    """Plan a fill; one that an order gets after its end is taken, and a human is told."""
    status = draft.status
    if not work.apply(draft, fill):
        return False
    if status in CLOSED_STATUSES and not fill.replaces:
        mark("reconciliation.late_fill")
        text = f"filled {fill.last_qty} @ {fill.last_px} by the venue's record, after it was {status} here"
        work.note(Level.WARNING, "fill.late", text, draft, trade_id=fill.trade_id, alarm=True)
    return True


def _is_alias(work: Workspace, draft: Order, fill: FillReport) -> bool:
    # An order that we found by its venue id may be known to the venue under another client id; its fills name that one.
    return (
        fill.client_order_id is not None
        and work.named(fill.client_order_id, fill.instrument_id) is None
        and draft.venue_order_id == fill.venue_order_id
    )


def with_replacements(order: Order, fill: OrderFilled, total: Decimal | None = None) -> OrderFilled:
    """Return `fill` with the placeholders named that it takes the place of.

    A placeholder stands for trades up to the time of the report that implied it, so a trade of that time or before is
    one of them. A later trade is new, unless there is no room for it beside the placeholders (`total`, else the
    order's quantity).
    """
    if not order.fills:
        return fill
    placeholders = [known for known in order.fills.values() if known.provenance is Provenance.INFERRED]
    if not placeholders:
        return fill
    covered = [known for known in placeholders if fill.ts_event <= known.ts_event]
    room = (order.quantity.value if total is None else total) - order.filled_qty.value
    if not covered and fill.last_qty.value > room:
        covered = placeholders
    if not covered:
        return fill
    mark("reconciliation.placeholder_replaced")
    # What takes the place of silent placeholders alone is as silent as they are.
    silent = sum((known.last_qty.value for known in covered if not known.affects_position), ZERO)
    moves = fill.affects_position and (not silent or _reaches_beyond(fill, covered))
    return structs.replace(fill, replaces=tuple(known.trade_id for known in covered), affects_position=moves)


def _reaches_beyond(fill: OrderFilled, placeholders: list[OrderFilled]) -> bool:
    """Whether `fill` takes the place of a placeholder that counts in a position, or of more than there are."""
    left = fill.last_qty.value
    for placeholder in placeholders:
        if left > 0 and placeholder.affects_position:
            return True
        left -= placeholder.last_qty.value
    return left > 0


def fill_event(work: Workspace, draft: Order, fill: FillReport) -> OrderFilled:
    """Return the event that books a reported trade."""
    instrument = work.instrument(draft)
    return OrderFilled(
        event_id=work.event_id(draft.client_order_id),
        ts_event=fill.ts_event,
        ts_init=work.now,
        trader_id=draft.init.trader_id,
        strategy_id=draft.strategy_id,
        instrument_id=draft.instrument_id,
        client_order_id=draft.client_order_id,
        venue_order_id=fill.venue_order_id if draft.venue_order_id is None else draft.venue_order_id,
        account_id=work.account_id,
        provenance=RECONCILIATION,
        trade_id=fill.trade_id,
        order_side=draft.side,
        order_type=draft.order_type,
        last_qty=fill.last_qty,
        last_px=fill.last_px,
        currency=instrument.quote_currency,
        commission=fill.commission,
        liquidity_side=fill.liquidity_side,
        position_id=work.position_id(fill.venue_position_id) or _settled_position(work, draft),
    )


def _settled_position(work: Workspace, draft: Order) -> PositionId | None:
    """Return the position that the order's fills change, as far as that is settled."""
    settled = draft.position_id
    return None if settled is None or is_shared_out(draft, work.policy.oms_type) else settled


def _compare(work: Workspace, draft: Order, known: OrderFilled, fill: FillReport) -> None:
    """Note where a report differs from the fill that we have; ours stays."""
    differences = []
    tick = work.instrument(draft).price_increment.value
    if known.last_qty != fill.last_qty:
        differences.append(f"quantity {known.last_qty} / {fill.last_qty}")
    if abs(known.last_px.value - fill.last_px.value) > tick * work.policy.fill_price_tolerance_ticks:
        differences.append(f"price {known.last_px} / {fill.last_px}")
    if _commission_differs(known.commission, fill.commission, work.policy):
        differences.append(f"commission {known.commission} / {fill.commission}")
    if fill.liquidity_side and known.liquidity_side is not fill.liquidity_side:
        differences.append(f"liquidity {known.liquidity_side} / {fill.liquidity_side}")
    level = Level.WARNING if differences else Level.DEBUG
    if fill.ts_event and known.ts_event != fill.ts_event:
        differences.append(f"time {known.ts_event} / {fill.ts_event}")
    if not differences and known.last_px == fill.last_px and known.commission == fill.commission:
        return
    listed = ", ".join(differences) or "within tolerance"
    text = f"fill {fill.trade_id} differs from the report (ours / venue's), ours kept: {listed}"
    work.note(level, "fill.differs", text, draft, trade_id=fill.trade_id)


def _commission_differs(ours: Money | None, theirs: Money | None, policy: Policy) -> bool:
    if theirs is None or ours is None:  # unknown is not different
        return False
    if ours.currency != theirs.currency:
        return True
    return differs(ours.value, theirs.value, policy.fill_commission_tolerance)


def infer_fill(work: Workspace, draft: Order, report: OrderStatusReport, venue_avg_px: Decimal | None) -> bool:
    """Plan the fill that the report's total implies beyond the order's trades; return whether there was a price for it.

    `venue_avg_px` is the average of the venue's position in the instrument, the last resort before the order is set
    aside.
    """
    instrument = work.instrument(draft)
    quantity = report.filled_qty.value - draft.filled_qty.value
    price, estimated = _inferred_price(work, draft, report, instrument, quantity, venue_avg_px)
    if price is None:
        text = (
            f"the venue says {report.filled_qty} filled, we know {draft.filled_qty}; no price for the rest,"
            " so nothing was filled"
        )
        work.quarantine(draft, "fill.no_price", text, doubted=True)
        return False
    mark("reconciliation.inferred_fill")
    liquidity = _liquidity(draft)
    last_qty = Quantity(quantity, instrument.size_precision)
    last_px = Price(price, instrument.price_precision)
    venue_order_id = draft.venue_order_id or report.venue_order_id
    text = f"the venue says {report.filled_qty} filled, we know {draft.filled_qty}; the rest filled @ {last_px}"
    text += ", which is our guess" if estimated else ""
    work.note(Level.WARNING if estimated else Level.INFO, "fill.inferred", text, draft)
    return _book(
        work,
        draft,
        OrderFilled(
            event_id=work.event_id(draft.client_order_id),
            ts_event=report.ts_last,
            ts_init=work.now,
            trader_id=draft.init.trader_id,
            strategy_id=draft.strategy_id,
            instrument_id=draft.instrument_id,
            client_order_id=draft.client_order_id,
            venue_order_id=venue_order_id,
            account_id=work.account_id,
            provenance=Provenance.INFERRED,
            trade_id=inferred_trade_id(
                work.account_id,
                draft.instrument_id,
                draft.client_order_id,
                venue_order_id,
                draft.side,
                draft.filled_qty,
                last_qty,
                last_px,
                report.ts_last,
            ),
            order_side=draft.side,
            order_type=draft.order_type,
            last_qty=last_qty,
            last_px=last_px,
            currency=instrument.quote_currency,
            commission=estimated_commission(instrument, last_qty, last_px, liquidity),
            liquidity_side=liquidity,
            position_id=work.position_id(report.venue_position_id) or _settled_position(work, draft),
            last_px_estimated=estimated,
        ),
    )


def restate_inferred(work: Workspace, draft: Order, average: Decimal) -> bool:
    """Plan that what was inferred was filled at the price that gives the venue's average.

    What the venue left out was guessed; and where it shows no trades, a trade that it corrects shows in the average.

    Returns:
        Whether there was such a fill, and such a price.

    """
    inferred = [fill for fill in draft.fills.values() if fill.inferred]
    if not inferred:
        return False
    instrument = work.instrument(draft)
    quantity = sum((fill.last_qty.value for fill in inferred), ZERO)
    stated = sum((fill.last_qty.value * fill.last_px.value for fill in inferred), ZERO)
    known = draft.filled_notional - stated
    price = positive((average * draft.filled_qty.value - known) / quantity, instrument.price_precision)
    if price is None:
        return False
    last_px = Price(price, instrument.price_precision)
    for fill in inferred:
        text = f"inferred was {fill.last_qty} @ {fill.last_px}; by the venue's average it was @ {last_px}"
        work.note(Level.WARNING, "fill.inferred_anew", text, draft, trade_id=fill.trade_id)
        corrected = structs.replace(
            fill,
            event_id=work.event_id(draft.client_order_id),
            ts_init=work.now,
            last_px=last_px,
            commission=estimated_commission(instrument, fill.last_qty, last_px, fill.liquidity_side),
            corrects=fill.trade_id,
            last_px_estimated=False,
        )
        work.apply(draft, corrected)
    return True


def _inferred_price(
    work: Workspace,
    draft: Order,
    report: OrderStatusReport,
    instrument: Instrument,
    quantity: Decimal,
    venue_avg_px: Decimal | None,
) -> tuple[Decimal | None, bool]:
    """Return the price and whether it is a guess."""
    precision = instrument.price_precision
    if report.avg_px is not None and report.avg_px > 0:
        weighted = (report.avg_px * report.filled_qty.value - draft.filled_notional) / quantity
        price = positive(weighted, precision)
        if price is not None:
            return price, False
    limit = draft.price or report.price
    guesses = (
        limit.value if limit is not None else None,
        mid_price(work.local.quote_tick(draft.instrument_id), precision),
        draft.average,
        venue_avg_px,
    )
    for guess in guesses:
        price = positive(guess, precision)
        if price is not None:
            mark("reconciliation.guessed_price")
            return price, True
    return None, True


def _liquidity(draft: Order) -> LiquiditySide:
    if draft.order_type in _TAKERS:
        return LiquiditySide.TAKER
    return LiquiditySide.MAKER if draft.init.post_only else LiquiditySide.NO_LIQUIDITY_SIDE


def estimated_commission(instrument: Instrument, quantity: Quantity, price: Price, liquidity: LiquiditySide) -> Money:
    """Return the commission of a fill that nobody reported: notional x maker fee for a maker, else x taker fee."""
    rate = instrument.maker_fee if liquidity is LiquiditySide.MAKER else instrument.taker_fee
    notional = instrument.notional_value(quantity, price)
    return Money(notional.value * rate if rate else ZERO, notional.currency)
