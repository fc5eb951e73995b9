"""Partial windows: where the current life cycle begins, and what makes a history that begins in the middle add up."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nautilus_live.core.reconciliation.lifecycles import Adjustment, adjust, current_lifecycle_start, simulate
from nautilus_live.model.events import OrderFilled
from tests.core.conftest import INVERSE, SPOT, make_fill, make_order

ZERO = Decimal(0)
TOLERANCE = Decimal("0.0001")

signed_fills = st.lists(st.tuples(st.integers(-50, 50).filter(bool), st.integers(1, 200)), min_size=1, max_size=12).map(
    lambda pairs: [f"{quantity}@{price}" for quantity, price in pairs]
)


def fills(*texts: str, ts: int | None = None) -> list[OrderFilled]:
    """Return fills from `quantity@price`, negative for sells, one a nanosecond from 100 on (or all at `ts`)."""
    made = []
    for index, text in enumerate(texts):
        quantity, price = text.split("@")
        order = make_order(f"O-{index}", "SELL" if quantity.startswith("-") else "BUY", quantity.lstrip("-"))
        made.append(make_fill(order, quantity.lstrip("-"), price, ts=100 + index if ts is None else ts))
    return made


def adjusted(texts: str, quantity: str, average: str | None) -> Adjustment | None:
    return adjust(
        fills(*texts.split()), Decimal(quantity), None if average is None else Decimal(average), SPOT, TOLERANCE
    )


# -- adding fills up ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "quantity", "average"),
    [
        ("100@1.00", "100", "1.00"),
        ("-100@1.00", "-100", "1.00"),
        ("100@1.00 100@2.00", "200", "1.50"),
        ("-100@1.00 -300@2.00", "-400", "1.75"),
        ("100@1.00 -40@9.00", "60", "1.00"),
        ("-100@1.00 40@9.00", "-60", "1.00"),
        ("100@1.00 -100@2.00", "0", "0"),
        ("100@1.00 -150@2.00", "-50", "2.00"),
        ("-100@1.00 150@2.00", "50", "2.00"),
        ("100@1.00 -100@2.00 20@3.00", "20", "3.00"),
        ("100@1.00 -150@2.00 -50@4.00", "-100", "3.00"),
        ("0.5@1.00 0.5@2.00", "1.0", "1.50"),
        ("0.5@1.00 -0.2@9.00", "0.3", "1.00"),
        ("-0.5@1.00 0.7@2.00", "0.2", "2.00"),
    ],
)
def test_fills_add_up_by_average_cost(texts: str, quantity: str, average: str) -> None:
    assert simulate(fills(*texts.split())) == (Decimal(quantity), Decimal(average))


def test_fills_add_up_on_top_of_what_was_open() -> None:
    assert simulate(fills("100@3.00"), Decimal(100), Decimal("1.00")) == (Decimal(200), Decimal("2.00"))
    assert simulate(fills("-100@3.00"), Decimal(100), Decimal("1.00")) == (ZERO, ZERO)
    assert simulate([], Decimal(100), Decimal("1.00")) == (Decimal(100), Decimal("1.00"))


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(1, 200)), min_size=1, max_size=8), st.sampled_from(["", "-"]))
def test_one_side_only_accumulates_and_averages_within_its_prices(pairs: list[tuple[int, int]], sign: str) -> None:
    made = fills(*(f"{sign}{quantity}@{price}" for quantity, price in pairs))
    quantity, average = simulate(made)
    assert abs(quantity) == sum(size for size, _ in pairs)
    prices = [price for _, price in pairs]
    assert min(prices) - Decimal("1e-9") <= average <= max(prices) + Decimal("1e-9")
    assert current_lifecycle_start(made) == 0


@given(signed_fills)
def test_adding_up_is_repeatable_and_never_worth_less_than_nothing(texts: list[str]) -> None:
    made = fills(*texts)
    quantity, average = simulate(made)
    assert (quantity, average) == simulate(made)
    assert average > 0 if quantity else average == 0


# -- where the current life cycle begins -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "start"),
    [
        ("100@1", 0),
        ("100@1 100@2", 0),
        ("100@1 -40@2", 0),
        ("100@1 -100@2", 2),  # nothing of the current one is left
        ("100@1 -100@2 30@3", 2),
        ("100@1 -150@2", 1),
        ("100@1 -150@2 -10@3", 1),
        ("100@1 -150@2 150@3", 2),
        ("100@1 -150@2 50@3 20@4", 3),  # landing on zero beats the earlier change of sign
        ("100@1 -100@2 30@3 -60@4", 2),  # and the later one
        ("10@1 -10@2 20@1 -20@2 30@1 -30@2 40@1 -40@2 50@1", 8),
        ("10@1 -20@2 20@1 -20@2 20@1", 4),
        ("-10@1 10@2 -20@1 20@2 -7@3", 4),
        ("0.5@1 -0.1@2 -0.1@2", 0),
        ("0.5@1 -0.6@2 -0.1@2", 1),
    ],
)
def test_current_lifecycle_begins_after_the_last_landing_on_zero_else_at_the_last_change_of_sign(
    texts: str, start: int
) -> None:
    assert current_lifecycle_start(fills(*texts.split())) == start


def test_identical_times_go_by_sequence() -> None:
    made = fills("10@1", "-10@2", "20@3", ts=500)
    assert current_lifecycle_start(made) == 2
    assert adjust(made, Decimal(20), Decimal(3), SPOT, TOLERANCE) is None


@given(signed_fills)
def test_a_balanced_pair_ends_a_lifecycle(texts: list[str]) -> None:
    quantity, _ = simulate(fills(*texts))
    if not quantity:
        return
    closed = [*texts, f"{-quantity}@5"]
    assert current_lifecycle_start(fills(*closed)) == len(closed)
    assert current_lifecycle_start(fills(*closed, "3@7")) == len(closed)


# -- what makes it add up ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "texts", "quantity", "average"),
    [
        ("complete", "100@1.00 50@1.30", "150", "1.10"),
        ("complete, average not said", "100@1.00 50@1.30", "150", None),
        ("complete, average zero means not said", "100@1.00 50@1.30", "150", "0"),
        ("average within tolerance", "100@1.00", "100", "1.0001"),
        ("two life cycles, complete", "100@1.00 -100@2.00 30@1.20", "30", "1.20"),
        ("five life cycles, complete", "1@1 -1@2 2@1 -2@2 3@1 -3@2 4@1 -4@2 5@1", "5", "1"),
        ("the venue is flat", "100@1.00", "0", None),
        ("the venue is flat, with an average", "100@1.00 -40@1.10", "0", "1.00"),
        ("off by less than a unit", "100@1.00", "100.0004", "1.00"),
        ("the quantity agrees, the average does not", "100@1.00", "100", "1.50"),
        ("opening possible and no average", "50@1.30", "150", None),
        ("opening possible and an average of zero", "50@1.30", "150", "0"),
        ("opening impossible and no average", "100@1.00", "50", None),
        ("crossed and no average to state", "100@1.00 -100@2.00 80@1.20", "30", None),
    ],
)
def test_history_moves_the_position_as_it_is(case: str, texts: str, quantity: str, average: str | None) -> None:
    assert adjusted(texts, quantity, average) is None, case


def test_no_fills_need_no_adjustment() -> None:
    assert adjust([], Decimal(100), Decimal(1), SPOT, TOLERANCE) is None


def test_missing_opening_is_made_up_so_that_quantity_and_average_come_out() -> None:
    adjustment = adjusted("50@1.30", "150", "1.10")
    assert adjustment == Adjustment(0, Decimal(100), Decimal("1.00"), 0)


def test_missing_opening_of_a_short_is_made_up() -> None:
    assert adjusted("-50@1.30", "-150", "1.10") == Adjustment(0, Decimal(-100), Decimal("1.00"), 0)


def test_missing_opening_of_a_reduced_position_goes_at_the_average() -> None:
    assert adjusted("-40@9.00", "60", "1.25") == Adjustment(0, Decimal(100), Decimal("1.25"), 0)


def test_history_that_lands_on_zero_by_accident_is_restated() -> None:
    # 30 were open before; adding up from zero lands on zero with the last fill, which opened 30 in truth.
    assert adjusted("20@1.00 -50@2.00 30@1.20", "30", "1.20") == Adjustment(3, Decimal(30), Decimal("1.20"), 2)


def test_fills_before_the_last_change_of_sign_are_silent() -> None:
    # Adding up gives 70 short; but the sell of 100 opened a short of 100 from flat.
    assert adjusted("30@1.00 -100@2.00", "-100", "2.00") == Adjustment(silent_count=1)


def test_lifecycle_that_explains_the_quantity_but_not_the_average_is_restated() -> None:
    assert adjusted("30@1.00 -100@2.00", "-100", "2.50") == Adjustment(2, Decimal(-100), Decimal("2.50"), 1)


def test_current_lifecycle_that_does_not_explain_the_venue_is_restated_before_its_first_fill() -> None:
    adjustment = adjusted("100@1.00 -100@1.10 30@1.20", "80", "1.30")
    assert adjustment == Adjustment(3, Decimal(80), Decimal("1.30"), 2)


def test_history_that_ends_flat_is_restated_before_its_last_fill() -> None:
    assert adjusted("100@1.00 -100@1.10", "80", "1.30") == Adjustment(2, Decimal(80), Decimal("1.30"), 1)


def test_opening_on_the_other_side_is_restated() -> None:
    # 100 bought, 50 held: no opening of 50 short leads there without crossing zero.
    assert adjusted("100@1.00", "50", "1.00") == Adjustment(1, Decimal(50), Decimal("1.00"), 0)


def test_opening_that_would_be_closed_within_the_window_is_restated() -> None:
    # 50 short before, 130 bought: whatever the 50 were sold at, the 80 that are left cost what was paid for them.
    assert adjusted("130@1.50", "80", "1.20") == Adjustment(1, Decimal(80), Decimal("1.20"), 0)


def test_opening_that_would_need_a_price_below_zero_is_restated() -> None:
    assert adjusted("100@3.00", "150", "1.00") == Adjustment(1, Decimal(150), Decimal("1.00"), 0)


def test_restating_needs_a_price_above_zero() -> None:
    assert adjusted("100@3.00", "150", "0.001") is None
    assert adjusted("100@3.00", "150", "-1.00") is None


@given(signed_fills, st.integers(-300, 300).filter(bool), st.integers(1, 200))
def test_adjustment_reproduces_the_venue(texts: list[str], venue_quantity: int, venue_average: int) -> None:
    made = fills(*texts)
    goal, average = Decimal(venue_quantity), Decimal(venue_average)
    adjustment = adjust(made, goal, average, SPOT, TOLERANCE)
    if adjustment is None:
        assert simulate(made)[0] == goal  # as it is; only the average may differ then
        return
    assert 0 <= adjustment.opening_at < len(made)
    opened = adjustment.opening_qty
    assert not opened or adjustment.opening_px > 0
    quantity, reached = simulate(made[adjustment.silent_count :], opened, adjustment.opening_px if opened else ZERO)
    assert quantity == goal
    # The opening's price is rounded to a cent, which moves the average by at most half of that times its share.
    share = max(Decimal(1), abs(opened / goal))
    assert abs(reached - average) <= Decimal("0.005") * share + average * TOLERANCE


# -- inverse contracts -------------------------------------------------------------------------------------------------


def test_an_inverse_contract_averages_reciprocals() -> None:
    assert simulate(fills("100@50.00", "100@25.00"), inverse=True)[1] == Decimal(100) / 3
    assert simulate(fills("100@50.00", "-40@20.00"), inverse=True) == (60, 50)


def test_the_opening_of_an_inverse_position_leads_to_the_venues_average() -> None:
    adjustment = adjust(fills("100@50.00"), Decimal(300), Decimal("37.50"), INVERSE, Decimal("0.0001"))

    assert adjustment is not None
    assert (adjustment.opening_qty, adjustment.opening_px) == (200, Decimal("33.33"))
    reached = simulate(fills("100@50.00"), adjustment.opening_qty, adjustment.opening_px, inverse=True)
    assert abs(reached[1] - Decimal("37.50")) < Decimal("0.01")
