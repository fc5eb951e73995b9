"""The mass status of workloads W2 and W3: N filled limit orders with one fill each, and the position they add up to."""

from __future__ import annotations

from decimal import Decimal

from common import ACCOUNT, AUDUSD, PX, QTY, SIM, ZERO_COMM, Env, side_of

from nautilus_live.config.execution import LiveExecEngineConfig
from nautilus_live.engine.reconciler import Reconciler, StartupResult
from nautilus_live.model.enums import LiquiditySide, OrderSide, OrderStatus, OrderType, PositionSide, TimeInForce
from nautilus_live.model.identifiers import ClientId, ClientOrderId, TradeId, VenueOrderId
from nautilus_live.model.objects import Quantity
from nautilus_live.model.reports import ExecutionMassStatus, FillReport, OrderStatusReport, PositionStatusReport

FIRST_NS = 1_700_000_000_000_000_000


def net_of(n: int) -> int:
    """Return how many orders' worth the position is after all of them."""
    return sum(side_of(index, n).sign for index in range(n))


def mass_status(n: int, ids: list[ClientOrderId] | None = None) -> ExecutionMassStatus:
    """Return the reports of N filled orders, one millisecond apart."""
    orders, fills = [], []
    for index in range(n):
        side: OrderSide = side_of(index, n)
        accepted_ns = FIRST_NS + index * 1_000_000
        client_order_id = ids[index] if ids else ClientOrderId(f"O-{index}")
        venue_order_id = VenueOrderId(f"V-{index}")
        orders.append(
            OrderStatusReport(
                account_id=ACCOUNT,
                instrument_id=AUDUSD.id,
                client_order_id=client_order_id,
                venue_order_id=venue_order_id,
                order_side=side,
                order_type=OrderType.LIMIT,
                time_in_force=TimeInForce.GTC,
                order_status=OrderStatus.FILLED,
                price=PX,
                quantity=QTY,
                filled_qty=QTY,
                avg_px=Decimal("0.75"),
                ts_accepted=accepted_ns,
                ts_last=accepted_ns + 10,
                ts_init=accepted_ns + 10,
            )
        )
        fills.append(
            FillReport(
                account_id=ACCOUNT,
                instrument_id=AUDUSD.id,
                client_order_id=client_order_id,
                venue_order_id=venue_order_id,
                trade_id=TradeId(f"T-{index}"),
                order_side=side,
                last_qty=QTY,
                last_px=PX,
                commission=ZERO_COMM,
                liquidity_side=LiquiditySide.MAKER,
                ts_event=accepted_ns + 10,
                ts_init=accepted_ns + 10,
            )
        )
    position = PositionStatusReport(
        account_id=ACCOUNT,
        instrument_id=AUDUSD.id,
        position_side=PositionSide.LONG,
        quantity=Quantity.from_int(10_000 * net_of(n)),
    )
    return ExecutionMassStatus(
        client_id=ClientId("SIM"), account_id=ACCOUNT, venue=SIM, orders=orders, fills=fills, positions=[position]
    )


async def reconcile(env: Env) -> StartupResult:
    """Run startup reconciliation as the node does."""
    reconciler = Reconciler(
        engine=env.exec_engine,
        cache=env.cache,
        msgbus=env.msgbus,
        clock=env.clock,
        config=LiveExecEngineConfig(),
    )
    return await reconciler.reconcile_startup(timeout=600)
