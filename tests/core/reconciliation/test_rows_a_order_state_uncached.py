"""Group A of the behaviour catalogue: what the venue reports about orders that we do not know yet."""

from __future__ import annotations

from decimal import Decimal

import pytest

from nautilus_live.model.enums import ContingencyType, OrderSide, OrderType, TrailingOffsetType, TriggerType
from nautilus_live.model.events import OrderInitialized
from nautilus_live.model.identifiers import ClientOrderId, OrderListId, VenueOrderId
from nautilus_live.model.objects import Price
from tests.core.belief import Belief
from tests.core.conftest import make_quote
from tests.core.reconciliation.settling import (
    OTHER_PAIR,
    PAIR,
    Settled,
    believing,
    cached,
    expect,
    held,
    make_pair,
    price,
    reported,
    settle,
    short,
    traded,
    units,
)

INITIALIZED = "Initialized O-1/V-1 EXTERNAL['EXTERNAL'] BUY 100 LIMIT GTC @ 1.00000 at 110"
ACCEPTED = "Accepted O-1/V-1 at 110"


def no_price_for_market_order(**fields: object) -> Settled:
    report = reported("FILLED", 100, order_type=OrderType.MARKET, price=None)
    return settle(**{"orders": [report], **fields})  # type: ignore[arg-type]  # a bundle of arguments


def test_row_001_accepted_order_becomes_external_and_accepted() -> None:
    result = settle(orders=[reported("ACCEPTED")])
    expect(result, [INITIALIZED, ACCEPTED], {"O-1": "ACCEPTED 0/100 @ 1.00000 V-1"})
    assert result.order().tags == ["EXTERNAL"]
    assert result.order().account_id is not None


@pytest.mark.parametrize(("reason", "shown"), [("post only would take", "post only would take"), (None, "UNKNOWN")])
def test_row_002_rejected_order_is_rejected_with_its_reason_and_found_by_its_venue_id(
    reason: str | None, shown: str
) -> None:
    result = settle(orders=[reported("REJECTED", cancel_reason=reason)])
    expect(result, [INITIALIZED, f"Rejected O-1/V-1 {shown} at 200"], {"O-1": "REJECTED 0/100 @ 1.00000 V-1"})
    assert result.belief.client_order_id(VenueOrderId("V-1"), PAIR.id) == ClientOrderId("O-1")


@pytest.mark.parametrize(("number", "status", "event"), [(3, "CANCELED", "Canceled"), (4, "EXPIRED", "Expired")])
def test_rows_003_004_unfilled_ended_order_is_accepted_and_then_ended(number: int, status: str, event: str) -> None:
    result = settle(orders=[reported(status)])
    expect(result, [INITIALIZED, ACCEPTED, f"{event} O-1/V-1 at 200"], {"O-1": f"{status} 0/100 @ 1.00000 V-1"})


@pytest.mark.parametrize(
    ("kind", "ts_triggered", "at"),
    [
        (OrderType.STOP_LIMIT, 130, 130),
        (OrderType.LIMIT_IF_TOUCHED, 130, 130),
        (OrderType.TRAILING_STOP_LIMIT, 130, 130),
        (OrderType.STOP_LIMIT, 0, 200),
    ],
)
def test_row_005_triggered_limit_style_stop_is_triggered_when_the_venue_says_it_was(
    kind: OrderType, ts_triggered: int, at: int
) -> None:
    report = reported("TRIGGERED", order_type=kind, trigger_price="1.10000", ts_triggered=ts_triggered)
    expect(
        settle(orders=[report]),
        [
            f"Initialized O-1/V-1 EXTERNAL['EXTERNAL'] BUY 100 {kind} GTC @ 1.00000 trigger 1.10000 at 110",
            ACCEPTED,
            f"Triggered O-1/V-1 at {at}",
        ],
        {"O-1": "TRIGGERED 0/100 @ 1.00000 trigger 1.10000 V-1"},
    )


@pytest.mark.parametrize("kind", [OrderType.STOP_MARKET, OrderType.MARKET_IF_TOUCHED, OrderType.TRAILING_STOP_MARKET])
def test_row_006_market_style_stop_has_no_triggered_state_and_no_error(kind: OrderType) -> None:
    report = reported("TRIGGERED", order_type=kind, price=None, trigger_price="1.10000", ts_triggered=130)
    expect(
        settle(orders=[report]),
        [f"Initialized O-1/V-1 EXTERNAL['EXTERNAL'] BUY 100 {kind} GTC trigger 1.10000 at 110", ACCEPTED],
        {"O-1": "ACCEPTED 0/100 trigger 1.10000 V-1"},
    )


