"""Random trading days: the whole node on a sandbox venue, compared to the last decimal with `trading_day`.

A seed decides the kind of accounts and of contracts, how many accounts, netting or hedging, in what fees are paid, what
one or two strategies do and how they keep positions, how the node values them, how the market moves, whether somebody
liquidates, funds, busts, crashes or purges. Prices and fees are odd on purpose. `day_actions` is what happens,
`day_questions` what is asked in the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from random import Random
from typing import Any

from nautilus_live.config import StrategyConfig
from nautilus_live.model.enums import OmsType
from nautilus_live.model.identifiers import AccountId
from nautilus_live.model.instruments import InstrumentAny
from nautilus_live.model.objects import Currency
from nautilus_live.model.position import Position
from nautilus_live.model.reports import FillReport
from scenarios.testing import NodeHandle, TradingWorld, VenueHandle
from tests.oracles.day_actions import ACTIONS, CROWD, FIRST, OTHERS, VENUE, Doings, Trader
from tests.oracles.day_questions import Asked, account_differences, instrument_differences, position_differences
from tests.oracles.trading_day import Contract, Day, Holding, RawFill

KINDS: dict[str, tuple[dict[str, Any], tuple[str, ...], tuple[str, ...]]] = {
    "spot": ({"account_type": "CASH"}, ("BTCUSDT", "ETHUSDT"), ("quote", "base", "received", "third")),
    "linear": ({}, ("BTCUSDT", "ETHUSDT"), ("quote", "third")),
    "currencies": ({}, ("AUD/USD", "EUR/USD"), ("quote", "third")),
    "yen": ({"balance": "90000000"}, ("USD/JPY", "AUD/JPY"), ("quote", "third")),
    "exchange": (
        {"account_type": "CASH", "balance": "90000000"},
        ("USD/JPY", "EUR/USD", "AUD/JPY"),
        ("quote", "base", "received", "third"),
    ),
    "inverse": ({"balance": "1000"}, ("BTCUSD-INVERSE", "ETHUSD-INVERSE"), ("quote", "third")),
    "quanto": ({}, ("ETHUSD-QUANTO", "BTCUSD-INVERSE"), ("quote", "third")),
    "contracts": ({}, ("ES-FUTURE", "ES-PUT", "XAU-CFD", "BTCUSDT-FUTURE"), ("quote", "third")),
    "shares": ({"account_type": "CASH"}, ("AAPL-SHARE", "GOLD-SPOT"), ("quote", "third")),
    "mixed": ({}, ("BTCUSDT", "ETHUSD-QUANTO", "AUD/USD", "BTCUSD-INVERSE"), ("quote", "third")),
}
"""From a kind of day to the venue's settings, what is traded, and in what fees may be taken."""
BETS = "bets"
ON_DEMAND = {BETS: ({"account_type": "BETTING"}, ("1-201070830-50214-None",), ("quote", "third"))}
"""Kinds that no seed draws. A day of bets ends with the race, which the horse wins on every other seed."""

PAUSES_S = (*(0.002, 0.05, 0.2, 1.0) * 3, 120.0)
LOSS = 0.15
TWO_ACCOUNTS = 0.25
RATES = ("0.00043", "0.0007", "0.000333", "-0.00011", "0")
PURGES = {"orders": {"interval": 1, "buffer": 0}, "positions": {"interval": 1, "buffer": 0}}
DOUBTS_S = {"open_check_interval_secs": 5.0, "position_check_interval_secs": 5.0}


