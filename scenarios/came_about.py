"""What came about in a run: the facts that a file's expectations are held against.

May know: the stage, the node's cache and the venues' ledgers. Promises: it asks and changes nothing; what it returns
is text and numbers, so that `scenarios/expect.py` need know neither a node nor a venue.
"""

from __future__ import annotations

from decimal import Decimal

from nautilus_live.engine.cache import Cache
from nautilus_live.model.orders import Order
from nautilus_live.model.position import Position
from nautilus_live.model.reports import OrderStatusReport
from scenarios.expect import Outcome, PositionFacts
from scenarios.format import Scenario
from scenarios.portfolio_questions import answer
from scenarios.stage import Life, Stage
from scenarios.texts import OrderFacts, book_text, decimal_of, public_book_text
from scenarios.verbs import StrategySubmit


def what_came_about(stage: Stage, scenario: Scenario) -> Outcome:
    """Return the facts as they are now: of the node as it runs, or of what it stored if it has crashed."""
    life = stage.life
    outcome = Outcome(
        events=list(stage.watch.events),
        alarms=list(stage.watch.alarms),
        heard={name: list(lines) for name, lines in stage.heard.items()},
        log=stage.log.lines[stage.log_since :],
        node="STOPPED" if life is None else life.state,
        exit_code=None if life is None else life.exit_code,
        started=life is not None and life.has_traded,
        reconciliation="" if life is None else life.reconciliation,
    )
    for link in stage.links.values():
        for report in link.venue.orders():
            key = report.client_order_id or report.venue_order_id
            outcome.venue[key.value] = _venue_facts(report)
    if life is not None and not life.crashed:
        asked = scenario.expect.portfolio
        outcome.portfolio = {question: answer(question, life.node.portfolio) for question in asked}
    if life is not None:
        cache = stage.stored() if life.crashed else life.node.cache
        _add_cached(outcome, cache, _own_orders(scenario))
        _add_doubts_and_books(outcome, cache, life)
        account = cache.account(stage.link(None).account_id)
        if account is not None:
            outcome.balance = {code.code: balance.total.value for code, balance in account.balances().items()}
    return outcome


def _add_cached(outcome: Outcome, cache: Cache, own: set[str]) -> None:
    for order in sorted(cache.orders(), key=_age_of):
        facts = _order_facts(order)
        outcome.orders[order.client_order_id.value] = facts
        if order.client_order_id.value not in own:
            outcome.made.append((order.client_order_id.value, facts))
    outcome.positions.extend(_position_facts(position) for position in cache.positions())


def _add_doubts_and_books(outcome: Outcome, cache: Cache, life: Life) -> None:
    engine = life.node.kernel.exec_engine
    outcome.uncertain = [str(instrument_id) for instrument_id in engine.uncertain_instruments()]
    outcome.quarantined = [str(order_id) for order_id in engine.quarantined_orders()]
    outcome.books = {str(book.instrument_id): public_book_text(book) for book in cache.order_books()}
    outcome.own_books = {
        str(book.instrument_id): book_text(book.bid_quantity(), book.ask_quantity()) for book in cache.own_order_books()
    }


def _own_orders(scenario: Scenario) -> set[str]:
    own = {step.order for step in scenario.steps if isinstance(step, StrategySubmit)}
    given = scenario.given
    if given is not None:
        own |= {order.order for order in given.node.orders if order.order is not None}
        own |= {f"GIVEN-{index + 1}" for index in range(len(given.node.positions))}
    return own


def _age_of(order: Order) -> int:
    return order.ts_init


def _order_facts(order: Order) -> OrderFacts:
    return OrderFacts(
        status=order.status.name,
        quantity=order.quantity.value,
        filled=order.filled_qty.value,
        average=order.average,
        side=order.side.name,
        type=order.order_type.name,
        price=decimal_of(order.price),
        trigger=decimal_of(order.trigger_price),
        by=order.strategy_id.value,
        tags=order.init.tags,
        venue=order.venue_order_id.value if order.venue_order_id is not None else "",
        provisional=order.provisional,
    )


def _position_facts(position: Position) -> PositionFacts:
    return PositionFacts(
        id=position.id.value,
        strategy=position.strategy_id.value,
        instrument=str(position.instrument_id),
        signed=position.signed_qty,
        average=position.avg_px_open,
        realized=position.total_realized_pnl.value,
    )


def _venue_facts(report: OrderStatusReport) -> OrderFacts:
    return OrderFacts(
        status=report.order_status.name,
        quantity=report.quantity.value,
        filled=report.filled_qty.value,
        average=Decimal(report.avg_px) if report.avg_px is not None else None,
        side=report.order_side.name,
        type=report.order_type.name,
        price=decimal_of(report.price),
        trigger=decimal_of(report.trigger_price),
        venue=report.venue_order_id.value,
    )
