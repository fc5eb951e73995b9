"""Random trading days: the whole node on a sandbox venue, compared to the last decimal with `trading_day`.

A seed decides the kind of accounts and of contracts, how many accounts, netting or hedging, in what fees are paid, what
one or two strategies do, how the market moves, whether somebody liquidates, funds, busts or crashes. Prices and fees
are odd on purpose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

from nautilus_live.config import StrategyConfig
from nautilus_live.engine.cache import Cache
from nautilus_live.engine.portfolio import Portfolio
from nautilus_live.model.enums import OrderSide, TimeInForce
from nautilus_live.model.identifiers import AccountId, ClientId, InstrumentId
from nautilus_live.model.instruments import InstrumentAny
from nautilus_live.model.objects import Currency, Money, Price
from nautilus_live.model.orders import Order
from nautilus_live.model.position import Position
from nautilus_live.model.reports import FillReport
from nautilus_live.trading.strategy import Strategy
from scenarios.testing import NodeHandle, TradingWorld, VenueHandle
from tests.oracles.trading_day import Contract, Day, Holding, RawFill, rounded

VENUE = "SANDBOX"
KINDS: dict[str, tuple[dict[str, Any], tuple[str, ...], tuple[str, ...]]] = {
    "spot": ({"account_type": "CASH"}, ("BTCUSDT", "ETHUSDT"), ("quote", "base", "received", "third")),
    "linear": ({}, ("BTCUSDT", "ETHUSDT"), ("quote", "third")),
    "currencies": ({}, ("AUD/USD", "EUR/USD"), ("quote", "third")),
    "inverse": ({"balance": "1000"}, ("BTCUSD-INVERSE", "ETHUSD-INVERSE"), ("quote", "third")),
    "quanto": ({}, ("ETHUSD-QUANTO", "BTCUSD-INVERSE"), ("quote", "third")),
    "contracts": ({}, ("ES-FUTURE", "ES-PUT", "XAU-CFD", "BTCUSDT-FUTURE"), ("quote", "third")),
    "shares": ({"account_type": "CASH"}, ("AAPL-SHARE", "GOLD-SPOT"), ("quote", "third")),
    "mixed": ({}, ("BTCUSDT", "ETHUSD-QUANTO", "AUD/USD", "BTCUSD-INVERSE"), ("quote", "third")),
}
"""From a kind of day to the venue's settings, what is traded, and in what fees may be taken."""

PRICES = {
    "BTC": 47_123.0,
    "ETH": 2_718.0,
    "AUD": 0.65127,
    "EUR": 1.08343,
    "AAPL": 231.17,
    "ES-F": 4_512.0,
    "ES-P": 23.71,
    "XAU": 2_412.0,
    "GOLD": 2_411.0,
}
ACTIONS = (*("market", "limit", "limit", "cross") * 3, *("cancel", "close", "move", "move", "fund", "force", "bust"))
PAUSES_S = (*(0.002, 0.05, 0.2, 1.0) * 3, 120.0)
LOSS = 0.15
TWO_ACCOUNTS = 0.25
RATES = ("0.00043", "0.0007", "0.000333", "-0.00011", "0")


class Trader(Strategy):
    """Does what it is told."""

    def place(
        self, name: InstrumentId, side: OrderSide, quantity: Decimal, price: Decimal | None, client_id: ClientId | None
    ) -> None:
        """Place an order with a client, a market order without a price."""
        instrument = self.cache.instrument(name)
        assert instrument is not None
        size = instrument.make_qty(quantity)
        if price is None:
            order: Order = self.order_factory.market(name, side, size, time_in_force=TimeInForce.GTC)
        else:
            tick = instrument.next_bid_price(price)
            assert tick is not None
            order = self.order_factory.limit(name, side, size, tick)
        self.submit_order(order, client_id=client_id)

    def close(self, instrument_id: InstrumentId) -> None:
        """Close every position of its own in an instrument."""
        self.close_all_positions(instrument_id)