class TradingDay(Doings):
    """One day.

    Args:
        seed: what everything follows from.
        steps: how many things happen.
        loses: whether reports of fills get lost. What the node learns late it learns in another order, and in another
            order the same fills realise another profit and leave another average; then quantities, balances, fees and
            the whole profit, realised and not, are compared, which are the same in any order. On margin only: where
            no positions can be asked for, a fill that is lost just before its order is canceled shows at a restart.
        crowded: whether others trade on the accounts, strategies keep positions another way than the venue, any trade
            is taken back or corrected, and the node forgets what is over. Whose a fill is is then the node's choice,
            so positions are compared by their sums, and profits whole.
        kind: what kind of day it is, instead of one that the seed draws.

    """

    def __init__(
        self, seed: int, steps: int = 25, *, loses: bool = False, crowded: bool = False, kind: str = ""
    ) -> None:
        super().__init__()
        self._rng = rng = Random(f"trading day {seed}")
        self.seed = seed
        self.kind = kind or rng.choice([name for name in KINDS if not loses or "account_type" not in KINDS[name][0]])
        settings, self._symbols, fees = (KINDS | ON_DEMAND)[self.kind]
        self._is_cash = settings.get("account_type") == "CASH"
        self._hedging = not self._is_cash and rng.random() < 0.4
        self.settings = {
            **settings,
            "instruments": list(self._symbols),
            "oms_type": "HEDGING" if self._hedging else "NETTING",
            "fee_currency": rng.choice(fees),
            "fee_third_price": "613.7",
            "streams_trails": True,
            "maker_rate": rng.choice(RATES),
            "taker_rate": rng.choice(RATES),
            "latency_ms": rng.choice([1, 10, 40]),
            "funding_interval_secs": rng.choice([None, 300.0]),
            "funding_rate": rng.choice(["0.00013", "-0.00007", "0.0012345"]),
        }
        self._accounts_rng = Random(f"accounts of trading day {seed}")
        self.accounts = [FIRST]
        if not loses and self._accounts_rng.random() < TWO_ACCOUNTS:
            self.settings["accounts"] = ["002"]
            self.accounts.append(f"{VENUE}-002")
        self._strategy_count = rng.choice([1, 2])
        self._steps, self._loses, self._crowded = steps, loses, crowded
        self._actions = (*ACTIONS, *(OTHERS * rng.choice([0, 1, 2])), *(CROWD * 2 if crowded else ()))
        self.breaks = rng.choice(["crash", "stop", *(None,) * 8])
        self.valued = {name: rng.random() < 0.5 for name in ("use_mark_prices", "use_mark_xrates", "bar_updates")}
        self._purges = crowded and rng.random() < 0.3
        self._oms_types = [rng.choice([None, OmsType.NETTING, OmsType.HEDGING]) if crowded else None for _ in range(2)]
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
        self._before = {balance.currency.code: balance.total for balance in self._balances(venue, FIRST)}
        for symbol in self._symbols:
            self._move(venue, symbol)
        node = await world.start_node(strategies=self._traders(), **self._node_settings())
        for step in range(self._steps):
            self._act(venue, node)
            await world.sleep(self._rng.choice(PAUSES_S))
            if self.breaks and step == self._steps // 2:
                node = await self._again(world, node)
            if self._loses and self._rng.random() < LOSS:
                venue.drop("fill")
        world.end_storm()
        await world.converged(within="60s")
        if self.kind == BETS:
            venue.settle(instrument=self._symbols[0], price=str(self.seed % 2))
            await world.converged()
        return list(self._differences(venue, node))

    def _traders(self) -> list[Trader]:
        return [
            Trader(StrategyConfig(strategy_id=f"Trader-{n}", order_id_tag=str(n), oms_type=self._oms_types[n]))
            for n in range(self._strategy_count)
        ]

    def _node_settings(self) -> dict[str, Any]:
        settings: dict[str, Any] = dict(self.valued)
        if self._loses:
            settings |= DOUBTS_S
        if self._purges:
            for what, minutes in PURGES.items():
                settings |= {f"purge_closed_{what}_{name}_mins": value for name, value in minutes.items()}
        return settings

    async def _again(self, world: TradingWorld, node: NodeHandle) -> NodeHandle:
        """Kill the node, or stop it, and start it again."""
        await world.sleep("4s")  # longer than any connection is away
        if self.breaks == "crash":
            node.crash()
        else:
            await node.stop()
        return await world.start_node()

    # -- what it came to

    def _balances(self, venue: VenueHandle, account: str) -> list[Any]:
        return list(venue._link.venue.balances(account))

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
        for contract in contracts.values():
            if contract.bets:
                day.decide(contract, won=bool(self.seed % 2))
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
            bets=self.kind == BETS,
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

    # -- comparing

    def _differences(self, venue: VenueHandle, node: NodeHandle) -> Iterator[str]:
        loose = self._loses or self._crowded
        instruments = list(self._instruments.values())
        for account_id in map(AccountId, self.accounts):
            asked = Asked(
                cache=node.node.cache,
                portfolio=node.node.portfolio,
                account_id=account_id,
                day=self._day(venue, account_id),
                markets=venue._link.venue._markets,
                by_mark=self.valued["use_mark_prices"],
                is_cash=self._is_cash or self.kind == BETS,
                in_any_order=loose,
            )
            if not self._crowded:
                yield from self._position_differences(asked)
            for instrument in instruments:
                yield from instrument_differences(asked, instrument)
            stated = {one.currency.code: (one.locked, one.free) for one in self._balances(venue, str(account_id))}
            yield from account_differences(asked, instruments, stated)

    def _position_differences(self, asked: Asked) -> Iterator[str]:
        ours = {self._key(position): position for position in asked.cache.positions(account_id=asked.account_id)}
        contracts = {str(made.id): self._contract(made) for made in self._instruments.values()}
        for key in dict.fromkeys((*ours, *asked.day.by_owner)):
            theirs = asked.day.by_owner.get(key) or Holding(contracts[key[0]])  # all its fills were taken back
            yield from position_differences(key, ours.get(key), theirs, in_any_order=asked.in_any_order)

    def _key(self, position: Position) -> tuple[str, str]:
        if self._hedging:
            return str(position.instrument_id), position.id.value
        return str(position.instrument_id), position.strategy_id.get_tag() if self._strategy_count > 1 else "0"