@pytest.mark.parametrize("status", ["PENDING_CANCEL", "PENDING_UPDATE"])
def test_row_008_order_pending_at_the_venue_is_accepted_without_a_warning(status: str) -> None:
    expect(settle(orders=[reported(status)]), [INITIALIZED, ACCEPTED], {"O-1": "ACCEPTED 0/100 @ 1.00000 V-1"})


def test_row_009_order_without_client_id_gets_one_that_follows_from_its_venue_id() -> None:
    result = settle(orders=[reported("ACCEPTED", client_order_id=None)])
    expect(
        result,
        [INITIALIZED.replace("O-1", "EXT-V-1"), ACCEPTED.replace("O-1", "EXT-V-1")],
        {"EXT-V-1": "ACCEPTED 0/100 @ 1.00000 V-1"},
    )
    [order] = result.belief.orders.values()
    assert result.belief.client_order_id(VenueOrderId("V-1")) == order.client_order_id
    elsewhere = settle(orders=[reported("ACCEPTED", client_order_id=None, instrument_id=OTHER_PAIR.id)])
    assert short(elsewhere.plan.events[0].client_order_id) == "EXT-V-1"
    assert elsewhere.plan.events[0].client_order_id != order.client_order_id  # some venues number per instrument


def test_row_010_order_without_client_id_is_recognised_by_its_venue_id_in_the_same_session() -> None:
    belief = settle(orders=[reported("ACCEPTED", client_order_id=None)]).belief
    result = settle(belief, [reported("FILLED", 100, client_order_id=None, avg_px="1.0")])
    expect(
        result,
        ["Inferred EXT-V-1/V-1 100 @ 1.00000 fee 0.04 USD at 200"],
        {"EXT-V-1": "FILLED 100/100 @ 1.00000 avg 1 V-1"},
        ["INFO fill.inferred"],
    )


def test_row_011_a_second_process_with_an_empty_cache_invents_the_same_ids() -> None:
    report = reported("FILLED", 100, client_order_id=None, avg_px="1.0")
    first, second = (settle(orders=[report]).plan.events for _ in range(2))
    assert first == second
    assert len(first) == 3


def test_row_012_filled_order_without_trades_gets_an_inferred_fill_and_a_position() -> None:
    result = settle(orders=[reported("FILLED", 100, avg_px="1.10")])
    expect(
        result,
        [INITIALIZED, ACCEPTED, "Inferred O-1/V-1 100 @ 1.10000 fee 0.04 USD at 200"],
        {"O-1": "FILLED 100/100 @ 1.00000 avg 1.1 V-1"},
        ["INFO fill.inferred"],
    )
    assert result.belief.net(PAIR) == 100
    assert result.text("fill.inferred") == "the venue says 100 filled, we know 0; the rest filled @ 1.10000"


def test_row_014_filled_limit_without_average_is_filled_at_its_limit_price() -> None:
    expect(
        settle(orders=[reported("FILLED", 100)]),
        [INITIALIZED, ACCEPTED, "Inferred O-1/V-1 100 @ 1.00000 fee 0.04 USD estimated at 200"],
        {"O-1": "FILLED 100/100 @ 1.00000 avg 1 V-1"},
        ["WARNING fill.inferred"],
    )


MARKET_INITIALIZED = "Initialized O-1/V-1 EXTERNAL['EXTERNAL'] BUY 100 MARKET GTC at 110"


def test_row_015_filled_market_order_without_any_price_is_set_aside_and_not_filled() -> None:
    result = no_price_for_market_order()
    expect(
        result,
        [MARKET_INITIALIZED, ACCEPTED],
        {"O-1": "ACCEPTED 0/100 V-1"},
        ["WARNING! fill.no_price"],
        "quarantined O-1, uncertain AUD/USD.SIM",
    )
    assert "100 filled, we know 0" in result.text("fill.no_price")
    assert result.belief.net(PAIR) == 0


def test_row_015_filled_market_order_without_average_takes_the_middle_of_the_market() -> None:
    belief = believing(quotes=[make_quote("1.19990", "1.20010", PAIR)])
    expect(
        no_price_for_market_order(belief=belief),
        [MARKET_INITIALIZED, ACCEPTED, "Inferred O-1/V-1 100 @ 1.20000 TAKER fee 0.05 USD estimated at 200"],
        {"O-1": "FILLED 100/100 avg 1.2 V-1"},
        ["WARNING fill.inferred"],
    )


