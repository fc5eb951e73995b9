"""Fill reports without their order, averages and units (C, 80 to 86)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from nautilus_live.model.enums import OrderSide, OrderType
from nautilus_live.model.objects import Quantity
from tests.core.reconciliation.fills import ACCEPT, INFERRED, INITIALIZED, LATE, filled, inferred, state
from tests.core.reconciliation.settling import (
    PAIR,
    believing,
    cached,
    expect,
    fill,
    make_pair,
    reported,
    settle,
    traded,
)


@pytest.mark.parametrize("fields", [{}, {"client_order_id": None}])
def test_row_080_trade_of_our_order_without_a_report_of_the_order_is_applied(fields: dict[str, object]) -> None:
    result = settle(believing(cached()), fills=[traded("T-1", 40, **fields)])
    expect(result, [filled("T-1", 40)], state("PARTIALLY_FILLED 40"))


def test_row_080_trade_of_a_submitted_order_is_matched_by_its_client_id_and_teaches_the_venue_id() -> None:
    result = settle(believing(cached("SUBMITTED")), fills=[traded("T-1", 40, venue_order_id="V-77")])
    expect(
        result,
        ["Filled O-1/V-77 40 @ 1.00000 T-1 TAKER at 150"],
        {"O-1": "PARTIALLY_FILLED 40/100 @ 1.00000 avg 1 V-77"},
    )


def test_row_080_trade_of_a_closed_order_without_its_report_is_applied_and_alarmed() -> None:
    expect(
        settle(believing(cached("CANCELED")), fills=[traded("T-1", 40)]),
        [filled("T-1", 40)],
        state("CANCELED 40"),
        [LATE],
    )


@pytest.mark.parametrize("known", [True, False])
def test_row_080_trade_under_another_venue_id_belongs_to_the_reported_order_that_it_names(known: bool) -> None:
    belief = believing(cached()) if known else believing()
    result = settle(belief, [reported("FILLED", 100)], [traded("T-1", 100, venue_order_id="V-77")])
    begin = [] if known else [INITIALIZED, ACCEPT]
    expect(result, [*begin, filled("T-1", 100)], state("FILLED 100"))


def test_row_081_trades_of_an_unknown_order_make_an_external_one_as_large_as_they_are() -> None:
    result = settle(
        fills=[traded("T-1", 40, "1.2", ts=130), traded("T-2", 20, "1.5", ts=140), traded("T-1", 40, "1.2", ts=130)]
    )
    expect(
        result,
        [
            "Initialized O-1/V-1 EXTERNAL['EXTERNAL'] BUY 60 MARKET GTC at 130",
            "Filled O-1/V-1 40 @ 1.20000 T-1 TAKER at 130",
            "Filled O-1/V-1 20 @ 1.50000 T-2 TAKER at 140",
        ],
        {"O-1": "FILLED 60/60 avg 1.3 V-1"},
        ["WARNING fill.reported_twice"],
    )
    assert result.belief.net(PAIR) == 60


@pytest.mark.parametrize("named", ["T-1", "T-2", None])
def test_row_081_external_order_is_named_by_any_of_its_trades_or_by_its_venue_id(named: str | None) -> None:
    fills = [
        traded(name, 40, ts=ts, client_order_id="O-1" if name == named else None)
        for name, ts in (("T-1", 130), ("T-2", 140))
    ]
    result = settle(fills=fills)
    assert result.orders == {"O-1" if named else "EXT-V-1": "FILLED 80/80 avg 1 V-1"}


def test_row_081_order_that_is_purged_is_not_made_again_of_its_trades() -> None:
    belief = believing()
    belief.purged["V-1"] = None
    result = settle(belief, fills=[traded("T-1", 40), traded("T-2", 40)])
    expect(result, [], {})
    assert result.plan.fills_skipped == 2


def test_row_081_claimed_instrument_gives_the_order_to_the_claimant() -> None:
    result = settle(fills=[traded("T-1", 40)], claims={PAIR.id: cached().strategy_id})
    assert result.events[0] == "Initialized O-1/V-1 S-001[] BUY 40 MARKET GTC at 150"


def test_row_081_filtered_external_order_is_not_made_of_its_trades() -> None:
    result = settle(fills=[traded("T-1", 40), traded("T-2", 40)], filter_unclaimed_external_orders=True)
    expect(result, [], {})
    assert result.plan.fills_skipped == 2


def test_row_081_field_report_f4_nothing_is_made_up_where_that_is_switched_off() -> None:
    result = settle(fills=[traded("T-1", 40), traded("T-2", 40)], generate_missing_orders=False)
    expect(result, [], {}, ["WARNING fill.unknown_order"], "uncertain AUD/USD.SIM")
    assert result.plan.uncertain[PAIR.id] == ("2 fills of unknown order V-1 left out: generate_missing_orders is off")
    assert result.plan.fills_skipped == 2


def test_row_081_field_report_f4_trades_of_our_own_order_are_no_invention() -> None:
    result = settle(believing(cached()), fills=[traded("T-1", 40)], generate_missing_orders=False)
    expect(result, [filled("T-1", 40)], state("PARTIALLY_FILLED 40"))


def test_row_081_trades_of_two_legs_of_one_unknown_order_are_one_order() -> None:
    result = settle(fills=[traded("T-1", 40, ts=130), traded("T-2", 20, ts=140, venue_order_id="V-2")])
    assert result.orders == {"O-1": "FILLED 60/60 avg 1 V-1"}
    assert (result.notes, result.verdict) == ([], "ok")


FROM_FILLS = [traded("T-1", 40, ts=130)]


def test_row_081_order_made_of_its_trades_grows_with_further_ones() -> None:
    belief = settle(fills=FROM_FILLS).belief
    result = settle(belief, fills=[*FROM_FILLS, traded("T-2", 20, ts=140), traded("T-3", 10, ts=150)])
    expect(
        result,
        [
            "Updated O-1/V-1 to 60 at 140",
            "Filled O-1/V-1 20 @ 1.00000 T-2 TAKER at 140",
            "Updated O-1/V-1 to 70 at 150",
            "Filled O-1/V-1 10 @ 1.00000 T-3 TAKER at 150",
        ],
        {"O-1": "FILLED 70/70 avg 1 V-1"},
        [LATE] * 2,
    )
    assert result.belief.net(PAIR) == 70


def test_row_081_order_made_of_its_trades_grows_to_the_total_that_is_reported_later() -> None:
    belief = settle(fills=FROM_FILLS).belief
    report = reported("FILLED", 100, order_type=OrderType.MARKET, price=None, avg_px="1.0")
    result = settle(belief, [report], FROM_FILLS)
    expect(
        result,
        ["Updated O-1/V-1 to 100 at 200", "Inferred O-1/V-1 60 @ 1.00000 TAKER fee 0.02 USD at 200"],
        {"O-1": "FILLED 100/100 avg 1 V-1"},
        [INFERRED, LATE],
    )
    same = settle(belief, [reported("FILLED", 40, quantity="40")], FROM_FILLS)
    expect(same, [], {"O-1": "FILLED 40/40 avg 1 V-1"})


def test_row_081_order_of_ours_does_not_grow() -> None:
    result = settle(believing(cached("SUBMITTED")), fills=[traded("T-1", 120)])
    expect(result, [], {"O-1": "SUBMITTED 0/100 @ 1.00000"}, ["WARNING event.refused"])


def test_row_081_order_that_was_reported_once_does_not_grow() -> None:
    belief = settle(orders=[reported("FILLED", 100)], fills=[traded("T-1", 100)]).belief
    result = settle(belief, fills=[traded("T-2", 20, ts=140)])
    expect(result, [], state("FILLED 100"), ["WARNING event.refused"])


def test_row_081_field_report_c15_early_trade_at_runtime_is_held_for_its_order() -> None:
    early = [traded("T-1", 40, client_order_id=None, venue_order_id="V-77"), traded("T-2", 20, client_order_id="O-9")]
    result = settle(believing(cached("SUBMITTED")), fills=early, runtime=True)
    expect(result, [], {"O-1": "SUBMITTED 0/100 @ 1.00000"}, ["INFO fill.held"] * 2)
    assert [one.trade_id.value for one in result.plan.deferred] == ["T-1", "T-2"]


def test_row_081_held_trades_of_purged_and_filtered_orders_are_not_held() -> None:
    belief = believing()
    belief.purged["O-1"] = None
    result = settle(belief, fills=[traded("T-1", 40)], runtime=True)
    assert (result.events, result.notes, result.plan.deferred, result.plan.fills_skipped) == ([], [], [], 1)


def test_row_082_trade_of_the_other_side_is_refused() -> None:
    wrong = traded("T-1", 40, order_side=OrderSide.SELL)
    result = settle(believing(cached()), [reported("ACCEPTED")], [wrong])
    expect(result, [], state("ACCEPTED 0"), ["ERROR! fill.wrong_side"])
    assert "fill T-1 is a SELL, the order a BUY" in result.text("fill.wrong_side")
    assert result.plan.fills_skipped == 1


def test_row_082_right_trade_after_a_wrong_one_of_the_same_id_is_applied() -> None:
    fills = [traded("T-1", 40, ts=130, order_side=OrderSide.SELL), traded("T-1", 40, ts=140)]
    result = settle(believing(cached()), [reported("PARTIALLY_FILLED", 40)], fills)
    expect(result, [filled("T-1", 40, ts=140)], state("PARTIALLY_FILLED 40"), ["ERROR! fill.wrong_side"])


@pytest.mark.parametrize("with_report", [True, False])
def test_row_083_trade_that_names_another_order_of_ours_is_skipped(with_report: bool) -> None:
    belief = believing(cached(), cached("ACCEPTED", "O-2"))
    orders = [reported("PARTIALLY_FILLED", 10)] if with_report else []
    both = [*orders, reported("ACCEPTED", client_order_id="O-2", venue_order_id="V-2")]
    result = settle(belief, both, [traded("T-1", 40, client_order_id="O-2"), traded("T-2", 10)])
    after = {**state("PARTIALLY_FILLED 10"), "O-2": "ACCEPTED 0/100 @ 1.00000 V-2"}
    expect(result, [filled("T-2", 10)], after, ["WARNING fill.wrong_owner"])
    assert "fill T-1 names O-2, its venue order is O-1; skipped" in result.text("fill.wrong_owner")
    assert result.plan.fills_skipped == 1


def test_row_083_trade_under_an_id_that_nobody_has_belongs_to_its_venue_order() -> None:
    result = settle(believing(cached()), [reported("PARTIALLY_FILLED", 40)], [traded("T-1", 40, client_order_id="X-9")])
    expect(result, [filled("T-1", 40)], state("PARTIALLY_FILLED 40"))


@pytest.mark.parametrize(
    ("average", "warns"), [("1.2", True), ("1.0001", False), ("1.0002", True), ("0", False), (None, False)]
)
def test_row_084_average_that_differs_from_the_trades_is_told(average: str | None, warns: bool) -> None:
    report = reported("PARTIALLY_FILLED", 40, avg_px=average)
    result = settle(believing(cached()), [report], [traded("T-1", 40)])
    notes = ["WARNING order.average_differs"] if warns else []
    expect(result, [filled("T-1", 40)], state("PARTIALLY_FILLED 40"), notes)


def test_row_084_tolerance_of_the_average_is_a_setting() -> None:
    report = reported("PARTIALLY_FILLED", 40, avg_px="1.2")
    result = settle(believing(cached()), [report], [traded("T-1", 40)], average_price_tolerance=Decimal("0.2"))
    assert result.notes == []


@pytest.mark.parametrize("total", [99, 101])
def test_row_086_closed_order_within_one_unit_of_the_total_is_equal(total: int) -> None:
    result = settle(believing(cached("FILLED")), [reported("FILLED", total)])
    expect(result, [], state("FILLED 100"), ["WARNING order.filled_within_one_unit"])


@pytest.mark.parametrize(
    ("total", "verdict"), [(98, "quarantined O-1, failed"), (102, "quarantined O-1, uncertain AUD/USD.SIM")]
)
def test_row_086_closed_order_beyond_one_unit_is_not_equal(total: int, verdict: str) -> None:
    assert settle(believing(cached("FILLED")), [reported("FILLED", total)]).verdict == verdict


def test_row_086_unit_is_the_instruments_size_precision() -> None:
    precise = make_pair(size_precision=2, size_increment=Quantity.from_str("0.01"))
    belief = believing(cached("FILLED"), instruments=[precise])
    assert settle(belief, [reported("FILLED", 101)]).verdict == "quarantined O-1, uncertain AUD/USD.SIM"


def test_row_086_open_order_that_lacks_one_unit_gets_it() -> None:
    order = fill(cached(), 99, trade="T-0")
    result = settle(believing(order), [reported("FILLED", 100, avg_px="1.0")])
    expect(result, [inferred(1, "0.00")], state("FILLED 100"), [INFERRED])
