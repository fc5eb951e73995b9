"""W9: msgpack encode and decode of one OrderFilled, N times each."""

from __future__ import annotations

import time

from common import ACCOUNT, AUDUSD, PX, QTY, TRADER, USD, ZERO_COMM, arg_n, emit

from nautilus_live.model.enums import LiquiditySide, OrderSide, OrderType, Provenance
from nautilus_live.model.events import OrderFilled
from nautilus_live.model.identifiers import ClientOrderId, PositionId, StrategyId, TradeId, VenueOrderId
from nautilus_live.store.encoding import Encoder


def main() -> None:
    n = arg_n(100_000)
    fill = OrderFilled(
        event_id="18a2b3c4d5e6f-1",
        ts_event=1_700_000_000_000_000_000,
        ts_init=1_700_000_000_000_000_001,
        trader_id=TRADER,
        strategy_id=StrategyId("S-001"),
        instrument_id=AUDUSD.id,
        client_order_id=ClientOrderId("O-20260101-000000-001-001-1"),
        venue_order_id=VenueOrderId("V-1"),
        account_id=ACCOUNT,
        provenance=Provenance.STREAM,
        trade_id=TradeId("T-1"),
        order_side=OrderSide.BUY,
        order_type=OrderType.LIMIT,
        last_qty=QTY,
        last_px=PX,
        currency=USD,
        commission=ZERO_COMM,
        liquidity_side=LiquiditySide.MAKER,
        position_id=PositionId("AUD/USD.SIM-S-001"),
    )
    encoder = Encoder()
    data = encoder.encode(fill)
    assert encoder.decode(data) == fill
    began = time.perf_counter()
    for _ in range(n):
        encoder.encode(fill)
    emit("W9enc", n, time.perf_counter() - began, bytes=len(data))
    began = time.perf_counter()
    for _ in range(n):
        encoder.decode(data)
    emit("W9dec", n, time.perf_counter() - began, bytes=len(data))


main()
