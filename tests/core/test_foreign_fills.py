"""What a trade of nobody's order does to positions: it is shared out, and adds up."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from nautilus_live.core.fill_corrections import Correction, entries, put
from nautilus_live.core.foreign_fills import as_placeholders, corrections, is_newly_changed, is_shared_out, shares
from nautilus_live.core.position_keeping import take
from nautilus_live.model.enums import OmsType
from nautilus_live.model.events import OrderFilled, OrderFillVoided
from nautilus_live.model.identifiers import EXTERNAL, INTERNAL_DIFF, AccountId, PositionId, StrategyId, TradeId
from nautilus_live.model.objects import Money
from nautilus_live.model.position import Position
from tests.core.conftest import (
    ACCOUNT,
    SPOT,
    STRATEGY,
    TRADER,
    ZERO,
    make_event,
    make_fill,
    make_order,
    make_placeholder,
)

OWN = PositionId("OWN")


def holding(signed: str, name: str = "P-1", owner: StrategyId = STRATEGY, account: AccountId = ACCOUNT) -> Position:
    position = Position(SPOT, PositionId(name), owner, TRADER, account)
    number = Decimal(signed)
    order = make_order(f"O-{name}", "BUY" if number > 0 else "SELL", str(abs(number)))
    for _ in take(position, make_fill(order, str(abs(number)), "50000.00")):
        pass
    return position


def traded(side: str, quantity: str, **fields: Any) -> OrderFilled:
    return make_fill(make_order("X-1", side, quantity, strategy_id=EXTERNAL), quantity, "51000.00", "T-1", **fields)


def make_void(fill: OrderFilled) -> OrderFillVoided:
    order = make_order("X-1", "SELL", "1.800", strategy_id=EXTERNAL)
    return cast(OrderFillVoided, make_event(OrderFillVoided, order, trade_id=fill.trade_id))


def parts(fill: OrderFilled, *held: Position, placeholders: tuple[OrderFilled, ...] = ()) -> dict[str, str]:
    """Return what each position takes, in order, and with what it replaces."""
    made = shares(fill, held, OWN, placeholders)
    assert all(one.trade_id == fill.trade_id and one.last_px == fill.last_px for one in made)
    return {
        str(one.position_id): " ".join([str(one.last_qty), *(f"for {name}" for name in one.replaces)]) for one in made
    }


@pytest.mark.parametrize(
    ("owner", "oms_type", "shared"),
    [
        (EXTERNAL, OmsType.NETTING, True),
        (EXTERNAL, OmsType.UNSPECIFIED, True),
        (EXTERNAL, OmsType.HEDGING, False),
        (STRATEGY, OmsType.NETTING, False),  # it claimed the order
        (INTERNAL_DIFF, OmsType.NETTING, False),  # its legs name their positions
    ],
)
def test_only_nobodys_trades_on_an_account_that_nets_are_shared_out(
    owner: StrategyId, oms_type: OmsType, shared: bool
) -> None:
    assert is_shared_out(make_order(strategy_id=owner), oms_type) is shared


@pytest.mark.parametrize(
    ("side", "quantity", "wanted"),
    [
        ("SELL", "0.400", {"P-1": "0.400"}),
        ("SELL", "1.000", {"P-1": "1.000"}),
        ("SELL", "1.500", {"P-1": "1.000", "OWN": "0.500"}),
        ("BUY", "0.400", {"OWN": "0.400"}),
    ],
)
def test_one_owner_takes_all_of_it_up_to_flat(side: str, quantity: str, wanted: dict[str, str]) -> None:
    assert parts(traded(side, quantity), holding("1.000")) == wanted


def test_what_opposes_nothing_opens_under_its_own() -> None:
    assert parts(traded("SELL", "1.000")) == {"OWN": "1.000"}


def test_of_several_the_largest_goes_first_and_ties_go_by_id() -> None:
    held = [holding("1.000", "P-C"), holding("2.000", "P-B"), holding("1.000", "P-A"), holding("-9.000", "P-D")]

    assert parts(traded("SELL", "3.500"), *held) == {"P-B": "2.000", "P-A": "1.000", "P-C": "0.500"}


@pytest.mark.parametrize("nobody", [EXTERNAL, INTERNAL_DIFF])
def test_what_was_opened_outside_is_closed_from_outside_before_any_strategys(nobody: StrategyId) -> None:
    held = [holding("9.000", "P-1"), holding("1.000", "P-2", nobody)]

    assert parts(traded("SELL", "1.500"), *held) == {"P-2": "1.000", "P-1": "0.500"}


def test_a_trade_that_one_position_takes_is_the_trade_itself() -> None:
    fill = traded("SELL", "1.000", commission="0.12300000")

    assert shares(fill, [holding("1.000")], OWN) == [structs.replace(fill, position_id=PositionId("P-1"))]


def test_the_commission_is_divided_to_the_last_unit() -> None:
    fill = traded("SELL", "3.000", commission="0.10000000")
    held = [holding("1.000", "P-1"), holding("1.000", "P-2")]

    made = [one.commission.value for one in shares(fill, held, OWN) if one.commission is not None]

    assert made == [Decimal("0.03333333"), Decimal("0.03333334"), Decimal("0.03333333")]


# -- placeholders ------------------------------------------------------------------------------------------------------


def placeholder(quantity: str, name: str, position: str | None, **fields: Any) -> OrderFilled:
    order = make_order("X-1", "SELL", "9.000", strategy_id=EXTERNAL)
    return make_placeholder(order, quantity, "51000.00", name, position_id=position, **fields)


def test_a_placeholder_is_replaced_where_it_lies_and_the_rest_is_shared_out() -> None:
    stood = (placeholder("1.000", "I-1", "P-9"), placeholder("0.500", "I-2", "OWN"))
    fill = traded("SELL", "2.000", replaces=["I-1", "I-2"])

    made = parts(fill, holding("0.300", "P-1"), placeholders=stood)

    assert made == {"P-9": "1.000 for I-1", "OWN": "0.700 for I-2", "P-1": "0.300"}


def test_a_trade_that_replaces_a_part_leaves_the_last_placeholders_alone() -> None:
    stood = (placeholder("1.000", "I-1", "P-9"), placeholder("0.500", "I-2", "OWN"))

    assert parts(traded("SELL", "0.600", replaces=["I-1", "I-2"]), placeholders=stood) == {"P-9": "0.600 for I-1"}


def test_what_takes_the_place_of_a_silent_placeholder_moves_nothing() -> None:
    stood = (placeholder("1.000", "I-1", None, affects_position=False),)

    made = parts(traded("SELL", "1.200", replaces=["I-1"]), holding("5.000"), placeholders=stood)

    assert made == {"P-1": "0.200"}


def test_a_placeholder_for_several_positions_becomes_several() -> None:
    fill = placeholder("1.500", "I-1", None)

    made = as_placeholders(shares(fill, [holding("1.000")], OWN))

    assert [(str(one.trade_id), str(one.position_id), str(one.last_qty)) for one in made] == [
        ("I-1", "P-1", "1.000"),
        ("I-1-2", "OWN", "0.500"),
    ]
    assert [one.event_id for one in made] == [fill.event_id, f"{fill.event_id}-2"]
    assert all(one.inferred for one in made)


@pytest.mark.parametrize(
    ("quantity", "wanted"),
    [
        (None, {"P-1": "1.000", "P-2": "0.600", "OWN": "0"}),
        ("1.800", {"P-1": "0", "P-2": "0", "OWN": "-0.200"}),
        ("1.200", {"P-1": "0", "P-2": "0.400", "OWN": "0"}),
        ("0.300", {"P-1": "0.700", "P-2": "0.600", "OWN": "0"}),
        ("2.500", {"P-1": "0", "P-2": "0", "OWN": "-0.900"}),
    ],
)
def test_a_shared_trade_that_is_corrected_is_corrected_wherever_it_went(
    quantity: str | None, wanted: dict[str, str]
) -> None:
    held = [holding("1.000"), holding("0.600", "P-2"), Position(SPOT, OWN, EXTERNAL, TRADER, ACCOUNT)]
    fill = traded("SELL", "1.800")
    for part in shares(fill, held[:2], OWN):
        position = next(one for one in held if one.id == part.position_id)
        assert list(take(position, part))
    correction: Correction = make_void(fill) if quantity is None else traded("SELL", quantity, corrects=fill.trade_id)
    for position, part, own in corrections(correction, fill, held):
        for entry in entries(position, own, part):
            assert list(put(position, entry))
    assert {str(one.id): one.signed_qty for one in held} == {name: Decimal(size) for name, size in wanted.items()}


@pytest.mark.parametrize(
    ("quantity", "wanted"),
    [
        (None, {"P-1": "-1.500", "OWN": "0"}),
        ("1.800", {"P-1": "-0.500", "OWN": "0.800"}),
        ("0.700", {"P-1": "-0.800", "OWN": "0"}),
    ],
)
def test_a_share_that_closed_a_position_is_taken_back_there_though_that_was_opened_again(
    quantity: str | None, wanted: dict[str, str]
) -> None:
    position, own = holding("-1.000"), Position(SPOT, OWN, EXTERNAL, TRADER, ACCOUNT)
    paid = Money.from_str("0.18000001 USDT")
    fill = structs.replace(traded("BUY", "1.800"), commission=paid, position_id=position.id)
    for part in shares(fill, [position], OWN):
        assert list(take(position if part.position_id == position.id else own, part))
    assert list(take(position, structs.replace(traded("SELL", "0.500"), trade_id=TradeId("T-9"))))
    correction: Correction = make_void(fill) if quantity is None else traded("BUY", quantity, corrects=fill.trade_id)
    for held, part, its in corrections(correction, fill, [position, own]):
        for entry in entries(held, its, part):
            assert list(put(held, entry))
    assert {str(one.id): one.net_qty for one in (position, own)} == {name: Decimal(at) for name, at in wanted.items()}
    assert not position.paid[paid.currency] + own.paid[paid.currency], "what was paid for it is given back"


def test_a_trade_that_one_position_took_or_of_which_a_share_is_forgotten_is_not_shared() -> None:
    position, fill = holding("1.000"), traded("SELL", "1.800")
    assert corrections(make_void(fill), fill, [position]) == []
    [part, _] = shares(fill, [position], OWN)
    assert list(take(position, part))
    assert corrections(make_void(fill), fill, [position]) == []


def test_owners_hear_of_an_order_when_it_first_changes_their_position() -> None:
    position, nobodys = holding("2.000"), holding("2.000", "P-2", EXTERNAL)
    first = traded("SELL", "0.500")
    second = structs.replace(first, trade_id=placeholder("1.000", "T-2", None).trade_id)

    assert [is_newly_changed(one, first) for one in (position, nobodys)] == [True, False]
    for _ in take(position, first):
        pass
    assert [is_newly_changed(one, first) for one in (position, nobodys)] == [True, False]
    assert [is_newly_changed(one, second) for one in (position, nobodys)] == [False, False]


# -- whatever is held --------------------------------------------------------------------------------------------------

sizes = st.integers(1, 5_000).map(lambda milli: str(Decimal(milli) / 1_000))
signed = st.tuples(st.sampled_from(["", "-"]), sizes).map("".join)


@given(st.lists(signed, max_size=5), st.sampled_from(["BUY", "SELL"]), sizes, st.integers(0, 10**9))
def test_shares_add_up_and_nobody_is_turned_round(held: list[str], side: str, quantity: str, fee: int) -> None:
    fill = traded(side, quantity, commission=str(Decimal(fee) / 10**8))
    positions = {f"P-{number}": holding(one, f"P-{number}") for number, one in enumerate(held)}
    before = {name: position.signed_qty for name, position in positions.items()}

    made = shares(fill, positions.values(), OWN)

    assert sum((one.last_qty.value for one in made), ZERO) == fill.last_qty.value
    assert fill.commission is not None
    assert sum((one.commission.value for one in made if one.commission), ZERO) == fill.commission.value
    opposed = sum((abs(one) for one in before.values() if one * fill.order_side.sign < 0), ZERO)
    for one in made:
        if one.position_id == OWN:
            assert one.last_qty.value == fill.last_qty.value - opposed
            continue
        after = before[str(one.position_id)] + one.last_qty.value * one.order_side.sign
        assert after * before[str(one.position_id)] >= 0
        assert abs(after) < abs(before[str(one.position_id)])
