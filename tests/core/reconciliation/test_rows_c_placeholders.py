"""Placeholders for fills that nobody told, the trades that take their places, and the functions of the module."""

from __future__ import annotations

from decimal import Decimal

import pytest

from nautilus_live.core.reconciliation import reconcile
from nautilus_live.core.reconciliation.fills import estimated_commission, oldest_first, with_replacements
from nautilus_live.model.enums import LiquiditySide, OrderStatus, OrderType, Provenance
from nautilus_live.model.events import OrderFilled
from nautilus_live.model.identifiers import TradeId
from nautilus_live.model.objects import Money
from nautilus_live.model.orders import Order
from tests.core.conftest import INVERSE, make_fill, make_perpetual, make_policy, mass_status, px, qty
from tests.core.reconciliation.fills import CANCEL, filled, state, usd
from tests.core.reconciliation.settling import (
    OTHER_PAIR,
    PAIR,
    USD,
    believing,
    cached,
    expect,
    fill,
    held,
    make_pair,
    price,
    reported,
    settle,
    traded,
    units,
)

# -- placeholders ------------------------------------------------------------------------------------------------------


def after_inference(status: str = "FILLED", total: int = 100, **fields: object) -> object:
    return settle(believing(cached()), [reported(status, total, avg_px="1.1", **fields)]).belief


def test_field_report_c5_trade_after_its_inferred_fill_takes_its_place() -> None:
    result = settle(
        after_inference(), [reported("FILLED", 100, avg_px="1.1")], [traded("T-1", 100, "1.1", commission=usd("0.07"))]
    )
    expect(
        result,
        [filled("T-1", 100, at="1.10000", more="TAKER fee 0.07 USD replacing")],
        {"O-1": "FILLED 100/100 @ 1.00000 avg 1.1 V-1"},
    )
    assert list(map(str, result.order().fills)) == ["T-1"]
    assert result.order().commission(USD) == usd("0.07")
    assert result.belief.net(PAIR) == 100


def test_field_report_c5_part_of_the_trades_takes_a_part_of_the_placeholder() -> None:
    result = settle(after_inference(), [reported("FILLED", 100, avg_px="1.1")], [traded("T-1", 40, "1.0")])
    expect(
        result,
        [filled("T-1", 40, at="1.00000", more="TAKER replacing")],
        {"O-1": f"FILLED 100/100 @ 1.00000 avg {Decimal('1.1000020').normalize():f} V-1"},
    )
    rest = [one for one in result.order().fills.values() if one.inferred]
    assert [(str(one.last_qty), str(one.last_px)) for one in rest] == [("60", "1.16667")]


def test_field_report_c5_trade_later_than_the_report_that_implied_the_placeholder_is_new() -> None:
    belief = after_inference("PARTIALLY_FILLED", 40)
    result = settle(belief, fills=[traded("T-1", 30, ts=201)])
    assert result.events == [filled("T-1", 30, ts=201)]
    assert str(result.order().filled_qty) == "70"


@pytest.mark.parametrize(("ts", "replacing"), [(199, True), (200, True), (201, False)])
def test_field_report_c5_placeholder_stands_for_trades_up_to_its_own_time(ts: int, replacing: bool) -> None:
    belief = after_inference("PARTIALLY_FILLED", 40)
    event = settle(belief, fills=[traded("T-1", 40, ts=ts)]).plan.events[0]
    assert isinstance(event, OrderFilled)
    assert bool(event.replaces) is replacing


def test_field_report_c5_total_of_the_report_leaves_no_room_for_a_later_trade_beside_the_placeholder() -> None:
    belief = after_inference("PARTIALLY_FILLED", 40)
    result = settle(belief, [reported("PARTIALLY_FILLED", 40, ts_last=300)], [traded("T-1", 40, "1.1", ts=250)])
    assert result.events == [filled("T-1", 40, at="1.10000", ts=250, more="TAKER replacing")]


def test_field_report_c5_order_that_was_canceled_meanwhile_is_not_filled_late_by_a_replacement() -> None:
    belief = after_inference("CANCELED", 40)
    result = settle(belief, [reported("CANCELED", 40, avg_px="1.1")], [traded("T-1", 40, "1.1")])
    assert (result.events, result.notes) == ([filled("T-1", 40, at="1.10000", more="TAKER replacing")], [])


def test_field_report_c13_many_restarts_against_one_venue_invent_nothing_after_the_first() -> None:
    status = mass_status([reported("FILLED", 100, avg_px="1.1")], [traded("T-1", 40)], [held("100", "1.1")])
    belief = settle(None, status.orders or [], status.fills or [], status.positions or []).belief
    for start in range(5):
        assert reconcile(belief, status, make_policy(), 2_000 + start).events == []


def test_field_report_c14_position_alone_is_aligned_once() -> None:
    first = settle(positions=[held("100", "1.1")])
    assert [text.split()[0] for text in first.events] == ["Initialized", "Accepted", "Filled"]
    again = settle(first.belief, positions=[held("100", "1.1")])
    assert (again.events, again.verdict) == ([], "ok")
    assert settle(positions=[held("100", "1.1")]).plan.events == first.plan.events


def test_field_report_f3_working_order_is_kept_where_the_position_does_not_add_up() -> None:
    resting = reported("ACCEPTED", client_order_id="O-2", venue_order_id="V-2")
    result = settle(
        orders=[reported("FILLED", 100), resting], fills=[traded("T-1", 100)], positions=[held("-30", "1.4")]
    )
    assert result.orders["O-2"] == "ACCEPTED 0/100 @ 1.00000 V-2"
    assert result.belief.net(PAIR) == -30