def test_row_015_filled_market_order_without_a_market_takes_the_average_of_the_venues_position() -> None:
    expect(
        no_price_for_market_order(positions=[held("100", "1.30")]),
        [MARKET_INITIALIZED, ACCEPTED, "Inferred O-1/V-1 100 @ 1.30000 TAKER fee 0.05 USD estimated at 200"],
        {"O-1": "FILLED 100/100 avg 1.3 V-1"},
        ["WARNING fill.inferred"],
    )


def test_row_015_filled_market_order_never_takes_the_average_of_our_own_position() -> None:
    # The plan itself changes our positions, so a second call would know more than the first.
    result = no_price_for_market_order(belief=believing(cached("FILLED", "O-2")))
    assert result.events == [MARKET_INITIALIZED, ACCEPTED]
    assert result.verdict == "quarantined O-1, uncertain AUD/USD.SIM"
    assert result.belief.net(PAIR) == 100


def test_row_015_rest_of_a_market_order_takes_the_average_of_its_own_trades() -> None:
    report = reported("FILLED", 100, order_type=OrderType.MARKET, price=None)
    trades = [traded("T-1", 30, "1.1"), traded("T-2", 10, "1.5")]
    result = settle(orders=[report], fills=trades, positions=[held("100", "1.4")])
    assert result.events[-1] == "Inferred O-1/V-1 60 @ 1.20000 TAKER fee 0.03 USD estimated at 200"
    assert result.verdict == "ok"


def test_row_016_gap_without_average_is_filled_at_the_limit_price_beside_the_known_trade() -> None:
    expect(
        settle(orders=[reported("FILLED", 100, price="1.01000")], fills=[traded("T-1", 40)]),
        [
            INITIALIZED.replace("1.00000", "1.01000"),
            ACCEPTED,
            "Filled O-1/V-1 40 @ 1.00000 T-1 TAKER at 150",
            "Inferred O-1/V-1 60 @ 1.01000 fee 0.02 USD estimated at 200",
        ],
        {"O-1": "FILLED 100/100 @ 1.01000 avg 1.006 V-1"},
        ["WARNING fill.inferred"],
    )


def test_row_017_gap_is_priced_so_that_the_order_reaches_the_reported_average() -> None:
    expect(
        settle(orders=[reported("FILLED", 100, avg_px="1.00020")], fills=[traded("T-1", 40)]),
        [
            INITIALIZED,
            ACCEPTED,
            "Filled O-1/V-1 40 @ 1.00000 T-1 TAKER at 150",
            "Inferred O-1/V-1 60 @ 1.00033 fee 0.02 USD at 200",
        ],
        {"O-1": "FILLED 100/100 @ 1.00000 avg 1.000198 V-1"},
        ["INFO fill.inferred"],
    )


@pytest.mark.parametrize(
    ("row", "fields", "shown"),
    [
        ("018", {"post_only": True}, "MAKER fee 0.02 USD"),
        ("3.8", {"order_type": OrderType.MARKET, "price": None}, "TAKER fee 0.04 USD"),
        ("3.8", {"order_type": OrderType.STOP_MARKET, "price": None, "trigger_price": "1.1"}, "TAKER fee 0.04 USD"),
        ("3.8", {"order_type": OrderType.MARKET_IF_TOUCHED, "price": None}, "TAKER fee 0.04 USD"),
        ("3.8", {"order_type": OrderType.TRAILING_STOP_MARKET, "price": None}, "TAKER fee 0.04 USD"),
        ("020", {}, "fee 0.04 USD"),
        ("020", {"order_type": OrderType.STOP_LIMIT, "trigger_price": "1.1"}, "fee 0.04 USD"),
        ("020", {"order_type": OrderType.MARKET_TO_LIMIT}, "fee 0.04 USD"),
    ],
)
def test_rows_018_020_liquidity_of_an_inferred_fill_follows_from_the_order(
    row: str, fields: dict[str, object], shown: str
) -> None:
    result = settle(orders=[reported("FILLED", 100, avg_px="1.0", **fields)])
    assert result.events[-1] == f"Inferred O-1/V-1 100 @ 1.00000 {shown} at 200"
    assert result.verdict == "ok"


def test_row_021_estimated_commission_is_the_notional_times_the_taker_fee_on_an_inferred_event() -> None:
    result = settle(orders=[reported("FILLED", 2, quantity="2", avg_px="1000")])
    assert result.events[-1] == "Inferred O-1/V-1 2 @ 1000.00000 fee 0.80 USD at 200"