class TradingDay:
    """One day.

    Args:
        seed: what everything follows from.
        steps: how many things happen.
        loses: whether reports of fills get lost. What the node learns late it learns in another order, and in another
            order the same fills realise another profit and leave another average; then quantities, balances, fees and
            the whole profit, realised and not, are compared, which are the same in any order. On margin only: where
            no positions can be asked for, a fill that is lost just before its order is canceled shows at a restart.

    """

    def __init__(self, seed: int, steps: int = 25, *, loses: bool = False) -> None:
        self._rng = rng = Random(f"trading day {seed}")
        self.seed = seed
        self.kind = rng.choice([kind for kind in KINDS if not loses or "account_type" not in KINDS[kind][0]])
        settings, self._symbols, fees = KINDS[self.kind]
        self._is_cash = settings.get("account_type") == "CASH"
        hedging = not self._is_cash and rng.random() < 0.4
        self.settings = {
            **settings,
            "instruments": list(self._symbols),
            "oms_type": "HEDGING" if hedging else "NETTING",
            "fee_currency": rng.choice(fees),
            "fee_third_price": "613.7",
            "maker_rate": rng.choice(RATES),
            "taker_rate": rng.choice(RATES),
            "latency_ms": rng.choice([1, 10, 40]),
            "funding_interval_secs": rng.choice([None, 300.0]),
            "funding_rate": rng.choice(["0.00013", "-0.00007", "0.0012345"]),
        }
        self._accounts_rng = Random(f"accounts of trading day {seed}")
        self.accounts = [f"{VENUE}-001"]
        if not loses and self._accounts_rng.random() < TWO_ACCOUNTS:
            self.settings["accounts"] = ["002"]
            self.accounts.append(f"{VENUE}-002")
        self._hedging = hedging
        self._strategy_count = rng.choice([1, 2])
        self._steps = steps
        self._loses = loses
        self._crashes = rng.random() < 0.15
        self._funded: list[tuple[str, str, Decimal]] = []
        self._mids: dict[str, float] = {}
        self.fill_count = 0

    def __repr__(self) -> str:
        settings = self.settings
        way = f"{self.kind} {settings['oms_type']} fees={settings['fee_currency']} strategies={self._strategy_count}"
        return f"<day {self.seed}: {way} accounts={len(self.accounts)}>"

    def play(self) -> list[str]:
        """Play the day; return what differs, an empty list if all numbers are equal."""
        world = TradingWorld(self.seed, title=f"trading day {self.seed}")
        return world.run(lambda: self._play(world))

    async def _play(self, world: TradingWorld) -> list[str]:
        venue = world.venue(VENUE, **self.settings)
        self._instruments = {symbol: world.instrument(symbol, VENUE) for symbol in self._symbols}
        self._before = {balance.currency.code: balance.total for balance in self._balances(venue)}
        for symbol in self._symbols:
            self._move(venue, symbol)
        configs = [StrategyConfig(strategy_id=f"Trader-{n}", order_id_tag=str(n)) for n in range(self._strategy_count)]
        checks: dict[str, Any] = (
            {"open_check_interval_secs": 5.0, "position_check_interval_secs": 5.0} if self._loses else {}
        )
        node = await world.start_node(strategies=[Trader(config) for config in configs], **checks)
        for step in range(self._steps):
            self._act(venue, node)
            await world.sleep(self._rng.choice(PAUSES_S))
            if self._crashes and step == self._steps // 2:
                await world.sleep("2s")
                node.crash()
                node = await world.start_node()
            if self._loses and self._rng.random() < LOSS:
                venue.drop("fill")
        world.end_storm()
        await world.converged(within="60s")
        return list(self._differences(venue, node))

    # -- what happens

    def _act(self, venue: VenueHandle, node: NodeHandle) -> None:
        rng = self._rng
        action = rng.choice(ACTIONS)
        symbol = rng.choice(self._symbols)
        instrument = self._instruments[symbol]
        trader = rng.choice(node.strategies)
        assert isinstance(trader, Trader)
        if action == "move":
            self._move(venue, symbol)
        elif action == "fund":
            self._fund(venue, instrument)
        elif action == "force":
            self._by_force(venue, symbol)
        elif action == "bust":
            self._bust(venue, node, symbol)
        elif action == "cancel":
            node.call(trader.cancel_all_orders, instrument.id)
        elif action == "close":
            if not self._is_cash and len(self.accounts) == 1:
                node.call(trader.close, instrument.id)
        else:
            side = rng.choice([OrderSide.BUY, OrderSide.SELL])
            account = self._accounts_rng.choice(self.accounts)
            client_id = None if account == self.accounts[0] else ClientId(account)
            size, price = self._size(instrument), self._price(action, symbol, side)
            node.call(trader.place, instrument.id, side, size, price, client_id)

    def _size(self, instrument: InstrumentAny) -> Decimal:
        unit = instrument.size_increment.value
        return unit * self._rng.choice([1, 3, 7, 10, 99, 100, 250, 333, 1000])

    def _price(self, action: str, symbol: str, side: OrderSide) -> Decimal | None:
        if action == "market":
            return None
        away = self._rng.uniform(-0.002, 0.001) if action == "limit" else 0.01
        return Decimal(str(round(self._mids[symbol] * (1 + side.sign * away), 8)))

    def _move(self, venue: VenueHandle, symbol: str) -> None:
        instrument = self._instruments[symbol]
        start = self._mids.get(symbol) or next(price for name, price in PRICES.items() if symbol.startswith(name))
        mid = self._mids[symbol] = start * (1 + self._rng.uniform(-0.004, 0.004))
        tick = instrument.price_increment.value
        bid = instrument.next_bid_prices(mid, 1)[0]
        ask = bid + tick * self._rng.choice([1, 2, 7])
        venue.quote(bid=str(bid), ask=str(ask), size=str(self._size(instrument) * 3), instrument=symbol)

    def _fund(self, venue: VenueHandle, instrument: InstrumentAny) -> None:
        currency = instrument.settlement_currency
        amount = Money(Decimal(self._rng.randint(-99_999, 99_999)).scaleb(-currency.precision), currency)
        if amount.value:
            account = self._accounts_rng.choice(self.accounts)
            venue.deposit(amount=str(amount), account=account.removeprefix(f"{VENUE}-"))
            self._funded.append((account, currency.code, amount.value))

    def _by_force(self, venue: VenueHandle, symbol: str) -> None:
        """Liquidate a position, where it is clear whose it is."""
        if self._is_cash or self._hedging or self._loses or self._strategy_count > 1 or len(self.accounts) > 1:
            return
        if venue.truth.net(symbol):
            price = self._instruments[symbol].next_bid_price(self._mids[symbol] * self._rng.uniform(0.99, 1.01))
            venue.liquidate(instrument=symbol, price=str(price))

    def _bust(self, venue: VenueHandle, node: NodeHandle, symbol: str) -> None:
        """Take the latest trade in an instrument back, unless it turned a position around.

        Of the cycle before a flip the node keeps the profit alone: a trade that is taken back there is put right in the
        whole profit, but how much of that counts as realised is then a matter of convention.
        """
        fills = venue.truth.fills(symbol)
        if not fills:
            return
        latest = [fill for fill in fills if fill.trade_id == fills[-1].trade_id]  # two, if our orders met each other
        known = {
            (fill.trade_id, fill.order_side, fill.last_qty)
            for position in node.node.cache.positions()
            for fill in position.fills
        }
        if all((fill.trade_id, fill.order_side, fill.last_qty) in known for fill in latest):
            venue.bust(trade=str(fills[-1].trade_id))

    # -- what it came to

    def _balances(self, venue: VenueHandle) -> list[Any]:
        return list(venue._link.venue.balances(str(venue.account_id)))

    def _day(self, venue: VenueHandle, account_id: AccountId) -> Day:
        known = {**{code: total.currency for code, total in self._before.items()}, "BNB": Currency.from_str("BNB")}
        places = {made.symbol.value: made.size_precision for made in self._instruments.values()}
        places |= {code: currency.precision for code, currency in known.items()}
        day = Day(places, {code: Fraction(total.value) for code, total in self._before.items()})
        for account, code, amount in self._funded:
            if account == str(account_id):
                day.pay(code, Fraction(amount))
        for payment in venue._link.venue.funding:
            if payment.account_id == account_id:
                day.pay(payment.paid.currency.code, -Fraction(payment.paid.value))
        fills = venue._link.venue.fills(str(account_id))
        self.fill_count += len(fills)
        contracts = {str(made.id): self._contract(made) for made in self._instruments.values()}
        day.play(self._raw(fill, contracts[str(fill.instrument_id)]) for fill in fills)
        return day

    def _contract(self, made: InstrumentAny) -> Contract:
        return Contract(
            name=str(made.id),
            base=made.base_currency.code if made.base_currency else made.symbol.value,
            quote=made.quote_currency.code,
            settlement=made.settlement_currency.code,
            multiplier=Fraction(made.multiplier.value),
            inverse=made.is_inverse,
            cash=self._is_cash,
        )

    def _raw(self, fill: FillReport, contract: Contract) -> RawFill:
        theirs = str(fill.venue_position_id or "")
        fee = fill.commission
        return RawFill(
            contract=contract,
            owner=theirs if self._hedging else self._owner(fill),
            venue_position=theirs,
            quantity=Fraction(fill.last_qty.value) * fill.order_side.sign,
            price=Fraction(fill.last_px.value),
            fee=Fraction(fee.value) if fee is not None else Fraction(0),
            fee_currency=fee.currency.code if fee is not None else contract.settlement,
        )

    def _owner(self, fill: FillReport) -> str:
        """Return whose fill it is by the order's id, which ends in tag and number; an order of nobody is the one's."""
        name = str(fill.client_order_id or "")
        return name.split("-")[-2] if name.startswith("O-") and self._strategy_count > 1 else "0"

    def _differences(self, venue: VenueHandle, node: NodeHandle) -> Iterator[str]:
        for account_id in map(AccountId, self.accounts):
            yield from self._differences_of(venue, node, account_id)

    def _differences_of(self, venue: VenueHandle, node: NodeHandle, account_id: AccountId) -> Iterator[str]:
        cache, portfolio = node.node.cache, node.node.portfolio
        day = self._day(venue, account_id)
        ours = {self._key(position): position for position in cache.positions(account_id=account_id)}
        contracts = {str(made.id): self._contract(made) for made in self._instruments.values()}
        for key in dict.fromkeys((*ours, *day.by_owner)):
            theirs = day.by_owner.get(key) or Holding(contracts[key[0]])  # all its fills were taken back
            yield from _position_differences(key, ours.get(key), theirs, self._loses)
        for instrument in self._instruments.values():
            yield from _portfolio_differences(instrument, portfolio, account_id, day, self._loses)
        yield from _balance_differences(cache, account_id, day)

    def _key(self, position: Position) -> tuple[str, str]:
        if self._hedging:
            return str(position.instrument_id), position.id.value
        return str(position.instrument_id), position.strategy_id.get_tag() if self._strategy_count > 1 else "0"


