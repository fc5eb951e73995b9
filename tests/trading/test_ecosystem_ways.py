"""A strategy written the ecosystem's way on a whole node: floats, sets of ids, tables, ids of its own, batches."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Iterator
from decimal import Decimal
from types import ModuleType
from typing import Any

import pytest

from nautilus_live import compat
from nautilus_live.model.identifiers import AccountId, StrategyId
from nautilus_live.model.objects import Price
from nautilus_live.model.orders import Order, OrderUnpacker
from nautilus_live.model.uuids import UUID4
from tests.trading.playing import BTC, limit, play

TEXT = """
from datetime import timedelta

from nautilus_trader.common.component import Logger
from nautilus_trader.common.enums import LogColor
from nautilus_trader.config import StrategyConfig
from nautilus_trader.core.datetime import unix_nanos_to_dt
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.model.enums import OrderSide, TimeInForce
from nautilus_trader.model.events import PositionClosed, PositionOpened
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.objects import Quantity
from nautilus_trader.trading.strategy import Strategy


class TrialConfig(StrategyConfig, frozen=True, kw_only=True):
    instrument_id: InstrumentId
    take_profit: float = 0.02


class Trial(Strategy):
    def __init__(self, config: TrialConfig) -> None:
        super().__init__(config)
        self.book_of_notes = {}
        self.side_log = Logger(name="Trial")

    def on_start(self):
        self.instrument = self.cache.instrument(self.config.instrument_id)
        self.run_id = UUID4()
        self.clock.set_timer(name="pulse", interval=timedelta(seconds=1), callback=self.on_pulse)
        self.buy(1.0)

    def buy(self, size):
        quantity = self.instrument.make_qty(size)
        self.submit_order(self.order_factory.market(self.instrument.id, OrderSide.BUY, quantity, TimeInForce.GTC))

    def on_pulse(self, event):
        self.book_of_notes["pulse"] = (event.name, event.id.value, unix_nanos_to_dt(event.ts_event))

    def on_position_opened(self, event: PositionOpened):
        self.target = event.avg_px_open * (1.0 + self.config.take_profit)
        self.book_of_notes["opened"] = (event.signed_qty * 0.5, event.unrealized_pnl, event.to_dict(event))
        self.side_log.info(f"target {self.target:.2f}", color=LogColor.GREEN)

    def on_order_filled(self, event):
        order = self.cache.order(event.client_order_id)
        self.book_of_notes.setdefault("fills", []).append((order.avg_px * 1.0, order.commissions(), order.slippage))

    def on_position_closed(self, event: PositionClosed):
        self.book_of_notes["closed"] = (event.realized_return, event.duration_ns >= 0, event.closing_order_id)

    def on_save(self):
        return {"run": self.run_id.value.encode()}
"""


@pytest.fixture
def ecosystem() -> Iterator[ModuleType]:
    """Give the text as a module, imported with the ecosystem's paths."""
    compat.install()
    module = ModuleType("trial_text")
    exec(compile(TEXT, "trial_text.py", "exec", dont_inherit=True), module.__dict__)  # as a user's file is
    yield module
    compat.uninstall()


def trial_on(stage: Any, module: ModuleType) -> Any:
    stage.strategy = module.Trial(module.TrialConfig(instrument_id=BTC, strategy_id="Trial-001"))
    return stage.strategy


def test_prices_and_quantities_go_with_floats(stage: Any, ecosystem: ModuleType) -> None:
    trial = trial_on(stage, ecosystem)

    async def story() -> None:
        await asyncio.sleep(1.5)
        position = trial.cache.positions_open()[0]
        assert trial.target == 51_000.0
        half, unrealized, told = trial.book_of_notes["opened"]
        assert (half, str(unrealized)) == (0.5, "0.00000000 USDT")
        assert (told["type"], told["signed_qty"], told["avg_px_open"]) == ("PositionOpened", 1.0, 50_000.0)
        assert trial.book_of_notes["fills"] == [(50_000.0, [], 0)]
        assert (position.avg_px_open - 0.5, position.signed_qty / 2.0) == (49_999.5, 0.5)
        assert position.avg_px_open + 1 == Decimal(50_001)  # with what is exact it stays exact
        assert position.total_pnl(Price.from_str("50010.00")) == position.unrealized_pnl(Price.from_str("50010.00"))
        table = position.to_dict()
        assert (table["position_id"], table["side"], table["peak_qty"]) == (str(position.id), "LONG", "1.000")
        assert (table["commissions"], table["ts_closed"], table["realized_return"]) == ([], None, 0.0)
        trial.close_position(position)
        await asyncio.sleep(0.1)
        assert trial.book_of_notes["closed"][:2] == (0.0, True)
        name, event_id, when = trial.book_of_notes["pulse"]
        assert (name, bool(event_id), when.tzinfo is not None) == ("pulse", True, True)

    play(stage, story)


