"""Group C of the behaviour catalogue: fills, known and unknown, doubled, misplaced, and implied by totals."""

from __future__ import annotations

from decimal import Decimal

import pytest

from nautilus_live.core.reconciliation import reconcile
from nautilus_live.core.reconciliation.fills import estimated_commission, oldest_first, with_replacements
from nautilus_live.model.enums import LiquiditySide, OrderSide, OrderStatus, OrderType, Provenance
from nautilus_live.model.events import OrderFilled
from nautilus_live.model.identifiers import TradeId
from nautilus_live.model.objects import Money, Quantity
from nautilus_live.model.orders import Order
from tests.core.conftest import BNB, INVERSE, make_fill, make_perpetual, make_policy, mass_status, px, qty
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

INITIALIZED = "Initialized O-1/V-1 EXTERNAL['EXTERNAL'] BUY 100 LIMIT GTC @ 1.00000 at 110"
ACCEPT = "Accepted O-1/V-1 at 110"
CANCEL = "Canceled O-1/V-1 at 200"
EXPIRE = "Expired O-1/V-1 at 200"
INFERRED = "INFO fill.inferred"
GUESSED = "WARNING fill.inferred"
LATE = "WARNING! fill.late"


def usd(text: str) -> Money:
    return Money(Decimal(text), USD)


def filled(trade: str, quantity: int, *, at: str = "1.00000", ts: int = 150, more: str = "TAKER") -> str:
    return f"Filled O-1/V-1 {quantity} @ {at} {trade} {more} at {ts}"


def inferred(quantity: int, fee: str, *, at: str = "1.00000", ts: int = 200, guess: bool = False) -> str:
    return f"Inferred O-1/V-1 {quantity} @ {at} fee {fee} USD {'estimated ' if guess else ''}at {ts}"


def state(text: str) -> dict[str, str]:
    status, quantity = text.split()
    return {"O-1": f"{status} {quantity}/100 @ 1.00000" + (" avg 1" if quantity != "0" else "") + " V-1"}


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
    assert result.plan.uncertain[PAIR.id].startswith("O-1: the venue says 120 filled")


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