# -- helpers -----------------------------------------------------------------------------------------------------------


def test_oldest_first_goes_by_time_and_then_by_trade_id() -> None:
    fills = [traded("T-3", 1, ts=5), traded("T-2", 1, ts=7), traded("T-1", 1, ts=7)]
    assert [one.trade_id.value for one in oldest_first(fills)] == ["T-3", "T-1", "T-2"]
    assert oldest_first([]) == []
    assert oldest_first(fills[:1]) == fills[:1]


def test_oldest_first_puts_versions_of_one_trade_in_an_order_of_their_own() -> None:
    versions = [traded("T-1", 50), traded("T-1", 50, commission=usd("0.01")), traded("T-1", 60)]
    assert oldest_first(versions) == oldest_first(versions[::-1])


def with_placeholders(*facts: tuple[str, int, int]) -> Order:
    order = cached()
    for name, quantity, ts in facts:
        fill(order, quantity, trade=name, ts=ts, provenance=Provenance.INFERRED)
    return order


def real(order: Order, quantity: int, ts: int) -> OrderFilled:
    return make_fill(order, "1", "1", "T-9", last_qty=units(quantity), last_px=price("1.0"), ts=ts)


@pytest.mark.parametrize(
    ("quantity", "ts", "total", "replaces"),
    [
        (10, 100, None, ["P-1", "P-2"]),  # before both reports
        (10, 120, None, ["P-1", "P-2"]),  # at the first one's time
        (10, 121, None, ["P-2"]),  # after the first, before the second
        (10, 140, None, ["P-2"]),
        (10, 141, None, []),  # new: there is room for it
        (40, 141, None, []),  # room for exactly this
        (41, 141, None, ["P-1", "P-2"]),  # no room: it must be one of them
        (10, 141, 70, []),
        (11, 141, 70, ["P-1", "P-2"]),
        (11, 130, 70, ["P-2"]),
    ],
)
def test_with_replacements_names_the_placeholders_that_stand_for_the_trade(
    quantity: int, ts: int, total: int | None, replaces: list[str]
) -> None:
    order = with_placeholders(("P-1", 20, 120), ("P-2", 40, 140))
    found = with_replacements(order, real(order, quantity, ts), None if total is None else Decimal(total))
    assert found.replaces == tuple(TradeId(name) for name in replaces)


def test_with_replacements_leaves_a_fill_alone_where_nothing_was_inferred() -> None:
    order = fill(cached(), 50, trade="T-0", ts=140)
    event = real(order, 60, 100)
    assert with_replacements(order, event) is event


@pytest.mark.parametrize(
    ("liquidity", "fee"),
    [(LiquiditySide.MAKER, "0.0200"), (LiquiditySide.TAKER, "0.04"), (LiquiditySide.NO_LIQUIDITY_SIDE, "0.04")],
)
def test_estimated_commission_is_a_makers_fee_for_a_maker_and_a_takers_for_all_others(
    liquidity: LiquiditySide, fee: str
) -> None:
    assert estimated_commission(PAIR, units(100), price("1.0"), liquidity) == usd(fee)


def test_estimated_commission_without_fees_is_zero_and_a_rebate_is_negative() -> None:
    free = make_pair(maker_fee=Decimal(0), taker_fee=Decimal(0))
    assert estimated_commission(free, units(100), price("1.0"), LiquiditySide.TAKER) == usd("0")
    rebate = make_pair(maker_fee=Decimal("-0.0002"))
    assert estimated_commission(rebate, units(100), price("1.0"), LiquiditySide.MAKER) == usd("-0.02")


def test_estimated_commission_of_an_inverse_contract_is_in_its_base_currency() -> None:
    contract = make_perpetual("BTCUSD-PERP.SIM", inverse=True, taker_fee=Decimal("0.001"))
    found = estimated_commission(contract, qty("1000"), px("50000"), LiquiditySide.TAKER)
    assert found == Money(Decimal("0.00002"), INVERSE.base_currency)


def test_zero_quantity_trade_says_nothing() -> None:
    expect(settle(believing(cached()), [reported("ACCEPTED")], [traded("T-1", 0)]), [], state("ACCEPTED 0"))


def test_position_that_a_trade_names_is_the_one_it_changes() -> None:
    result = settle(
        believing(cached()), [reported("PARTIALLY_FILLED", 40)], [traded("T-1", 40, venue_position_id="P-7")]
    )
    assert result.events == [filled("T-1", 40, more="TAKER position P-7")]
    order = result.order()
    assert str(order.position_id) == "P-7"
    following = settle(result.belief, [reported("PARTIALLY_FILLED", 60)], [traded("T-2", 20)])
    assert following.events == [filled("T-2", 20, more="TAKER position P-7")]


def test_market_order_fill_carries_the_orders_type_and_the_instruments_currency() -> None:
    order = cached("ACCEPTED", order_type=OrderType.MARKET, price=None)
    [event] = settle(believing(order), [reported("FILLED", 100, price=None)], [traded("T-1", 100)]).plan.events
    assert isinstance(event, OrderFilled)
    assert (event.order_type, event.currency) == (OrderType.MARKET, USD)


def test_other_instruments_are_not_touched() -> None:
    belief = believing(cached(), cached("FILLED", "O-2", instrument=OTHER_PAIR))
    result = settle(
        belief,
        [
            reported("CANCELED"),
            reported("FILLED", 100, client_order_id="O-2", venue_order_id="V-2", instrument_id=OTHER_PAIR.id),
        ],
    )
    assert result.events == [CANCEL]
    assert result.order("O-2").status is OrderStatus.FILLED