def _position_differences(
    key: tuple[str, str], ours: Position | None, theirs: Holding, in_any_order: bool
) -> Iterator[str]:
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
    if ours.signed_qty and abs(Fraction(ours.avg_px_open) - theirs.average) > theirs.average / 10**20:
        yield f"{key} average: {ours.avg_px_open} here, {float(theirs.average)} there"


def _portfolio_differences(
    instrument: InstrumentAny, portfolio: Portfolio, account_id: AccountId, day: Day, in_any_order: bool
) -> Iterator[str]:
    name, places = str(instrument.id), instrument.settlement_currency.precision
    at = Price(instrument.price_increment.value * 1234567, instrument.price_precision)
    realised, unrealised = day.realised(name), day.unrealised(name, Fraction(at.value))
    yield from _compare(f"{name} net", portfolio.net_position(instrument.id, account_id), day.net(name))
    if in_any_order:
        yield from _whole_difference(
            instrument, portfolio.total_pnl(instrument.id, at, account_id), realised + unrealised
        )
        return
    answers: list[tuple[str, Callable[[], Money | None], Fraction]] = [
        ("realized_pnl", lambda: portfolio.realized_pnl(instrument.id, account_id), rounded(realised, places)),
        (
            "unrealized_pnl",
            lambda: portfolio.unrealized_pnl(instrument.id, at, account_id),
            rounded(unrealised, places),
        ),
    ]
    for question, ask, wanted in answers:
        answer = ask()
        yield from _compare(f"{name} {question}", Decimal("NaN") if answer is None else answer.value, wanted)


def _whole_difference(instrument: InstrumentAny, whole: Money | None, wanted: Fraction) -> Iterator[str]:
    """Compare the whole profit: two amounts that were rounded apart may differ by one unit from their rounded sum."""
    places = instrument.settlement_currency.precision
    unit = Fraction(1, 10**places)
    if whole is None or abs(Fraction(whole.value) - rounded(wanted, places)) > unit:
        yield f"{instrument.id} whole profit: {whole} here, {float(wanted)} there"


def _balance_differences(cache: Cache, account_id: AccountId, day: Day) -> Iterator[str]:
    account = cache.account(account_id)
    if account is None:
        yield f"{account_id}: the node does not know the account"
        return
    ours = {currency.code: total.value for currency, total in account.balances_total().items()}
    for code in dict.fromkeys((*ours, *day.balances)):
        wanted = rounded(day.balances.get(code, Fraction(0)), day.places[code])
        yield from _compare(f"balance in {code}", ours.get(code, Decimal("NaN")), wanted)


def _compare(what: str, ours: Decimal, theirs: Fraction) -> Iterator[str]:
    if not ours.is_finite() or Fraction(ours) != theirs:
        yield f"{what}: {ours} here, {theirs.numerator / theirs.denominator!r} ({theirs}) there"
