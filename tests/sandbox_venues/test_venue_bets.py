"""A betting account at the venue: what bets put down, what they lock before they are matched, what they pay."""

from __future__ import annotations

from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nautilus_live.model.accounts import BettingAccount
from nautilus_live.model.enums import AccountType, OrderSide, OrderStatus, OrderType, TimeInForce
from nautilus_live.model.events import AccountState
from nautilus_live.model.identifiers import AccountId, ClientOrderId
from nautilus_live.model.objects import Price, Quantity
from sandbox_venues.instruments import instrument
from sandbox_venues.messages import PlaceOrder, Refusal
from sandbox_venues.profiles import profile
from sandbox_venues.registry import AccountConfig, VenueConfig
from sandbox_venues.venue import Venue

D = Decimal
HORSE = instrument("1-201070830-50214-None")
SYMBOL = str(HORSE.id)
OURS, THEIRS = "SANDBOX-001", "SANDBOX-002"
BACK, LAY = OrderSide.SELL, OrderSide.BUY
_numbers = count(1)


def open_venue(funds: str = "1000", **settings: Any) -> Venue:
    """Return a betting exchange with two accounts that keeps nothing of a stake unless told to."""
    accounts = tuple(AccountConfig(id=name, balances=(f"{funds} GBP",)) for name in (OURS, THEIRS))
    chosen = profile(**{"account_type": "BETTING", "maker_rate": "0", "taker_rate": "0", **settings})
    return Venue(VenueConfig(profile=chosen, accounts=accounts), [HORSE])


def bet(venue: Venue, side: OrderSide, stake: str, odds: str | None, account: str = OURS, **fields: Any) -> object:
    """Place an order, MARKET without odds; return the answer."""
    request = PlaceOrder(
        account_id=AccountId(account),
        client_order_id=ClientOrderId(f"B-{next(_numbers)}"),
        instrument_id=HORSE.id,
        side=side,
        order_type=OrderType.MARKET if odds is None else OrderType.LIMIT,
        quantity=Quantity(D(stake), 2),
        price=None if odds is None else Price(D(odds), 2),
        **fields,
    )
    answer = venue.handle(request, now_ns=2).answer
    venue.check()
    return answer


def money(venue: Venue, account: str = OURS) -> tuple[Decimal | int, Decimal | int]:
    """Return the total and what is locked."""
    (balance,) = venue.balances(account)
    return balance.total.value, balance.locked.value


@pytest.mark.parametrize(("outcome", "backer", "layer"), [("1", 1040, 960), ("0", 990, 1010), ("0.5", 1015, 985)])
def test_who_is_right_gets_what_both_have_put_down(outcome: str, backer: int, layer: int) -> None:
    venue = open_venue()

    bet(venue, BACK, "10", "5.00")
    assert money(venue) == (1000, 10)
    bet(venue, LAY, "10", "5.00", THEIRS)
    assert (money(venue), money(venue, THEIRS)) == ((990, 0), (960, 0))
    venue.settle(SYMBOL, outcome, now_ns=3)

    assert (money(venue), money(venue, THEIRS)) == ((backer, 0), (layer, 0))
    venue.check()


def test_a_bet_that_rests_locks_what_it_can_lose_and_its_commission() -> None:
    venue = open_venue(taker_rate="0.02")

    bet(venue, LAY, "10", "3.50")
    bet(venue, BACK, "10", "4.00")

    assert money(venue) == (1000, D("25.20") + D("10.20"))
    venue.settle(SYMBOL, "1", now_ns=3)
    assert money(venue) == (1000, 0)


def test_opposite_bets_are_both_put_down_and_a_position_reduces_nothing() -> None:
    venue = open_venue("30")

    bet(venue, BACK, "10", "3.00")
    bet(venue, LAY, "10", "3.00", THEIRS)
    refused = bet(venue, LAY, "11", "3.00")
    bet(venue, LAY, "10", "2.50")

    assert isinstance(refused, Refusal)
    assert (refused.code, money(venue)) == ("INSUFFICIENT_FUNDS", (20, 15))


@pytest.mark.parametrize(
    ("time_in_force", "laid", "status"),
    [(TimeInForce.GTC, D("5.93"), OrderStatus.CANCELED), (TimeInForce.FOK, D(0), OrderStatus.CANCELED)],
)
def test_a_market_order_lays_no_more_than_can_be_paid_with_its_commission(
    time_in_force: TimeInForce, laid: Decimal, status: OrderStatus
) -> None:
    venue = open_venue("10", taker_rate="0.02")
    venue.set_book(SYMBOL, [], [(D("1.01"), D(1)), (D("3.00"), D(100))], now_ns=1)

    bet(venue, LAY, "8", None, time_in_force=time_in_force)

    (order,) = venue.orders()
    assert (order.filled_qty.value, order.order_status) == (laid, status)
    assert money(venue)[0] >= 0


@pytest.mark.parametrize("before", [True, False])
def test_a_busted_bet_is_as_if_it_had_never_been(before: bool) -> None:
    venue = open_venue(taker_rate="0.02")
    bet(venue, LAY, "7.77", "3.33")
    bet(venue, BACK, "7.77", "3.33", THEIRS)

    def settle() -> None:
        venue.settle(SYMBOL, "0", now_ns=3)

    def bust() -> None:
        venue.bust(str(venue.fills(OURS)[0].venue_order_id), str(venue.fills(OURS)[0].trade_id), now_ns=3)

    for step in (bust, settle) if before else (settle, bust):
        step()

    assert money(venue) == (1000, 0)
    venue.check()


@given(
    st.sampled_from([BACK, LAY]),
    st.decimals("1", "5000", places=2),
    st.decimals("1.01", "1000", places=2),
)
def test_the_balance_changes_as_the_nodes_account_says(side: OrderSide, stake: Decimal, odds: Decimal) -> None:
    venue = open_venue("10000000")
    state = AccountState(
        event_id="A", account_id=AccountId(OURS), account_type=AccountType.BETTING, ts_event=1, ts_init=1,
        balances=tuple(venue.balances(OURS)),
    )  # fmt: skip
    node, quantity, price = BettingAccount(state), Quantity(stake, 2), Price(odds, 2)

    bet(venue, side, str(stake), str(odds))
    assert money(venue)[1] == node.calculate_balance_locked(HORSE, side, quantity, price).value
    bet(venue, LAY if side is BACK else BACK, str(stake), str(odds), THEIRS)
    assert money(venue)[0] - 10_000_000 == node.balance_impact(HORSE, quantity, price, side).value


@pytest.mark.parametrize("outcome", ["-0.01", "1.01", "5"])
def test_an_outcome_is_no_price(outcome: str) -> None:
    with pytest.raises(ValueError, match=f"outcome of a bet must be from 0 to 1, was {outcome}"):
        open_venue().settle(SYMBOL, outcome, now_ns=3)


def test_a_position_that_nobody_bet_on_is_refused() -> None:
    with pytest.raises(ValueError, match="must come from bets on a betting account, was 5"):
        open_venue().set_position(SYMBOL, "5", "3.00", now_ns=3)
