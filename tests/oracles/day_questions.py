"""What a node is asked when a random day is over, and what the answers must be, to the last decimal.

The wanted answers come from `trading_day` (fills, in fractions) and, for values at the market, from the venue's book.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

from msgspec import Struct

from nautilus_live.engine.cache import Cache
from nautilus_live.engine.portfolio import Portfolio
from nautilus_live.model.accounts import Account, MarginAccount
from nautilus_live.model.identifiers import AccountId
from nautilus_live.model.instruments import BettingInstrument, InstrumentAny
from nautilus_live.model.objects import Money, Price
from nautilus_live.model.position import Position
from tests.oracles.trading_day import Day, Holding, rounded

NaN = Decimal("NaN")
Differences = Iterator[str]


class Asked(Struct, frozen=True, kw_only=True):
    """Who is asked, and what about.

    Attributes:
        cache: what the node knows.
        portfolio: what it makes of that.
        account_id: the account that is asked about.
        day: what it comes to.
        markets: the venue's markets, for what things are worth at present.
        by_mark: whether positions are valued at mark prices.
        is_cash: whether what is traded is paid for in full, so that no profit waits to be paid.
        in_any_order: whether only what is the same in any order of the fills is compared.

    """

    cache: Cache
    portfolio: Portfolio
    account_id: AccountId
    day: Day
    markets: dict[Any, Any]
    by_mark: bool
    is_cash: bool
    in_any_order: bool

    def at_market(self, instrument: InstrumentAny, signed: Fraction) -> Fraction | None:
        """Return what a position of that sign is valued at: the mark price, or the side that it would be closed at."""
        market = self.markets[instrument.id]
        if self.by_mark and market.mark is not None:
            return Fraction(market.mark)
        bid, ask, *_ = market.quote or (None, None)  # as published last: while a side is missing, that stands
        price = bid if signed > 0 else ask
        return None if price is None else Fraction(price)


# -- positions


def position_differences(
    key: tuple[str, str], ours: Position | None, theirs: Holding, *, in_any_order: bool
) -> Differences:
    """Compare one position."""
    if ours is None:
        yield f"{key}: no position here"
        return
    instrument = ours.instrument
    places = instrument.settlement_currency.precision
    price = instrument.make_price(ours.avg_px_open * Decimal("1.0173") if ours.avg_px_open else 1)
    yield from _compare(f"{key} quantity", ours.signed_qty, theirs.quantity)
    for currency, paid in ours.paid.items():
        yield from _compare(f"{key} fees in {currency}", paid, theirs.fees.get(currency.code, Fraction(0)))
    if in_any_order:
        return
    yield from _compare(f"{key} realised", ours.total_realized_pnl.value, rounded(theirs.realised, places))
    unrealised = rounded(theirs.unrealised(Fraction(price.value)), places)
    yield from _compare(f"{key} unrealised", ours.unrealized_pnl(price).value, unrealised)
    if ours.signed_qty:  # what was wholly taken back has none, whatever was before it
        yield from _compare(f"{key} peak", ours.peak_qty.value, theirs.peak)
    if (ours.is_long, ours.is_short) != (theirs.quantity > 0, theirs.quantity < 0):
        yield f"{key} side: {ours.side} here, {theirs.quantity} there"
    if ours.signed_qty and abs(Fraction(ours.avg_px_open) - theirs.average) > theirs.average / 10**20:
        yield f"{key} average: {ours.avg_px_open} here, {float(theirs.average)} there"


# -- instruments


def instrument_differences(asked: Asked, instrument: InstrumentAny) -> Differences:
    """Compare what the portfolio says of one instrument in an account."""
    portfolio, account_id, day, name = asked.portfolio, asked.account_id, asked.day, str(instrument.id)
    places, cost_places = instrument.settlement_currency.precision, instrument.get_cost_currency().precision
    at = Price(instrument.price_increment.value * 1234567, instrument.price_precision)
    realised, unrealised, net = day.realised(name), day.unrealised(name, Fraction(at.value)), day.net(name)
    yield from _compare(f"{name} net", portfolio.net_position(instrument.id, account_id), net)
    asks = (portfolio.is_flat, portfolio.is_net_long, portfolio.is_net_short)
    if (says := [ask(instrument.id, account_id) for ask in asks]) != [not net, net > 0, net < 0]:
        yield f"{name} flat, long, short: {says} here, {net} there"
    worth = rounded(abs(_worth(instrument, net, Fraction(at.value))), cost_places)
    yield from _ask(f"{name} exposure", lambda: portfolio.net_exposure(instrument.id, at, account_id), worth)
    if asked.in_any_order:
        whole = portfolio.total_pnl(instrument.id, at, account_id)
        yield from _whole_difference(name, whole, realised + unrealised, places)
        return
    questions: list[tuple[str, Callable[[], Money | None], Fraction]] = [
        ("realised", lambda: portfolio.realized_pnl(instrument.id, account_id), realised),
        ("unrealised", lambda: portfolio.unrealized_pnl(instrument.id, at, account_id), unrealised),
    ]
    for question, ask, wanted in questions:
        yield from _ask(f"{name} {question}", ask, rounded(wanted, places))
    yield from _market_differences(asked, instrument)


def _market_differences(asked: Asked, instrument: InstrumentAny) -> Differences:
    """Compare what the positions in an instrument are worth at present."""
    name, portfolio, account_id = str(instrument.id), asked.portfolio, asked.account_id
    held = [one for (traded, _), one in asked.day.by_owner.items() if traded == name and one.quantity]
    prices = [asked.at_market(instrument, one.quantity) for one in held]
    priced = [(one, price) for one, price in zip(held, prices, strict=True) if price is not None]
    if len(priced) < len(held):
        return  # nothing was quoted yet
    gain = sum((one.unrealised(price) for one, price in priced), Fraction(0))
    wanted = rounded(gain, instrument.settlement_currency.precision)
    yield from _ask(
        f"{name} at the market", lambda: portfolio.unrealized_pnl(instrument.id, account_id=account_id), wanted
    )


def _worth(instrument: InstrumentAny, quantity: Fraction, price: Fraction) -> Fraction:
    if isinstance(instrument, BettingInstrument):
        return quantity
    units = quantity * Fraction(instrument.multiplier.value)
    return units / price if instrument.is_inverse else units * price


def _whole_difference(name: str, whole: Money | None, wanted: Fraction, places: int) -> Differences:
    """Compare the whole profit: two amounts that were rounded apart may differ by one unit from their rounded sum."""
    unit = Fraction(1, 10**places)
    if whole is None or abs(Fraction(whole.value) - rounded(wanted, places)) > unit:
        yield f"{name} whole profit: {whole} here, {float(wanted)} there"


# -- the account


def account_differences(asked: Asked, instruments: list[InstrumentAny], stated: dict[str, Any]) -> Differences:
    """Compare balances, margins, commissions and equity; `stated` is what the venue's books have, by currency."""
    account = asked.cache.account(asked.account_id)
    if account is None:
        yield f"{asked.account_id}: the node does not know the account"
        return
    yield from _balance_differences(asked, account, stated)
    if not asked.in_any_order:
        paid = {currency.code: Fraction(amount.value) for currency, amount in account.commissions().items()}
        for code, amount in asked.day.fees().items():
            if paid.get(code, 0) != amount:
                yield f"commissions in {code}: {paid.get(code)} here, {amount} there"
        yield from _equity_differences(asked, account, instruments)
    if isinstance(account, MarginAccount):
        for instrument in instruments:
            yield from _margin_differences(asked, account, instrument)