def test_row_022_order_of_an_unknown_instrument_fails_and_the_rest_is_processed() -> None:
    stranger = reported(
        "ACCEPTED", client_order_id="O-2", venue_order_id="V-2", instrument_id=make_pair("X/USD.SIM").id
    )
    result = settle(orders=[stranger, reported("ACCEPTED")])
    expect(
        result,
        [INITIALIZED, ACCEPTED],
        {"O-1": "ACCEPTED 0/100 @ 1.00000 V-1"},
        ["ERROR! instrument.unknown"],
        "failed",
    )
    assert result.plan.failed == ["X/USD.SIM is not known, so order V-2 cannot be used"]


def test_row_022_fills_and_positions_of_an_unknown_instrument_fail_too() -> None:
    stranger = make_pair("X/USD.SIM")
    result = settle(
        fills=[traded("T-1", 40, instrument_id=stranger.id)], positions=[held("40", "1.0", instrument=stranger)]
    )
    expect(result, [], {}, ["ERROR! instrument.unknown"] * 2, "failed")
    assert result.plan.failed == [
        "X/USD.SIM is not known, so fills of order V-1 cannot be used",
        "X/USD.SIM is not known, so its position report cannot be used",
    ]


def test_row_022_an_instrument_that_is_not_known_stops_even_an_order_that_is() -> None:
    belief = believing(cached("ACCEPTED"), instruments=[OTHER_PAIR])
    expect(
        settle(belief, [reported("CANCELED")]),
        [],
        {"O-1": "ACCEPTED 0/100 @ 1.00000 V-1"},
        ["ERROR! instrument.unknown"],
        "failed",
    )


def test_row_023_links_between_orders_are_kept() -> None:
    links = {
        "contingency_type": ContingencyType.OCO,
        "order_list_id": OrderListId("L-1"),
        "linked_order_ids": (ClientOrderId("O-2"),),
        "parent_order_id": ClientOrderId("O-0"),
    }
    init = settle(orders=[reported("ACCEPTED", **links)]).order().init
    assert {name: getattr(init, name) for name in links} == links


def test_section_3_9_an_external_order_is_built_of_everything_that_the_report_says() -> None:
    facts = {
        "order_side": OrderSide.SELL,
        "order_type": OrderType.TRAILING_STOP_LIMIT,
        "trigger_price": price("1.10000"),
        "trigger_type": TriggerType.MARK_PRICE,
        "trailing_offset": Decimal("0.5"),
        "limit_offset": Decimal("0.1"),
        "trailing_offset_type": TrailingOffsetType.BASIS_POINTS,
        "display_qty": units(10),
        "expire_time_ns": 900,
        "post_only": True,
        "reduce_only": True,
        "price": price("1.00000"),
        "quantity": units(100),
    }
    result = settle(orders=[reported("ACCEPTED", time_in_force="GTD", **facts)])
    init = result.order().init
    assert {name: getattr(init, name) for name in facts} == facts
    assert result.events[0] == (
        "Initialized O-1/V-1 EXTERNAL['EXTERNAL'] SELL 100 TRAILING_STOP_LIMIT GTD @ 1.00000 trigger 1.10000 at 110"
    )


def test_section_3_9_an_order_of_which_the_venue_gives_no_accept_time_begins_at_its_last_change() -> None:
    result = settle(orders=[reported("ACCEPTED", ts_accepted=0)])
    assert result.events == [INITIALIZED.replace("110", "200"), ACCEPTED.replace("110", "200")]


def test_row_024_trigger_price_of_a_plain_limit_order_is_ignored() -> None:
    report = reported("ACCEPTED", trigger_price="0.00", trigger_type=TriggerType.DEFAULT)
    result = settle(orders=[report])
    expect(result, [INITIALIZED, ACCEPTED], {"O-1": "ACCEPTED 0/100 @ 1.00000 V-1"})
    assert result.order().trigger_type is TriggerType.NO_TRIGGER


def test_row_024_update_with_a_trigger_price_of_a_plain_limit_order_moves_its_price_only() -> None:
    result = settle(believing(cached()), [reported("ACCEPTED", price="1.02000", trigger_price="0.00")])
    expect(result, ["Updated O-1/V-1 to 100 @ 1.02000 at 200"], {"O-1": "ACCEPTED 0/100 @ 1.02000 V-1"})


# -- the inferred price, step by step ----------------------------------------------------------------------------------


def inferred_price(belief: Belief, **fields: object) -> tuple[Price, bool]:
    positions = fields.pop("positions", [])
    result = settle(belief, [reported("FILLED", 100, **fields)], positions=positions)  # type: ignore[arg-type]  # keywords of any type
    fill = result.plan.events[-1]
    return fill.last_px, fill.last_px_estimated  # type: ignore[attr-defined]  # the last event is the fill


