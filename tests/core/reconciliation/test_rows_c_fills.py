"""Fill reports of orders that are known: missed, told again, told differently, too many (C, 64 to 79)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from nautilus_live.model.enums import LiquiditySide, OrderSide
from nautilus_live.model.objects import Money
from nautilus_live.model.orders import Order
from tests.core.conftest import BNB
from tests.core.reconciliation.fills import ACCEPT, CANCEL, INFERRED, INITIALIZED, LATE, filled, inferred, state, usd
from tests.core.reconciliation.settling import (
    PAIR,
    USD,
    believing,
    cached,
    expect,
    fill,
    held,
    reported,
    settle,
    traded,
)

EXPIRE = "Expired O-1/V-1 at 200"
GUESSED = "WARNING fill.inferred"


# -- rows --------------------------------------------------------------------------------------------------------------


def test_row_064_known_trade_is_recognised_and_the_missed_one_applied() -> None:
    order = fill(cached(), 50, trade="T-0", ts=120)
    result = settle(
        believing(order),
        [reported("FILLED", 100)],
        [traded("T-0", 50, ts=120), traded("T-1", 50, commission=usd("0.03"))],
    )
    expect(result, [filled("T-1", 50, more="TAKER fee 0.03 USD")], state("FILLED 100"))


def test_row_065_missed_trades_are_applied_one_after_the_other() -> None:
    order = fill(cached(), 20, trade="T-0", ts=120)
    result = settle(
        believing(order),
        [reported("FILLED", 100)],
        [traded("T-0", 20, ts=120), traded("T-1", 30, ts=130), traded("T-2", 50, ts=140)],
    )
    expect(result, [filled("T-1", 30, ts=130), filled("T-2", 50, ts=140)], state("FILLED 100"))
    assert [str(name) for name in result.order().fills] == ["T-0", "T-1", "T-2"]


def test_row_066_trades_of_an_unknown_order_keep_their_commissions_and_sides() -> None:
    result = settle(
        orders=[reported("FILLED", 100)],
        fills=[
            traded("T-1", 40, commission=usd("0.01"), liquidity_side=LiquiditySide.MAKER, ts=130),
            traded("T-2", 60, "1.10000", commission=usd("0.02"), ts=140),
        ],
    )
    expect(
        result,
        [
            INITIALIZED,
            ACCEPT,
            filled("T-1", 40, ts=130, more="MAKER fee 0.01 USD"),
            filled("T-2", 60, at="1.10000", ts=140, more="TAKER fee 0.02 USD"),
        ],
        {"O-1": "FILLED 100/100 @ 1.00000 avg 1.06 V-1"},
    )
    assert result.order().commission(USD) == usd("0.03")


def test_row_068_trades_told_newest_first_are_applied_oldest_first() -> None:
    result = settle(orders=[reported("CANCELED", 70)], fills=[traded("T-2", 30, ts=140), traded("T-1", 40, ts=130)])
    expect(
        result,
        [INITIALIZED, ACCEPT, filled("T-1", 40, ts=130), filled("T-2", 30, ts=140), CANCEL],
        state("CANCELED 70"),
    )


@pytest.mark.parametrize(("row", "status", "event"), [(69, "EXPIRED", EXPIRE), (70, "CANCELED", CANCEL)])
def test_rows_069_070_trade_of_an_ended_order_comes_before_its_end(row: int, status: str, event: str) -> None:
    result = settle(orders=[reported(status, 40)], fills=[traded("T-1", 40)])
    expect(result, [INITIALIZED, ACCEPT, filled("T-1", 40), event], state(f"{status} 40"))


def test_row_071_filled_part_of_a_canceled_order_without_trades_is_inferred_first() -> None:
    result = settle(orders=[reported("CANCELED", 40)])
    expect(result, [INITIALIZED, ACCEPT, inferred(40, "0.02", guess=True), CANCEL], state("CANCELED 40"), [GUESSED])


@pytest.mark.parametrize("cached_first", [False, True])
def test_row_072_filled_part_of_a_canceled_order_is_booked_to_it_and_explains_the_position(cached_first: bool) -> None:
    belief = believing(cached()) if cached_first else believing()
    result = settle(belief, [reported("CANCELED", 40, avg_px="1.0")], positions=[held("40", "1.0")])
    begin = [] if cached_first else [INITIALIZED, ACCEPT]
    expect(result, [*begin, inferred(40, "0.02"), CANCEL], state("CANCELED 40"), [INFERRED])
    [position] = result.belief.positions.values()
    assert str(position.id) == f"AUD/USD.SIM-{'S-001' if cached_first else 'EXTERNAL'}"
    assert position.signed_qty == 40


def known_trade(**fields: object) -> Order:
    settings = {"ts": 150, "commission": usd("2.50"), **fields}
    return fill(cached(), 50, trade="T-0", **settings)


def told_again(*, quantity: int = 50, at: str = "1.00000", ts: int = 150, **fields: object) -> list[object]:
    return [traded("T-0", quantity, at, ts, **{"commission": usd("2.50"), **fields})]


@pytest.mark.parametrize(
    ("differs", "words"),
    [
        ({"at": "1.00002"}, "price 1.00000 / 1.00002"),
        ({"at": "0.99998"}, "price 1.00000 / 0.99998"),
        ({"commission": usd("2.51")}, "commission 2.50 USD / 2.51 USD"),
        ({"commission": Money(Decimal("2.50"), BNB)}, "commission 2.50 USD / 2.50000000 BNB"),
        ({"liquidity_side": LiquiditySide.MAKER}, "liquidity TAKER / MAKER"),
        ({"quantity": 49}, "quantity 50 / 49"),
    ],
)
def test_row_073_known_trade_is_kept_and_each_difference_is_named(differs: dict[str, object], words: str) -> None:
    order = known_trade()
    result = settle(believing(order), [reported("PARTIALLY_FILLED", 50)], told_again(**differs))
    expect(result, [], state("PARTIALLY_FILLED 50"), ["WARNING fill.differs"])
    assert result.text("fill.differs") == (f"fill T-0 differs from the report (ours / venue's), ours kept: {words}")


def test_row_073_all_differences_are_named_together() -> None:
    report = told_again(quantity=49, at="1.1", ts=151, commission=usd("1"), liquidity_side=LiquiditySide.MAKER)
    result = settle(believing(known_trade()), [reported("PARTIALLY_FILLED", 50)], report)
    assert result.text("fill.differs").endswith(
        "quantity 50 / 49, price 1.00000 / 1.10000, commission 2.50 USD / 1.00 USD, liquidity TAKER / MAKER,"
        " time 150 / 151"
    )
    assert result.events == []


def test_row_073_time_alone_is_worth_a_debug_note_only() -> None:
    result = settle(believing(known_trade()), [reported("PARTIALLY_FILLED", 50)], told_again(ts=151))
    expect(result, [], state("PARTIALLY_FILLED 50"), ["DEBUG fill.differs"])
    assert result.text("fill.differs").endswith("ours kept: time 150 / 151")


@pytest.mark.parametrize(
    ("differs", "choices", "level"),
    [
        ({"commission": usd("2.51")}, {}, "WARNING"),
        ({"commission": usd("2.51")}, {"fill_commission_tolerance": Decimal("0.01")}, "DEBUG"),
        ({"at": "1.00001"}, {}, "DEBUG"),
        ({"at": "0.99999"}, {}, "DEBUG"),
        ({"at": "1.00001"}, {"fill_price_tolerance_ticks": 0}, "WARNING"),
        ({"at": "1.00005"}, {"fill_price_tolerance_ticks": 5}, "DEBUG"),
        ({"at": "1.00006"}, {"fill_price_tolerance_ticks": 5}, "WARNING"),
    ],
)
def test_row_074_small_differences_are_within_a_tolerance(
    differs: dict[str, object], choices: dict[str, object], level: str
) -> None:
    report = told_again(**differs)
    result = settle(believing(known_trade()), [reported("PARTIALLY_FILLED", 50)], report, **choices)
    expect(result, [], state("PARTIALLY_FILLED 50"), [f"{level} fill.differs"])
    if level == "DEBUG":
        assert result.text("fill.differs").endswith("ours kept: within tolerance")


def test_row_074_a_hundredth_of_a_large_commission_is_within_a_ten_thousandth() -> None:
    order = known_trade(commission=usd("250.00"))
    within = settle(believing(order), [reported("PARTIALLY_FILLED", 50)], told_again(commission=usd("250.01")))
    assert within.notes == ["DEBUG fill.differs"]
    beyond = settle(believing(order), [reported("PARTIALLY_FILLED", 50)], told_again(commission=usd("250.03")))
    assert beyond.notes == ["WARNING fill.differs"]


@pytest.mark.parametrize(("ours", "theirs"), [("2.50", None), (None, "2.50")])
def test_row_075_commission_that_one_side_does_not_know_is_no_difference(ours: str | None, theirs: str | None) -> None:
    order = known_trade(commission=ours and usd(ours))
    report = told_again(commission=theirs and usd(theirs))
    result = settle(believing(order), [reported("PARTIALLY_FILLED", 50)], report)
    expect(result, [], state("PARTIALLY_FILLED 50"), ["DEBUG fill.differs"])
    assert result.order().commission(USD) == (ours and usd(ours))


def test_row_075_liquidity_that_the_venue_does_not_say_is_no_difference() -> None:
    report = told_again(liquidity_side=LiquiditySide.NO_LIQUIDITY_SIDE)
    expect(
        settle(believing(known_trade()), [reported("PARTIALLY_FILLED", 50)], report), [], state("PARTIALLY_FILLED 50")
    )


def test_row_073_field_report_c1_trade_told_again_word_for_word_says_nothing() -> None:
    result = settle(believing(known_trade()), [reported("PARTIALLY_FILLED", 50)], told_again())
    expect(result, [], state("PARTIALLY_FILLED 50"))
    done = fill(known_trade(), 50, trade="T-1", ts=160)
    everything = [*told_again(), traded("T-1", 50, ts=160)]
    expect(settle(believing(done), [reported("FILLED", 100)], everything), [], state("FILLED 100"))


def test_row_073_trade_told_again_without_its_time_is_no_difference() -> None:
    result = settle(believing(known_trade()), [reported("PARTIALLY_FILLED", 50)], told_again(ts=0))
    expect(result, [], state("PARTIALLY_FILLED 50"))


def test_row_076_trade_beyond_the_quantity_is_refused_and_the_gap_inferred() -> None:
    result = settle(
        believing(cached()), [reported("FILLED", 100)], [traded("T-1", 60, ts=130), traded("T-2", 60, ts=140)]
    )
    expect(
        result,
        [filled("T-1", 60, ts=130), inferred(40, "0.02", guess=True)],
        state("FILLED 100"),
        ["WARNING event.refused", GUESSED],
    )
    assert "filled 60 + 60 would exceed quantity 100" in result.text("event.refused")
    assert [str(note.trade_id) for note in result.plan.notes if note.kind == "event.refused"] == ["T-2"]
    assert result.belief.net(PAIR) == 100


def test_row_076_total_beyond_the_quantity_sets_the_order_aside() -> None:
    result = settle(believing(cached()), [reported("FILLED", 120)])
    expect(
        result,
        [],
        state("ACCEPTED 0"),
        ["WARNING! order.overfilled"],
        "quarantined O-1, uncertain AUD/USD.SIM",
    )
    assert "120 filled of a quantity of 100: more than ordered" in result.text("order.overfilled")
    assert list(result.plan.doubted.values()) == [PAIR.id]


@pytest.mark.parametrize("with_trades", [True, False])
def test_row_077_overfill_is_applied_where_it_is_allowed(with_trades: bool) -> None:
    fills = [traded("T-1", 60, ts=130), traded("T-2", 60, ts=140)] if with_trades else []
    result = settle(believing(cached()), [reported("FILLED", 120, avg_px="1.0")], fills, allow_overfills=True)
    events = [filled("T-1", 60, ts=130), filled("T-2", 60, ts=140)] if with_trades else [inferred(120, "0.05")]
    expect(result, events, {"O-1": "FILLED 120/100 @ 1.00000 avg 1 V-1"}, [] if with_trades else [INFERRED])
    assert result.order().overfill_qty == 20
    assert str(result.order().leaves_qty) == "0"
    assert result.belief.net(PAIR) == 120


def test_row_077_overfill_of_a_filled_order_is_a_late_fill() -> None:
    result = settle(believing(cached("FILLED")), [reported("FILLED", 120)], [traded("T-1", 20)], allow_overfills=True)
    expect(result, [filled("T-1", 20)], {"O-1": "FILLED 120/100 @ 1.00000 avg 1 V-1"}, [LATE])


def test_row_078_trade_told_twice_counts_once_and_the_gap_is_not_filled_in_silence() -> None:
    result = settle(believing(cached()), [reported("FILLED", 100)], [traded("T-1", 50), traded("T-1", 50)])
    expect(
        result,
        [filled("T-1", 50), inferred(50, "0.02", guess=True)],
        state("FILLED 100"),
        ["WARNING fill.reported_twice", GUESSED],
    )
    assert "the venue says 100 filled, we know 50; the rest filled @ 1.00000, which is our guess" in result.text(
        "fill.inferred"
    )
    assert result.plan.fills_skipped == 1


def test_row_078_two_versions_of_one_trade_are_told_apart_by_nothing_but_themselves() -> None:
    versions = [traded("T-1", 50), traded("T-1", 60), traded("T-1", 50, commission=usd("0.01"))]
    result = settle(believing(cached()), [reported("PARTIALLY_FILLED", 50)], versions)
    assert len(result.events) == 1
    assert result.plan.fills_skipped == 2


def test_section_10_rule_28_same_trade_id_on_two_orders_is_two_trades() -> None:
    names = {"client_order_id": "O-2", "venue_order_id": "V-2", "order_side": OrderSide.SELL}
    result = settle(
        believing(cached(), cached("ACCEPTED", "O-2", side="SELL")),
        [reported("FILLED", 100), reported("FILLED", 100, **names)],
        [traded("T-1", 100), traded("T-1", 100, **names)],
    )
    assert result.events == [filled("T-1", 100), "Filled O-2/V-2 100 @ 1.00000 T-1 TAKER at 150"]
    assert (result.notes, result.verdict) == ([], "ok")
    assert result.belief.net(PAIR) == 0
