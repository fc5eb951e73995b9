"""Greeks of one instrument, of a portfolio, and the curves of interest rates that go into them, as data.

Names, order and forms are the ecosystem's. All numbers are floats: sensitivities are estimates, and no money. Those of
`GreeksData` are for one unit of the underlying, those of `PortfolioGreeks` for all that is held: `quantity * greeks`
takes the one to the other, by the contract's multiplier.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from struct import unpack
from typing import ClassVar, Self

import msgspec
from msgspec import Struct

from nautilus_live.model.data import Data
from nautilus_live.model.identifiers import InstrumentId
from nautilus_live.model.plain import Plain
from nautilus_live.model.timestamps import Timestamp

NO_INSTRUMENT = InstrumentId.from_str("ES.GLBX")
"""What greeks are of until somebody says; the ecosystem's default, and no more."""


class _CustomData(Struct, Plain, Data):
    """What `customdataclass` gives the ecosystem's classes: times first, plain forms, and bytes of them."""

    ts_event: int = 0
    ts_init: int = 0

    shown: ClassVar[tuple[tuple[str, str], ...]] = ()
    """What `repr` tells: fields, each with how it is written."""

    def __repr__(self) -> str:
        told = [f"{name}={getattr(self, name):{form}}" for name, form in self.shown]
        return f"{type(self).__name__}({', '.join([*told, *self._times()])})"

    def _times(self) -> list[str]:
        return [f"{name}={_iso(getattr(self, name))}" for name in ("ts_event", "ts_init")]

    def to_bytes(self) -> bytes:
        """Return the fields as bytes (MessagePack)."""
        return msgspec.msgpack.encode(self.to_dict())

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Return what `to_bytes` has written."""
        return cls.from_dict(msgspec.msgpack.decode(data))


class GreeksData(_CustomData):
    """The greeks of an option, or of what is none: then delta is 1, and all else 0.

    Attributes:
        expiry: the day of the expiration, as a number: 20240621.
        expiry_in_days: whole days left, at least one while the option lives.
        expiry_in_years: the same, in years of 365.25 days.
        multiplier: how many units of the underlying one contract is for.
        quantity: how many contracts the numbers are for.
        interest_rate, cost_of_carry, vol: per year.
        pnl: what the position given has gained on one unit, 0 without one.
        price, delta, gamma: of one unit of the underlying.
        vega: per percentage point of volatility.
        theta: per calendar day.
        itm_prob: how likely the option ends in the money.

    """

    instrument_id: InstrumentId = NO_INSTRUMENT
    is_call: bool = True
    strike: float = 0.0
    expiry: int = 0
    expiry_in_days: int = 0
    expiry_in_years: float = 0.0
    multiplier: float = 0.0
    quantity: float = 0.0
    underlying_price: float = 0.0
    interest_rate: float = 0.0
    cost_of_carry: float = 0.0
    vol: float = 0.0
    pnl: float = 0.0
    price: float = 0.0
    delta: float = 0.0
    gamma: float = 0.0
    vega: float = 0.0
    theta: float = 0.0
    itm_prob: float = 0.0

    shown: ClassVar[tuple[tuple[str, str], ...]] = (
        *(("instrument_id", ""), ("expiry", ""), ("itm_prob", ".2%"), ("vol", ".2%")),
        *((name, ",.2f") for name in ("pnl", "price", "delta", "gamma", "vega", "theta")),
        ("quantity", ""),
    )

    def _times(self) -> list[str]:
        return [f"ts_init={_iso(self.ts_init)}"]

    @classmethod
    def from_delta(cls, instrument_id: InstrumentId, delta: float, multiplier: float, ts_event: int = 0) -> GreeksData:
        """Return the greeks of one contract of what is no option."""
        return cls(ts_event, ts_event, instrument_id, multiplier=multiplier, quantity=1.0, delta=delta)

    def to_portfolio_greeks(self) -> PortfolioGreeks:
        """Return the greeks of one contract: all of its units together."""
        one = {name: self.multiplier * getattr(self, name) for name in SUMMED}
        return PortfolioGreeks(ts_event=self.ts_event, ts_init=self.ts_init, **one)

    def __rmul__(self, quantity: float) -> PortfolioGreeks:
        return quantity * self.to_portfolio_greeks()


SUMMED = ("pnl", "price", "delta", "gamma", "vega", "theta")
"""What greeks of several instruments add up in."""


class PortfolioGreeks(_CustomData):
    """What the greeks of positions add up to; units as in `GreeksData`, times the quantity that is held."""

    pnl: float = 0.0
    price: float = 0.0
    delta: float = 0.0
    gamma: float = 0.0
    vega: float = 0.0
    theta: float = 0.0

    shown: ClassVar[tuple[tuple[str, str], ...]] = tuple((name, ",.2f") for name in SUMMED)

    def __rmul__(self, quantity: float) -> PortfolioGreeks:
        return self._with(lambda name: quantity * getattr(self, name))

    def __add__(self, other: PortfolioGreeks | GreeksData) -> PortfolioGreeks:
        return self._with(lambda name: getattr(self, name) + getattr(other, name))

    def _with(self, value_of: Callable[[str], float]) -> PortfolioGreeks:
        times = {"ts_event": self.ts_event, "ts_init": self.ts_init}
        numbers = {name: value_of(name) for name in SUMMED}
        return PortfolioGreeks(**times, **numbers)  # type: ignore[arg-type]  # each by its name


class YieldCurveData(_CustomData):
    """A curve of rates: `curve(years)` is the rate for so long. Before its first and after its last point it is flat.

    Between two points lies the mean of the parabola through them and the point before and the one through them and the
    point after, the nearer the heavier; at the ends there is one of the two, and of two points a straight line.

    Attributes:
        curve_name: a currency's code (`USD`) for interest, an instrument's id for what holding it pays.
        tenors: years, rising.
        interest_rates: the rate of each, per year.

    Raises:
        ValueError: if there are no points, a rate is missing, or tenors do not rise.

    """

    curve_name: str = "USD"
    tenors: Sequence[float] = (0.5, 1.0, 1.5, 2.0, 2.5)
    interest_rates: Sequence[float] = (0.04, 0.04, 0.04, 0.04, 0.04)

    def __post_init__(self) -> None:
        self.tenors, self.interest_rates = _numbers(self.tenors), _numbers(self.interest_rates)
        if not self.tenors or len(self.tenors) != len(self.interest_rates):
            told = f"{len(self.tenors)} and {len(self.interest_rates)}"
            raise ValueError(f"{self.curve_name}: a curve must have points, each with its rate, was {told}")
        if any(later <= earlier for earlier, later in zip(self.tenors, self.tenors[1:], strict=False)):
            raise ValueError(f"{self.curve_name}: tenors must rise, was {self.tenors}")

    def __call__(self, expiry_in_years: float) -> float:
        """Return the rate for so many years."""
        tenors, rates = self.tenors, self.interest_rates
        if expiry_in_years <= tenors[0] or len(tenors) == 1:
            return rates[0]
        if expiry_in_years >= tenors[-1]:
            return rates[-1]
        before = max(index for index, tenor in enumerate(tenors) if tenor <= expiry_in_years)
        weight = (expiry_in_years - tenors[before]) / (tenors[before + 1] - tenors[before])
        first = self._parabola(max(before - 1, 0), expiry_in_years)
        second = self._parabola(min(before, max(len(tenors) - 3, 0)), expiry_in_years)
        return (1 - weight) * first + weight * second

    def _parabola(self, start: int, at: float) -> float:
        """Return the polynomial through three points (or both, of two) at a place, by Lagrange."""
        points = list(zip(self.tenors, self.interest_rates, strict=True))[start : start + 3]
        total = 0.0
        for tenor, rate in points:
            for other, _ in points:
                if other != tenor:
                    rate *= (at - other) / (tenor - other)
            total += rate
        return total

    def __repr__(self) -> str:
        return f"InterestRateCurve(curve_name={self.curve_name}, {', '.join(self._times())})"


def _numbers(values: Iterable[float] | bytes) -> tuple[float, ...]:
    """Return numbers however they come: a sequence, another library's array, or the bytes of one."""
    if isinstance(values, bytes):
        return tuple(unpack(f"<{len(values) // 8}d", values))
    return tuple([float(one) for one in values])


def _iso(nanoseconds: int) -> str:
    moment = Timestamp.from_ns(nanoseconds)
    return f"{moment.strftime('%Y-%m-%dT%H:%M:%S')}.{nanoseconds % 1_000_000_000:09d}Z"