def test_sets_of_ids_can_be_reckoned_with(stage: Any, ecosystem: ModuleType) -> None:
    trial = trial_on(stage, ecosystem)

    async def story() -> None:
        await asyncio.sleep(0.01)
        first, second = limit(trial), limit(trial)
        for order in (first, second):
            trial.submit_order(order)
        await asyncio.sleep(0.01)
        cache = trial.cache
        ours = cache.client_order_ids(strategy_id=trial.id, instrument_id=BTC)
        assert ours - cache.client_order_ids_closed() == {first.client_order_id, second.client_order_id}
        assert cache.client_order_ids_open() & ours == cache.client_order_ids_open(strategy_id=trial.id)
        assert not cache.client_order_ids_emulated() | cache.client_order_ids_inflight()
        assert not cache.client_order_ids(strategy_id=StrategyId("OTHER-1"))
        assert cache.strategy_id_for_order(first.client_order_id) == trial.id
        position = cache.positions_open()[0]
        assert cache.position_open_ids() == cache.position_ids(instrument_id=BTC) == {position.id}
        mine, other = position.account_id, AccountId("OTHER-001")
        assert cache.position_open_ids(account_id=mine) == {position.id}
        assert not cache.position_open_ids(account_id=other)
        assert (cache.positions_open_count(account_id=mine), cache.positions_open_count(account_id=other)) == (1, 0)
        assert not cache.position_closed_ids()
        assert cache.strategy_id_for_position(position.id) == trial.id
        assert cache.strategy_ids() == {trial.id}
        assert cache.calculate_unrealized_pnl(position) is None  # no price is known
        assert not cache.is_order_pending_cancel_local(first.client_order_id)
        trial.cancel_order(first)
        assert cache.is_order_pending_cancel_local(first.client_order_id)

    play(stage, story)


def test_our_own_book_gives_our_orders(stage: Any, ecosystem: ModuleType) -> None:
    trial = trial_on(stage, ecosystem)

    async def story() -> None:
        await asyncio.sleep(0.01)
        bid = limit(trial)
        trial.submit_order(bid)
        await asyncio.sleep(0.01)
        assert trial.cache.own_bid_orders(BTC) == {Decimal("50000.00"): [bid]}
        assert trial.cache.own_ask_orders(BTC) == {}
        assert bid.to_own_book_order() == trial.cache.own_order_book(BTC).order(bid.client_order_id)

    play(stage, story, engine={"manage_own_order_books": True})


def test_several_orders_are_modified_each_by_its_own_command(stage: Any, ecosystem: ModuleType, caplog: Any) -> None:
    trial = trial_on(stage, ecosystem)

    async def story() -> None:
        await asyncio.sleep(0.01)
        orders = [limit(trial), limit(trial)]
        for order in orders:
            trial.submit_order(order)
        await asyncio.sleep(0.01)
        price = Price.from_str("49000.00")
        unknown = type(orders[0].client_order_id)("O-unknown")
        updates = [(orders[0], None, price, None), (orders[1].client_order_id, None, price, None)]
        trial.modify_orders([*updates, (unknown, None, price, None)])
        await asyncio.sleep(0.1)
        asked = [call for call in stage.clients["SIM"].calls if call.startswith("modify")]
        assert asked == [f"modify {order.client_order_id}" for order in orders]
        assert "O-unknown: not known, nothing to modify" in caplog.text

    play(stage, story)