MARKET = {"order_type": OrderType.MARKET, "price": None}


@pytest.mark.parametrize(
    ("average", "fields", "px", "estimated"),
    [
        ("1.10", {}, "1.10000", False),  # the reported average before the limit price
        ("1.000005", {}, "1.00000", False),  # rounded half-even to the instrument's precision
        ("1.000015", {}, "1.00002", False),
        ("0", {}, "1.00000", True),  # a zero average is no average: the limit price
        ("-1", {}, "1.00000", True),
        ("0.000004", {}, "1.00000", True),  # would round to zero
        (None, {}, "1.00000", True),
        (None, MARKET, "1.20000", True),  # the middle of the market before any position's average
        (None, {"price": "0.00000"}, "1.20000", True),  # a zero limit price is none
    ],
)
def test_inferred_price_takes_the_best_evidence_there_is(
    average: str | None, fields: dict[str, object], px: str, estimated: bool
) -> None:
    belief = believing(cached("FILLED", "O-2"), quotes=[make_quote("1.19990", "1.20010", PAIR)])
    found = inferred_price(belief, avg_px=average, positions=[held("200", "1.30")], **fields)
    assert found == (price(px), estimated)


def test_inferred_price_of_last_resort_is_the_average_of_the_venues_position_and_never_of_ours() -> None:
    belief = believing(cached("FILLED", "O-2"))
    assert inferred_price(belief, positions=[held("200", "1.30")], **MARKET) == (price("1.30"), True)
    for average in (None, "0"):
        result = settle(belief, [reported("FILLED", 100, **MARKET)], positions=[held("200", average)])
        assert result.order().filled_qty == 0
        assert "quarantined O-1" in result.verdict


def test_inferred_price_takes_no_average_of_a_position_that_the_venue_says_is_flat() -> None:
    report = reported("FILLED", 100, **MARKET)
    result = settle(orders=[report], positions=[held("0", "1.30")])
    assert result.verdict == "quarantined O-1, uncertain AUD/USD.SIM"
    assert result.events[-1] == ACCEPTED


def test_inferred_price_of_a_gap_below_zero_falls_back_to_the_limit_price() -> None:
    # 40 at 3.00 and an average of 1.00 over 100 would put the other 60 at -0.33333.
    result = settle(orders=[reported("FILLED", 100, avg_px="1.0")], fills=[traded("T-1", 40, "3.00")])
    assert result.events[-1] == "Inferred O-1/V-1 60 @ 1.00000 fee 0.02 USD estimated at 200"
    assert result.notes == ["WARNING fill.inferred", "WARNING order.average_differs"]


def test_inferred_event_is_of_every_restart_and_differs_with_its_facts() -> None:
    def trade_id(**fields: object) -> str:
        filled = fields.pop("filled", 100)
        known = {key: value for key, value in fields.items() if key in ("client_order_id", "venue_order_id")}
        fills = [traded("T-1", 40, **known)] if fields.pop("with_trade", False) else []
        report = reported("FILLED", filled, **{"avg_px": "1.0", "quantity": filled, **fields})  # type: ignore[arg-type]  # keywords of any type
        event = settle(orders=[report], fills=fills).plan.events[-1]
        return str(event.trade_id)  # type: ignore[attr-defined]  # the last event is the fill

    variants = [
        {},
        {"avg_px": "1.1"},
        {"ts_last": 201},
        {"filled": 99},
        {"with_trade": True},
        {"order_side": OrderSide.SELL},
        {"client_order_id": "O-9"},
        {"venue_order_id": "V-9"},
        {"instrument_id": OTHER_PAIR.id},
    ]
    assert len({trade_id(**dict(one)) for one in variants}) == len(variants)
    assert trade_id() == trade_id()


def test_inferred_fill_of_a_position_that_the_venue_names_goes_there() -> None:
    result = settle(orders=[reported("FILLED", 100, avg_px="1.0", venue_position_id="P-7")])
    assert result.events[-1] == "Inferred O-1/V-1 100 @ 1.00000 fee 0.04 USD position P-7 at 200"


def test_initial_event_comes_first_and_its_id_counts_from_zero() -> None:
    events = settle(orders=[reported("FILLED", 100)]).plan.events
    assert isinstance(events[0], OrderInitialized)
    assert [event.event_id for event in events] == ["R-O-1-0", "R-O-1-1", "R-O-1-2"]
