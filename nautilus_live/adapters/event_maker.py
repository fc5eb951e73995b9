"""What a client says about orders and its account: one method per event, with the ecosystem's names and arguments.

Knows the ports. Each method makes one event, stamped with our time, and hands it to the sink. Where a word came from is
said by `provenance`: the stream unless told otherwise; `RESPONSE` for the answer to a request of ours; submitting and
waiting are `LOCAL`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nautilus_live.adapters.ports import ExecutionClientContext
from nautilus_live.model.enums import AccountType, LiquiditySide, OrderSide, OrderType, Provenance
from nautilus_live.model.events import (
    AccountState,
    OrderAccepted,
    OrderCanceled,
    OrderCancelRejected,
    OrderEvent,
    OrderExpired,
    OrderFilled,
    OrderFillVoided,
    OrderModifyRejected,
    OrderPendingCancel,
    OrderPendingUpdate,
    OrderRejected,
    OrderSubmitted,
    OrderTriggered,
    OrderUpdated,
)
from nautilus_live.model.identifiers import (
    AccountId,
    ClientOrderId,
    InstrumentId,
    PositionId,
    StrategyId,
    TradeId,
    TraderId,
    VenueOrderId,
)
from nautilus_live.model.objects import AccountBalance, Currency, MarginBalance, Money, Price, Quantity

LOCAL, STREAM, RESPONSE = Provenance.LOCAL, Provenance.STREAM, Provenance.RESPONSE


class EventMaker:
    """Makes the events of one account. `ts_event` is the venue's time in nanoseconds, or ours where it gave none."""

    def __init__(
        self,
        context: ExecutionClientContext,
        *,
        account_id: AccountId,
        account_type: AccountType,
        base_currency: Currency | None,
    ) -> None:
        self.trader_id = TraderId(context.trader_id)
        self.account_id = account_id
        self.account_type = account_type
        self.base_currency = base_currency
        self._sink = context.sink
        self._clock = context.clock
        self._event_ids = context.event_ids

    def generate_order_submitted(
        self,
        strategy_id: StrategyId,
        instrument_id: InstrumentId,
        client_order_id: ClientOrderId,
        ts_event: int,
        provenance: Provenance = LOCAL,
    ) -> None:
        """Say that the order was sent."""
        self._sink.process(
            OrderSubmitted(
                event_id=self._event_ids.next(),
                ts_event=ts_event,
                ts_init=self._clock.timestamp_ns(),
                trader_id=self.trader_id,
                strategy_id=strategy_id,
                instrument_id=instrument_id,
                client_order_id=client_order_id,
                account_id=self.account_id,
                provenance=provenance,
            )
        )

    def generate_order_rejected(
        self,
        strategy_id: StrategyId,
        instrument_id: InstrumentId,
        client_order_id: ClientOrderId,
        reason: str,
        ts_event: int,
        due_post_only: bool = False,
        provenance: Provenance = RESPONSE,
    ) -> None:
        """Say that the venue refused the order."""
        self._sink.process(
            OrderRejected(
                event_id=self._event_ids.next(),
                ts_event=ts_event,
                ts_init=self._clock.timestamp_ns(),
                trader_id=self.trader_id,
                strategy_id=strategy_id,
                instrument_id=instrument_id,
                client_order_id=client_order_id,
                account_id=self.account_id,
                provenance=provenance,
                reason=reason,
                due_post_only=due_post_only,
            )
        )

    def generate_order_accepted(
        self,
        strategy_id: StrategyId,
        instrument_id: InstrumentId,
        client_order_id: ClientOrderId,
        venue_order_id: VenueOrderId,
        ts_event: int,
        provenance: Provenance = STREAM,
    ) -> None:
        """Say that the venue has the order."""
        self._sink.process(
            OrderAccepted(
                event_id=self._event_ids.next(),
                ts_event=ts_event,
                ts_init=self._clock.timestamp_ns(),
                trader_id=self.trader_id,
                strategy_id=strategy_id,
                instrument_id=instrument_id,
                client_order_id=client_order_id,
                venue_order_id=venue_order_id,
                account_id=self.account_id,
                provenance=provenance,
            )
        )

    def generate_order_canceled(
        self,
        strategy_id: StrategyId,
        instrument_id: InstrumentId,
        client_order_id: ClientOrderId,
        venue_order_id: VenueOrderId | None,
        ts_event: int,
        provenance: Provenance = STREAM,
        cum_qty: Quantity | None = None,
    ) -> None:
        """Say that the order no longer works; `cum_qty` is what the venue says was filled of it in all."""
        ids = (strategy_id, instrument_id, client_order_id, venue_order_id)
        self._say(OrderCanceled, ids, ts_event, provenance, cum_qty=cum_qty)

    def generate_order_expired(
        self,
        strategy_id: StrategyId,
        instrument_id: InstrumentId,
        client_order_id: ClientOrderId,
        venue_order_id: VenueOrderId | None,
        ts_event: int,
        provenance: Provenance = STREAM,
        cum_qty: Quantity | None = None,
    ) -> None:
        """Say that the order's time has run out; `cum_qty` as in `generate_order_canceled`."""
        ids = (strategy_id, instrument_id, client_order_id, venue_order_id)
        self._say(OrderExpired, ids, ts_event, provenance, cum_qty=cum_qty)

    def generate_order_triggered(
        self,
        strategy_id: StrategyId,
        instrument_id: InstrumentId,
        client_order_id: ClientOrderId,
        venue_order_id: VenueOrderId | None,
        ts_event: int,
        provenance: Provenance = STREAM,
    ) -> None:
        """Say that the order's trigger was reached."""
        ids = (strategy_id, instrument_id, client_order_id, venue_order_id)
        self._say(OrderTriggered, ids, ts_event, provenance)

    def generate_order_pending_update(
        self,
        strategy_id: StrategyId,
        instrument_id: InstrumentId,
        client_order_id: ClientOrderId,
        venue_order_id: VenueOrderId | None,
        ts_event: int,
        provenance: Provenance = LOCAL,
    ) -> None:
        """Say that a modification is on its way."""
        ids = (strategy_id, instrument_id, client_order_id, venue_order_id)
        self._say(OrderPendingUpdate, ids, ts_event, provenance)

    def generate_order_pending_cancel(
        self,
        strategy_id: StrategyId,
        instrument_id: InstrumentId,
        client_order_id: ClientOrderId,
        venue_order_id: VenueOrderId | None,
        ts_event: int,
        provenance: Provenance = LOCAL,
    ) -> None:
        """Say that a cancel is on its way."""
        ids = (strategy_id, instrument_id, client_order_id, venue_order_id)
        self._say(OrderPendingCancel, ids, ts_event, provenance)

    def generate_order_updated(
        self,
        strategy_id: StrategyId,
        instrument_id: InstrumentId,
        client_order_id: ClientOrderId,
        venue_order_id: VenueOrderId | None,
        quantity: Quantity,
        price: Price | None,
        trigger_price: Price | None,
        ts_event: int,
        provenance: Provenance = STREAM,
    ) -> None:
        """Say that the order is changed, or goes on under another venue id."""
        self._sink.process(
            OrderUpdated(
                event_id=self._event_ids.next(),
                ts_event=ts_event,
                ts_init=self._clock.timestamp_ns(),
                trader_id=self.trader_id,
                strategy_id=strategy_id,
                instrument_id=instrument_id,
                client_order_id=client_order_id,
                venue_order_id=venue_order_id,
                account_id=self.account_id,
                provenance=provenance,
                quantity=quantity,
                price=price,
                trigger_price=trigger_price,
            )
        )

    def generate_order_modify_rejected(
        self,
        strategy_id: StrategyId,
        instrument_id: InstrumentId,
        client_order_id: ClientOrderId,
        venue_order_id: VenueOrderId | None,
        reason: str,
        ts_event: int,
        provenance: Provenance = RESPONSE,
    ) -> None:
        """Say that the venue refused a modification."""
        ids = (strategy_id, instrument_id, client_order_id, venue_order_id)
        self._say(OrderModifyRejected, ids, ts_event, provenance, reason=reason)

    def generate_order_cancel_rejected(
        self,
        strategy_id: StrategyId,
        instrument_id: InstrumentId,
        client_order_id: ClientOrderId,
        venue_order_id: VenueOrderId | None,
        reason: str,
        ts_event: int,
        provenance: Provenance = RESPONSE,
    ) -> None:
        """Say that the venue refused a cancel."""
        ids = (strategy_id, instrument_id, client_order_id, venue_order_id)
        self._say(OrderCancelRejected, ids, ts_event, provenance, reason=reason)

    def generate_order_filled(
        self,
        strategy_id: StrategyId,
        instrument_id: InstrumentId,
        client_order_id: ClientOrderId,
        venue_order_id: VenueOrderId,
        venue_position_id: PositionId | None,
        trade_id: TradeId,
        order_side: OrderSide,
        order_type: OrderType,
        last_qty: Quantity,
        last_px: Price,
        quote_currency: Currency,
        commission: Money | None,
        liquidity_side: LiquiditySide,
        ts_event: int,
        provenance: Provenance = STREAM,
        corrects: TradeId | None = None,
        cum_qty: Quantity | None = None,
    ) -> None:
        """Say that a piece of the order was executed.

        `corrects` names the trade that it states anew, if it does. `cum_qty` is the venue's total, where that is more
        than is known with this trade.
        """
        self._sink.process(
            OrderFilled(
                event_id=self._event_ids.next(),
                ts_event=ts_event,
                ts_init=self._clock.timestamp_ns(),
                trader_id=self.trader_id,
                strategy_id=strategy_id,
                instrument_id=instrument_id,
                client_order_id=client_order_id,
                venue_order_id=venue_order_id,
                account_id=self.account_id,
                provenance=provenance,
                trade_id=trade_id,
                order_side=order_side,
                order_type=order_type,
                last_qty=last_qty,
                last_px=last_px,
                currency=quote_currency,
                commission=commission,
                liquidity_side=liquidity_side,
                position_id=venue_position_id,
                corrects=corrects,
                cum_qty=cum_qty,
            )
        )

    def generate_order_fill_voided(
        self,
        strategy_id: StrategyId,
        instrument_id: InstrumentId,
        client_order_id: ClientOrderId,
        venue_order_id: VenueOrderId | None,
        trade_id: TradeId,
        ts_event: int,
        reason: str = "",
        provenance: Provenance = STREAM,
    ) -> None:
        """Say that the venue took a trade back, whether we have heard of it or not."""
        ids = (strategy_id, instrument_id, client_order_id, venue_order_id)
        self._say(OrderFillVoided, ids, ts_event, provenance, trade_id=trade_id, reason=reason)

    def generate_account_state(
        self,
        balances: Sequence[AccountBalance],
        margins: Sequence[MarginBalance],
        reported: bool,
        ts_event: int,
        provenance: Provenance = STREAM,
    ) -> None:
        """Say what the account holds; `reported` when the venue said so, RESPONSE when it was asked."""
        self._sink.receive_account_state(
            AccountState(
                event_id=self._event_ids.next(),
                ts_event=ts_event,
                ts_init=self._clock.timestamp_ns(),
                account_id=self.account_id,
                account_type=self.account_type,
                base_currency=self.base_currency,
                reported=reported,
                balances=tuple(balances),
                margins=tuple(margins),
                provenance=provenance,
            )
        )

    def _say(
        self,
        kind: type[OrderEvent],
        ids: tuple[StrategyId, InstrumentId, ClientOrderId, VenueOrderId | None],
        ts_event: int,
        provenance: Provenance,
        **fields: Any,
    ) -> None:
        """Make one of the rarer events; those of every order are spelt out above, which is faster."""
        strategy_id, instrument_id, client_order_id, venue_order_id = ids
        self._sink.process(
            kind(
                event_id=self._event_ids.next(),
                ts_event=ts_event,
                ts_init=self._clock.timestamp_ns(),
                trader_id=self.trader_id,
                strategy_id=strategy_id,
                instrument_id=instrument_id,
                client_order_id=client_order_id,
                venue_order_id=venue_order_id,
                account_id=self.account_id,
                provenance=provenance,
                **fields,
            )
        )