def test_ids_of_an_author_come_from_the_nodes_chance(stage: Any, ecosystem: ModuleType) -> None:
    trial = trial_on(stage, ecosystem)

    async def story() -> None:
        await asyncio.sleep(0.01)
        own = trial.run_id
        assert isinstance(own, UUID4)
        assert (len(own.value), own.value[14], own == UUID4.from_str(own.to_str())) == (36, "4", True)
        assert UUID4() != own
        assert pickle.loads(pickle.dumps(own)) == own
        assert repr(own) == f"UUID4('{own.value}')"

    play(stage, story, save_state=True)
    for wrong in ("", "a b", "a\n"):
        with pytest.raises(ValueError, match="an id must be a printable text without spaces"):
            UUID4.from_str(wrong)


def test_orders_and_their_first_events_go_through_tables(stage: Any, ecosystem: ModuleType) -> None:
    trial = trial_on(stage, ecosystem)

    async def story() -> None:
        await asyncio.sleep(0.01)
        order = limit(trial, tags=["ENTRY"], expire_time=None)
        table = order.init_event.to_dict()
        assert table["options"] == {"price": "50000.00", "display_qty": None, "expire_time_ns": 0}
        assert (table["linked_order_ids"], table["tags"], table["reconciliation"]) == (None, ["ENTRY"], False)
        again = OrderUnpacker.unpack(table)
        assert (type(again), again.init) == (type(order), order.init)
        assert again.to_dict() == order.to_dict()
        assert (order.to_dict()["commissions"], order.to_dict()["status"]) == (None, "INITIALIZED")

    play(stage, story)


def test_orders_are_made_by_hand_as_the_ecosystem_makes_them(stage: Any, ecosystem: ModuleType) -> None:
    trial = trial_on(stage, ecosystem)

    async def story() -> None:
        await asyncio.sleep(0.01)
        for made in orders_of(trial):
            init = made.init
            kind: Any = type(made)
            fields = {**{name: getattr(init, name, None) for name in kind.__signature__.parameters}}
            fields |= {"init_id": init.id, "ts_init": init.ts_init}
            assert kind(**fields).init == init
            assert kind(*fields.values()).init == init
            with pytest.raises(TypeError, match="missing a required argument: 'init_id'"):
                kind(**{name: value for name, value in fields.items() if name != "init_id"})

    play(stage, story)


def orders_of(trial: Any) -> list[Order]:
    """Return an order of each type."""
    factory, instrument = trial.order_factory, trial.instrument
    price, trigger, offset = Price.from_str("50000.00"), Price.from_str("51000.00"), Decimal(10)
    common = {"instrument_id": BTC, "order_side": 1, "quantity": instrument.make_qty(1), "tags": ["A"]}
    common["order_side"] = limit(trial).side
    return [
        factory.market(**common),
        factory.limit(**common, price=price, display_qty=instrument.make_qty(0.5)),
        factory.market_to_limit(**common),
        factory.stop_market(**common, trigger_price=trigger),
        factory.stop_limit(**common, price=price, trigger_price=trigger),
        factory.market_if_touched(**common, trigger_price=trigger),
        factory.limit_if_touched(**common, price=price, trigger_price=trigger),
        factory.trailing_stop_market(**common, trailing_offset=offset, trigger_price=trigger),
        factory.trailing_stop_limit(**common, limit_offset=offset, trailing_offset=offset, price=price),
    ]


def test_offsets_worked_out_with_floats_are_exact_when_they_are_stored(stage: Any, ecosystem: ModuleType) -> None:
    trial = trial_on(stage, ecosystem)

    async def story() -> None:
        await asyncio.sleep(0.01)
        average = trial.cache.positions_open()[0].avg_px_open
        common = {"instrument_id": BTC, "order_side": limit(trial).side, "quantity": trial.instrument.make_qty(1)}
        for offset in (average, average * 1.0):
            order = trial.order_factory.trailing_stop_market(**common, trailing_offset=offset)
            assert (type(order.trailing_offset), order.trailing_offset) == (Decimal, 50_000)

    play(stage, story)