def _balance_differences(asked: Asked, account: Account, stated: dict[str, Any]) -> Differences:
    ours = {currency.code: balance for currency, balance in account.balances().items()}
    for code in dict.fromkeys((*ours, *asked.day.balances)):
        balance = ours.get(code)
        wanted = rounded(asked.day.balances.get(code, Fraction(0)), asked.day.places[code])
        yield from _compare(f"balance in {code}", NaN if balance is None else balance.total.value, wanted)
        if balance is not None and balance.total != balance.locked + balance.free:
            yield f"balance in {code}: {balance} does not add up"
        if balance is not None and code in stated and (balance.locked, balance.free) != stated[code]:
            yield f"balance in {code}: {balance} here, locked and free {stated[code]} there"


def _margin_differences(asked: Asked, account: MarginAccount, instrument: InstrumentAny) -> Differences:
    """Compare the margins of the positions, at the prices at which they were opened."""
    name, places = str(instrument.id), instrument.settlement_currency.precision
    bound = sum((abs(one.cost) for (traded, _), one in asked.day.by_venue.items() if traded == name), Fraction(0))
    margin = account.margin(instrument.id)
    for what, fraction in (("initial", instrument.margin_init), ("maintenance", instrument.margin_maint)):
        ours = Decimal(0) if margin is None else getattr(margin, what).value
        yield from _compare(f"{name} {what} margin", ours, rounded(bound * Fraction(fraction), places))


def _equity_differences(asked: Asked, account: Account, instruments: list[InstrumentAny]) -> Differences:
    """Compare what the account would have if everything were closed at the market."""
    worth = {currency.code: Fraction(total.value) for currency, total in account.balances_total().items()}
    for instrument in instruments:
        for (name, _), held in asked.day.by_owner.items():
            price = asked.at_market(instrument, held.quantity)
            if name == str(instrument.id) and held.quantity and not asked.is_cash:
                if price is None:
                    return  # as above
                code = instrument.settlement_currency.code
                worth[code] = worth.get(code, Fraction(0)) + held.unrealised(price)
    ours = {code.code: amount for code, amount in asked.portfolio.equity(account_id=asked.account_id).items()}
    for code, amount in worth.items():
        answer = ours.get(code)
        wanted = rounded(amount, asked.day.places[code])
        yield from _compare(f"equity in {code}", NaN if answer is None else answer.value, wanted)


# -- helpers


def _ask(what: str, ask: Callable[[], Money | None], wanted: Fraction) -> Differences:
    answer = ask()
    yield from _compare(what, NaN if answer is None else answer.value, wanted)


def _compare(what: str, ours: Decimal, theirs: Fraction) -> Differences:
    if not ours.is_finite() or Fraction(ours) != theirs:
        yield f"{what}: {ours} here, {theirs.numerator / theirs.denominator!r} ({theirs}) there"
