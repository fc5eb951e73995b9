"""What an account cannot pay for, a venue does not do: market orders, auctions, amendments, fees on top. (Money and
margins themselves: `test_venue_money.py`, `test_venue_margin.py`.)
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from nautilus_live.model.enums import OrderSide, OrderType, TimeInForce
from nautilus_live.model.identifiers import ClientOrderId
from nautilus_live.model.objects import Price, Quantity
from sandbox_venues.instruments import instrument
from sandbox_venues.messages import AmendOrder, PlaceOrder, Refusal
from sandbox_venues.profiles import profile
from sandbox_venues.venue import AccountConfig, Venue, VenueConfig

BTC = instrument("BTCUSDT")
BOOK = [("100", "1"), ("200", "5")]


class Purse:
    """A venue whose only account has so much."""

    def __init__(self, *balances: str, **settings: Any) -> None:
        settings = {"account_type": "CASH", "taker_rate": "0", "maker_rate": "0", **settings}
        accounts = (AccountConfig(id="S-1", balances=balances),)
        self.venue = Venue(VenueConfig(profile=profile(**settings), accounts=accounts), [BTC])
        self.venue.set_book("BTCUSDT", [("50", "5")], BOOK, now_ns=1)
        self.account_id = self.venue.account_ids[0]

    def send(self, command: Any) -> Any:
        answer = self.venue.handle(command, 2).answer
        self.venue.check()
        return answer

    def place(self, quantity: str, price: str | None = None, side: str = "BUY", **more: Any) -> Any:
        kind = more.pop("order_type", OrderType.MARKET if price is None else OrderType.LIMIT)
        return self.send(
            PlaceOrder(
                account_id=self.account_id, instrument_id=BTC.id, side=OrderSide[side], order_type=kind,
                quantity=Quantity.from_str(quantity), price=None if price is None else Price.from_str(price),
                client_order_id=ClientOrderId("O-1"), **more,
            )
        )  # fmt: skip

    def amend(self, **change: Any) -> Any:
        return self.send(
            AmendOrder(
                account_id=self.account_id, instrument_id=BTC.id, client_order_id=ClientOrderId("O-1"), **change
            )
        )

    @property
    def order(self) -> tuple[str, str, str | None]:
        (report,) = self.venue.orders()
        return report.order_status.name, str(report.filled_qty), report.cancel_reason

    def left(self, code: str = "USDT") -> Decimal:
        return self.venue.ledger.balance("S-1", code)


def test_a_market_order_takes_from_the_dearer_levels_only_what_is_left_to_pay_with() -> None:
    purse = Purse("200 USDT")
    purse.place("2.000")

    assert purse.order == ("CANCELED", "1.500", "INSUFFICIENT_FUNDS")
    assert purse.left() == 0


def test_a_fee_on_top_is_paid_from_the_same_purse() -> None:
    purse = Purse("210 USDT", taker_rate="0.01")
    purse.place("2.000")

    assert purse.order == ("CANCELED", "1.539", "INSUFFICIENT_FUNDS")
    assert purse.left() == Decimal("0.122")  # the next lot would cost 0.202


@pytest.mark.parametrize(("balance", "filled"), [("300 USDT", "2.000"), ("299 USDT", "0.000")])
def test_all_or_nothing_is_nothing_if_not_all_can_be_paid(balance: str, filled: str) -> None:
    purse = Purse(balance)
    purse.place("2.000", time_in_force=TimeInForce.FOK)

    assert purse.order[1] == filled


def test_an_order_for_the_opening_auction_buys_what_can_be_paid_at_its_price() -> None:
    purse = Purse("150 USDT")
    purse.venue.set_phase("BTCUSDT", "pre_open", now_ns=2)
    purse.place("1.000", time_in_force=TimeInForce.AT_THE_OPEN)
    purse.venue.set_book("BTCUSDT", [("50", "5")], [("300", "5")], now_ns=3)
    purse.venue.set_phase("BTCUSDT", "open", now_ns=4)
    purse.venue.check()

    assert purse.order[:2] == ("EXPIRED", "0.500")
    assert purse.left() == 0


def test_an_amendment_that_cannot_be_paid_is_refused_and_changes_nothing() -> None:
    purse = Purse("100 USDT")
    purse.place("1.000", "60.00")
    for change in ({"quantity": Quantity.from_str("2.000")}, {"price": Price.from_str("101.00")}):
        answer = purse.amend(**change)
        assert isinstance(answer, Refusal)
        assert answer.code == "INSUFFICIENT_FUNDS"
    (report,) = purse.venue.orders()

    assert (str(report.quantity), str(report.price)) == ("1.000", "60.00")
    assert not isinstance(purse.amend(quantity=Quantity.from_str("1.500"), price=Price.from_str("60.00")), Refusal)


def test_an_amendment_on_margin_needs_the_margin() -> None:
    purse = Purse("10 USDT", account_type="MARGIN")
    purse.place("1.000", "60.00")
    answer = purse.amend(quantity=Quantity.from_str("9000.000"))

    assert isinstance(answer, Refusal)
    assert answer.code == "INSUFFICIENT_FUNDS"


def test_a_sale_locks_its_fee_where_fees_are_taken_in_the_coin() -> None:
    purse = Purse("1 BTC", "0 USDT", fee_currency="base", taker_rate="0.01")

    assert isinstance(purse.place("1.000", side="SELL"), Refusal)
    assert purse.left("BTC") == 1


def test_what_is_not_checked_may_be_owed() -> None:
    purse = Purse("200 USDT", checks_funds=False)
    purse.place("2.000")

    assert purse.order[0] == "FILLED"
    assert purse.left() == -100


def test_a_limit_that_trails_beyond_what_was_locked_is_canceled_when_it_is_triggered() -> None:
    purse = Purse("105 USDT")
    purse.venue.set_book("BTCUSDT", [("99", "5")], [("100", "5")], now_ns=2)
    purse.place(
        "1.000", order_type=OrderType.TRAILING_STOP_LIMIT, trailing_offset=Decimal(5), limit_offset=Decimal(10),
    )  # fmt: skip
    purse.venue.set_book("BTCUSDT", [("104", "5")], [("105", "5")], now_ns=3)
    purse.venue.check()

    assert purse.order == ("CANCELED", "0.000", "INSUFFICIENT_FUNDS")
