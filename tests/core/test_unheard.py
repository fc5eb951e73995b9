"""What a venue says was filled of an order when it ended, beyond the trades that we were told of."""

from __future__ import annotations

import pytest

from nautilus_live.core.admission import admit
from nautilus_live.core.admitted import Admission
from nautilus_live.core.unheard import last_word, stated_qty, unheard_qty
from nautilus_live.model.enums import OrderStatus, OrderType, Provenance
from nautilus_live.model.events import OrderCanceled, OrderEvent, OrderExpired, OrderFillVoided, OrderRejected
from nautilus_live.model.identifiers import AccountId, TradeId
from nautilus_live.model.orders import Order
from tests.core.belief import Belief
from tests.core.conftest import apply, make_event, make_fill, make_order, make_placeholder, order_in, qty

ENDS = pytest.mark.parametrize("end", [OrderCanceled, OrderExpired])
ACCOUNT = AccountId("SIM-001")


def belief_of(*orders: Order) -> Belief:
    belief = Belief()
    for order in orders:
        belief.add(order)
    return belief


@pytest.mark.parametrize(("said", "missing"), [(None, "0"), ("0.000", "0"), ("0.500", "0"), ("0.501", "0.001")])
@ENDS
def test_what_is_said_beyond_what_is_known_was_not_heard(end: type[OrderEvent], said: str | None, missing: str) -> None:
    order = order_in("PARTIALLY_FILLED")
    word = make_event(end, order, cum_qty=None if said is None else qty(said))
    assert str(unheard_qty(order, word).normalize()) == missing


def test_other_words_say_nothing_of_it() -> None:
    order = order_in("ACCEPTED")
    assert not unheard_qty(order, make_event(OrderRejected, order))
    assert not stated_qty(order)


@ENDS
@pytest.mark.parametrize("status", ["SUBMITTED", "ACCEPTED", "PARTIALLY_FILLED", "PENDING_UPDATE", "PENDING_CANCEL"])
def test_the_end_waits_while_the_order_is_asked_about_and_is_taken_when_its_time_is_over(
    end: type[OrderEvent], status: str
) -> None:
    order = order_in(status)
    word = make_event(end, order, cum_qty=qty("0.750"))
    belief = belief_of(order)
    assert admit(belief, word) == Admission(waits=word, ask_about=order)
    taken = admit(belief, word, overdue=True)
    assert (taken.events, taken.ask_about, taken.unheard) == ((word,), order, qty("0.750").value)


@ENDS
@pytest.mark.parametrize(("said", "asks"), [("0.250", True), ("0.500", False), (None, False)])
def test_an_end_with_less_filled_than_we_know_is_told_and_asked_about(
    end: type[OrderEvent], said: str | None, asks: bool
) -> None:
    order = order_in("PARTIALLY_FILLED")
    word = make_event(end, order, cum_qty=None if said is None else qty(said))

    admitted = admit(belief_of(order), word)

    assert (admitted.events, admitted.waits, admitted.unheard) == ((word,), None, 0)
    assert (admitted.ask_about is order) is asks
    again = admit(belief_of(apply(order, word)), word)
    assert (again.events, again.ask_about is order) == ((), asks)


def test_an_end_told_again_with_more_filled_is_no_end_but_still_a_reason_to_ask() -> None:
    order = order_in("CANCELED")
    again = admit(belief_of(order), make_event(OrderCanceled, order, cum_qty=qty("0.100")))
    assert (again.events, again.ask_about, str(again.unheard)) == ((), order, "0.100")


def test_what_was_said_is_remembered_with_the_end_until_a_trade_is_taken_back() -> None:
    order = order_in("ACCEPTED")
    apply(order, make_event(OrderCanceled, order, cum_qty=qty("0.750")))
    assert str(stated_qty(order)) == "0.750"
    apply(order, make_fill(order, "0.500", trade="T-1"))
    assert str(stated_qty(order)) == "0.750"
    apply(order, make_event(OrderFillVoided, order, trade_id=TradeId("T-1")))
    assert not stated_qty(order)


def test_the_last_word_is_a_report_of_the_end() -> None:
    order = order_in("ACCEPTED")
    apply(order, make_event(OrderExpired, order, cum_qty=qty("0.750"), ts=77))
    report = last_word(order, stated_qty(order), ACCOUNT)
    assert report is not None
    assert (report.order_status, str(report.filled_qty), report.ts_last) == (OrderStatus.EXPIRED, "0.750", 77)
    assert (report.client_order_id, report.venue_order_id) == (order.client_order_id, order.venue_order_id)
    assert last_word(order_in("INITIALIZED"), stated_qty(order), ACCOUNT) is None


def test_an_order_of_which_only_trades_were_seen_grows_with_the_next_one_and_is_asked_about() -> None:
    order = make_order(order_type=OrderType.MARKET, price=None, quantity="0.400", provenance=Provenance.RECONCILIATION)
    apply(order, make_fill(order, "0.400", trade="T-1", venue_order_id="V-1"))
    following = make_fill(order, "0.600", trade="T-2", venue_order_id="V-1")
    admission = admit(belief_of(order), following)
    assert (admission.events[1:], admission.ask_about, admission.notes) == ((following,), order, ())
    apply(order, *admission.events)
    assert (order.status, order.quantity, order.filled_qty) == (OrderStatus.FILLED, qty("1.000"), qty("1.000"))


@pytest.mark.parametrize(("total", "asks"), [(None, False), ("0.750", False), ("0.751", True)])
def test_a_trade_whose_total_is_more_than_is_known_with_it_makes_us_ask(total: str | None, asks: bool) -> None:
    order = order_in("PARTIALLY_FILLED")
    fill = make_fill(order, "0.250", cum_qty=None if total is None else qty(total))
    admission = admit(belief_of(order), fill)
    assert (admission.events, admission.ask_about) == ((fill,), order if asks else None)


def test_a_trade_that_takes_the_place_of_a_guess_makes_nobody_ask() -> None:
    order = apply(order_in("ACCEPTED"), make_placeholder(order_in("ACCEPTED"), "0.500", trade="G-1", ts=50))
    fill = make_fill(order, "0.250", ts=40, cum_qty=qty("0.500"))
    admission = admit(belief_of(order), fill)
    assert admission.ask_about is None
