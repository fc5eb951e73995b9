"""Options as venues tell of them: greeks of one, and the chain of all that expire together. Names are the ecosystem's.

Greeks and volatilities are floats, per year or as in `model.black_scholes`; prices and strikes are exact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import unique
from typing import Any

from msgspec import Struct, field
from msgspec.structs import force_setattr

from nautilus_live.model.data import MarketData, QuoteTick
from nautilus_live.model.enums import NamedEnum
from nautilus_live.model.identifiers import InstrumentId, Venue
from nautilus_live.model.objects import Price
from nautilus_live.model.timestamps import EPOCH, Timestamp

NANOSECONDS_PER_SECOND = 1_000_000_000
STRIKES_WITHOUT_DELTAS = 5
"""How many strikes each side of the middle a range by delta begins with, while deltas are not known."""


@unique
class GreeksConvention(NamedEnum):
    """What a venue counts its greeks in: the quote currency, or the underlying (an inverse option's premium)."""

    BLACK_SCHOLES = 1
    PRICE_ADJUSTED = 2


class OptionGreeks(MarketData, frozen=True, gc=False, tag=True):
    """What a venue says of an option: sensitivities, and the volatilities that its prices imply.

    Attributes:
        delta, gamma: per unit of the underlying's price.
        vega: per percentage point of volatility.
        theta: per calendar day.
        rho: per percentage point of interest.
        mark_iv, bid_iv, ask_iv: volatilities (0.5 is 50 %), None where the venue does not say.
        underlying_price: of what the option is on, as the venue has it: the forward where it has one.
        open_interest: contracts that are held.

    """

    instrument_id: InstrumentId
    delta: float
    gamma: float
    vega: float
    theta: float
    rho: float = 0.0
    mark_iv: float | None = None
    bid_iv: float | None = None
    ask_iv: float | None = None
    underlying_price: float | None = None
    open_interest: float | None = None
    ts_event: int = 0
    ts_init: int = 0
    convention: GreeksConvention = GreeksConvention.BLACK_SCHOLES

    def __repr__(self) -> str:
        told = ", ".join(f"{name}={getattr(self, name):.4f}" for name in ("delta", "gamma", "vega", "theta"))
        return f"OptionGreeks(instrument_id={self.instrument_id}, {told}, mark_iv={self.mark_iv})"

    __str__ = __repr__


class OptionSeriesId(Struct, frozen=True):
    """All options of a venue on one underlying that settle in one currency and expire together."""

    venue: Venue
    underlying: str
    settlement_currency: str
    expiration_ns: int

    def __post_init__(self) -> None:
        if isinstance(self.venue, str):  # as the ecosystem's is made
            force_setattr(self, "venue", Venue(self.venue))
        if not self.underlying or not self.settlement_currency:
            raise ValueError(f"a series must name underlying and settlement currency, was {self.value}")

    @staticmethod
    def from_expiry(venue: Venue | str, underlying: str, settlement_currency: str, date_str: str) -> OptionSeriesId:
        """Return the series that expires at a time in ISO 8601 (a date is its midnight in UTC), or in nanoseconds.

        Raises:
            ValueError: if it is none of these.

        """
        expiration_ns = _nanoseconds(date_str)
        return OptionSeriesId(Venue(str(venue)), underlying, settlement_currency, expiration_ns)

    @staticmethod
    def from_str(value: str) -> OptionSeriesId:
        """Return the series written `VENUE:UNDERLYING:SETTLEMENT:EXPIRY`.

        Raises:
            ValueError: if it is not written so.

        """
        parts = value.split(":", 3)
        if len(parts) != 4:
            raise ValueError(f"a series must be written VENUE:UNDERLYING:SETTLEMENT:EXPIRY, was {value!r}")
        return OptionSeriesId.from_expiry(*parts)

    @property
    def value(self) -> str:
        """The series as text."""
        seconds, rest = divmod(self.expiration_ns, NANOSECONDS_PER_SECOND)
        moment = Timestamp.from_ns(seconds * NANOSECONDS_PER_SECOND).strftime("%Y-%m-%dT%H:%M:%S")
        fraction = f".{rest:09d}".rstrip("0") if rest else ""
        return f"{self.venue}:{self.underlying}:{self.settlement_currency}:{moment}{fraction}Z"

    def __str__(self) -> str:
        return self.value

    def __repr__(self) -> str:
        return f"OptionSeriesId('{self.value}')"


class StrikeRange(Struct, frozen=True):
    """Which strikes of a chain are wanted; made by one of its four functions."""

    kind: str
    strikes: tuple[Price, ...] = ()
    strikes_above: int = 0
    strikes_below: int = 0
    pct: float = 0.0
    target: float = 0.0
    tolerance: float = 0.0

    @staticmethod
    def fixed(strikes: Sequence[Price]) -> StrikeRange:
        """Return the range of these strikes, as far as they are listed."""
        return StrikeRange("Fixed", strikes=tuple(strikes))

    @staticmethod
    def atm_relative(strikes_above: int, strikes_below: int) -> StrikeRange:
        """Return the range of the strike at the money, and so many above and below it.

        Raises:
            ValueError: if a number is negative.

        """
        if strikes_above < 0 or strikes_below < 0:
            raise ValueError(f"numbers of strikes must be >= 0, was {strikes_above} and {strikes_below}")
        return StrikeRange("AtmRelative", strikes_above=strikes_above, strikes_below=strikes_below)

    @staticmethod
    def atm_percent(pct: float) -> StrikeRange:
        """Return the range of strikes at most that part of the underlying's price away from it (0.1 is 10 %).

        Raises:
            ValueError: if it is negative.

        """
        if not pct >= 0:
            raise ValueError(f"a part of the price must be >= 0, was {pct}")
        return StrikeRange("AtmPercent", pct=pct)

    @staticmethod
    def delta(target: float, tolerance: float) -> StrikeRange:
        """Return the range of strikes whose call or put has a delta near `target`, whatever its sign.

        Raises:
            ValueError: if the target is no delta (0 to 1), or the tolerance negative.

        """
        if not 0 <= target <= 1 or not tolerance >= 0:
            raise ValueError(f"a delta must lie in 0 to 1 and its tolerance be >= 0, was {target} and {tolerance}")
        return StrikeRange("Delta", target=target, tolerance=tolerance)

    @property
    def follows_price(self) -> bool:
        """Whether it depends on where the underlying stands."""
        return self.kind != "Fixed"

    def __repr__(self) -> str:
        names = {
            "AtmRelative": ("strikes_above", "strikes_below"),
            "AtmPercent": ("pct",),
            "Delta": ("target", "tolerance"),
        }.get(self.kind)
        if names is None:
            return f"Fixed([{', '.join(map(str, self.strikes))}])"
        return f"{self.kind} {{ {', '.join(f'{name}: {getattr(self, name)}' for name in names)} }}"


class OptionStrikeData(Struct, frozen=True):
    """The latest of one option: its quote, and the greeks that the venue told, if it did."""

    quote: QuoteTick
    greeks: OptionGreeks | None = None


class OptionChainSlice(MarketData, frozen=True, tag=True):
    """A chain at a moment: what is known of each option whose strike is wanted; only quoted ones are in it.

    `atm_strike` is the strike nearest to the underlying's price (of two as near the lower one), None while that is not
    known. `calls` and `puts` are by strike, as a number, the lowest first.
    """

    series_id: OptionSeriesId
    atm_strike: Price | None = None
    ts_event: int = 0
    ts_init: int = 0
    calls: Mapping[Decimal, OptionStrikeData] = field(default_factory=dict)
    puts: Mapping[Decimal, OptionStrikeData] = field(default_factory=dict)
    prices: tuple[Price, ...] = ()
    """The strikes that are in it, as prices, the lowest first."""

    def call_count(self) -> int:
        """Return the number of calls in it."""
        return len(self.calls)

    def put_count(self) -> int:
        """Return the number of puts in it."""
        return len(self.puts)

    def strike_count(self) -> int:
        """Return the number of strikes that have a call or a put in it."""
        return len(self.prices)

    def is_empty(self) -> bool:
        """Return whether nothing is in it."""
        return not self.prices

    def strikes(self) -> list[Price]:
        """Return the strikes that have a call or a put in it, the lowest first."""
        return list(self.prices)

    def get_call(self, strike: Price) -> OptionStrikeData | None:
        """Return what is known of the call of a strike."""
        return self.calls.get(strike.value)

    def get_put(self, strike: Price) -> OptionStrikeData | None:
        """Return what is known of the put of a strike."""
        return self.puts.get(strike.value)

    def get_call_quote(self, strike: Price) -> QuoteTick | None:
        """Return the quote of the call of a strike."""
        found = self.get_call(strike)
        return None if found is None else found.quote

    def get_put_quote(self, strike: Price) -> QuoteTick | None:
        """Return the quote of the put of a strike."""
        found = self.get_put(strike)
        return None if found is None else found.quote

    def get_call_greeks(self, strike: Price) -> OptionGreeks | None:
        """Return the greeks of the call of a strike, as the venue told them."""
        found = self.get_call(strike)
        return None if found is None else found.greeks

    def get_put_greeks(self, strike: Price) -> OptionGreeks | None:
        """Return the greeks of the put of a strike, as the venue told them."""
        found = self.get_put(strike)
        return None if found is None else found.greeks

    def __repr__(self) -> str:
        counts = f"calls={self.call_count()}, puts={self.put_count()}"
        return f"OptionChainSlice({self.series_id}, atm={self.atm_strike}, {counts})"

    __str__ = __repr__

    def to_dict(self, obj: Any = None) -> dict[str, Any]:
        """Return the chain as plain values. Called on the class it does the same."""
        value: OptionChainSlice = self if obj is None else obj
        table: dict[str, Any] = {"type": "OptionChainSlice", "series_id": value.series_id.value}
        table["atm_strike"] = None if value.atm_strike is None else str(value.atm_strike)
        for name in ("calls", "puts"):
            table[name] = {str(strike): _plain(data) for strike, data in getattr(value, name).items()}
        return {**table, "ts_event": value.ts_event, "ts_init": value.ts_init}


def _plain(data: OptionStrikeData) -> dict[str, Any]:
    greeks = None if data.greeks is None else data.greeks.to_dict()
    return {"quote": data.quote.to_dict(), "greeks": greeks}


def _nanoseconds(text: str) -> int:
    if text.isdigit():
        return int(text)
    moment = datetime.fromisoformat(text)
    since = (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)) - EPOCH
    return since // timedelta(microseconds=1) * 1_000
