"""Bars: what a market did between two moments, and the names that say which bars are meant.

A bar type reads `INSTRUMENT-STEP-AGGREGATION-PRICE-SOURCE`, as `BTCUSDT.SIM-5-MINUTE-LAST-INTERNAL`. A composite one
says in addition which bars it is made of: `BTCUSDT.SIM-5-MINUTE-LAST-INTERNAL@1-MINUTE-EXTERNAL`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from msgspec import Struct

from nautilus_live.model.data import MarketData
from nautilus_live.model.enums import AggregationSource, BarAggregation, PriceType
from nautilus_live.model.identifiers import InstrumentId
from nautilus_live.model.objects import Price, Quantity

_NANOSECONDS: Final[dict[BarAggregation, int]] = {
    BarAggregation.MILLISECOND: 1_000_000,
    BarAggregation.SECOND: 1_000_000_000,
    BarAggregation.MINUTE: 60_000_000_000,
    BarAggregation.HOUR: 3_600_000_000_000,
    BarAggregation.DAY: 86_400_000_000_000,
    BarAggregation.WEEK: 7 * 86_400_000_000_000,
}
TIME_AGGREGATIONS: Final = (*_NANOSECONDS, BarAggregation.MONTH, BarAggregation.YEAR)
THRESHOLD_AGGREGATIONS: Final = (
    BarAggregation.TICK,
    BarAggregation.TICK_IMBALANCE,
    BarAggregation.VOLUME,
    BarAggregation.VOLUME_IMBALANCE,
    BarAggregation.VALUE,
    BarAggregation.VALUE_IMBALANCE,
)
INFORMATION_AGGREGATIONS: Final = (BarAggregation.TICK_RUNS, BarAggregation.VOLUME_RUNS, BarAggregation.VALUE_RUNS)
_STEPS_IN: Final[dict[BarAggregation, int]] = {
    BarAggregation.MILLISECOND: 1_000,
    BarAggregation.SECOND: 60,
    BarAggregation.MINUTE: 60,
    BarAggregation.HOUR: 24,
    BarAggregation.MONTH: 12,
}
"""How many of a unit make the next one: a step must divide it, so that bars begin on the unit's round times."""


class BarSpecification(Struct, frozen=True, order=True, cache_hash=True):
    """How bars are made, whatever the instrument: a step, what is counted, and of which price.

    Raises:
        ValueError: if the step is not positive, or does not divide the next larger unit of time.

    """

    step: int
    aggregation: BarAggregation
    price_type: PriceType

    def __post_init__(self) -> None:
        if self.step < 1:
            raise ValueError(f"a bar's step must be positive, was {self.step}")
        unit = _STEPS_IN.get(self.aggregation)
        if unit is not None and (self.step > unit or unit % self.step or (self.step == unit and unit != 1_000)):
            larger = [step for step in range(1, unit) if unit % step == 0]
            raise ValueError(f"a step of {self.aggregation.name} must be one of {larger}, was {self.step}")

    @classmethod
    def from_str(cls, value: str) -> BarSpecification:
        """Return the specification written as `STEP-AGGREGATION-PRICE`.

        Raises:
            ValueError: if it is written otherwise.

        """
        parts = value.split("-")
        if len(parts) != 3:
            raise ValueError(f"a bar specification must be STEP-AGGREGATION-PRICE, was {value!r}")
        return cls(_step(parts[0], value), _aggregation(parts[1], value), _price_type(parts[2], value))

    @classmethod
    def from_timedelta(cls, duration: timedelta, price_type: PriceType) -> BarSpecification:
        """Return the specification of time bars of that length, in the largest unit that fits.

        Raises:
            ValueError: if no unit does.

        """
        length_ns = (duration.days * 86_400 + duration.seconds) * 1_000_000_000 + duration.microseconds * 1_000
        for aggregation, unit_ns in reversed(_NANOSECONDS.items()):
            if length_ns >= unit_ns and length_ns % unit_ns == 0:
                return cls(length_ns // unit_ns, aggregation, price_type)
        raise ValueError(f"a bar's length must be a whole number of milliseconds, was {duration}")

    @property
    def timedelta(self) -> timedelta:
        """The length of a time bar. Raises `ValueError` for bars that time does not complete, months and years."""
        return timedelta(microseconds=self.get_interval_ns() // 1_000)

    def get_interval_ns(self) -> int:
        """Return the length of a time bar in nanoseconds.

        Raises:
            ValueError: for bars that time does not complete, and for months and years, which have no fixed length.

        """
        unit_ns = _NANOSECONDS.get(self.aggregation)
        if unit_ns is None:
            raise ValueError(f"{self}: has no fixed length in time")
        return self.step * unit_ns

    @staticmethod
    def check_time_aggregated(aggregation: BarAggregation) -> bool:
        """Return whether time completes a bar of that aggregation."""
        return aggregation in TIME_AGGREGATIONS

    @staticmethod
    def check_threshold_aggregated(aggregation: BarAggregation) -> bool:
        """Return whether a count that reaches the step completes a bar of that aggregation."""
        return aggregation in THRESHOLD_AGGREGATIONS

    @staticmethod
    def check_information_aggregated(aggregation: BarAggregation) -> bool:
        """Return whether a run of one-sided trading completes a bar of that aggregation."""
        return aggregation in INFORMATION_AGGREGATIONS

    def is_time_aggregated(self) -> bool:
        """Return whether time completes a bar."""
        return self.aggregation in TIME_AGGREGATIONS

    def is_threshold_aggregated(self) -> bool:
        """Return whether a count that reaches the step completes a bar."""
        return self.aggregation in THRESHOLD_AGGREGATIONS

    def is_information_aggregated(self) -> bool:
        """Return whether a run of one-sided trading completes a bar."""
        return self.aggregation in INFORMATION_AGGREGATIONS

    def __str__(self) -> str:
        return f"{self.step}-{self.aggregation.name}-{self.price_type.name}"

    def __repr__(self) -> str:
        return f"BarSpecification({self})"


class BarType(Struct, frozen=True, order=True, cache_hash=True):
    """Which bars: of which instrument, how made, by whom, and for composite ones from which other bars."""

    instrument_id: InstrumentId
    bar_spec: BarSpecification
    aggregation_source: AggregationSource = AggregationSource.EXTERNAL
    composite_spec: BarSpecification | None = None
    composite_source: AggregationSource | None = None

    def __post_init__(self) -> None:
        if (self.composite_spec is None) != (self.composite_source is None):
            raise ValueError(f"{self.instrument_id}: a composite bar type has a specification and a source, or neither")
        if self.composite_spec is not None and self.aggregation_source is not AggregationSource.INTERNAL:
            raise ValueError(f"{self}: bars made of other bars are made here, so the source must be INTERNAL")

    @property
    def spec(self) -> BarSpecification:
        """How the bars are made."""
        return self.bar_spec

    @classmethod
    def from_str(cls, value: str) -> BarType:
        """Return the bar type written as `value`.

        Raises:
            ValueError: if it is written otherwise; it says how it is written.

        """
        standard, at, component = value.partition("@")
        parts = standard.rsplit("-", 4)
        if len(parts) != 5:
            raise ValueError(f"a bar type must be INSTRUMENT-STEP-AGGREGATION-PRICE-SOURCE, was {value!r}")
        instrument_id = InstrumentId.from_str(parts[0])
        spec = BarSpecification(_step(parts[1], value), _aggregation(parts[2], value), _price_type(parts[3], value))
        source = _source(parts[4], value)
        if not at:
            return cls(instrument_id, spec, source)
        pieces = component.split("-")
        if len(pieces) != 3:
            raise ValueError(f"after @ a bar type must have STEP-AGGREGATION-SOURCE, was {value!r}")
        inner = BarSpecification(_step(pieces[0], value), _aggregation(pieces[1], value), spec.price_type)
        return cls(instrument_id, spec, source, inner, _source(pieces[2], value))

    @classmethod
    def new_composite(
        cls,
        instrument_id: InstrumentId,
        bar_spec: BarSpecification,
        aggregation_source: AggregationSource,
        composite_step: int,
        composite_aggregation: BarAggregation,
        composite_aggregation_source: AggregationSource,
    ) -> BarType:
        """Return the type of bars that are made of other bars of the same instrument and price."""
        inner = BarSpecification(composite_step, composite_aggregation, bar_spec.price_type)
        return cls(instrument_id, bar_spec, aggregation_source, inner, composite_aggregation_source)

    def id_spec_key(self) -> tuple[InstrumentId, BarSpecification]:
        """Return what two bar types share that differ only in who makes the bars."""
        return self.instrument_id, self.spec

    def is_composite(self) -> bool:
        """Return whether the bars are made of other bars."""
        return self.composite_spec is not None

    def is_standard(self) -> bool:
        """Return whether the bars are made of ticks."""
        return self.composite_spec is None

    def standard(self) -> BarType:
        """Return the type that the finished bars carry, without what they are made of."""
        if self.composite_spec is None:
            return self
        return BarType(self.instrument_id, self.bar_spec, self.aggregation_source)

    def composite(self) -> BarType:
        """Return the type of the bars that these are made of; of a standard type, the type itself."""
        if self.composite_spec is None or self.composite_source is None:
            return self
        return BarType(self.instrument_id, self.composite_spec, self.composite_source)

    def is_externally_aggregated(self) -> bool:
        """Return whether somebody else makes the bars."""
        return self.aggregation_source is AggregationSource.EXTERNAL

    def is_internally_aggregated(self) -> bool:
        """Return whether the node makes the bars."""
        return self.aggregation_source is AggregationSource.INTERNAL

    def __str__(self) -> str:
        text = f"{self.instrument_id}-{self.bar_spec}-{self.aggregation_source.name}"
        if self.composite_spec is None or self.composite_source is None:
            return text
        inner = self.composite_spec
        return f"{text}@{inner.step}-{inner.aggregation.name}-{self.composite_source.name}"

    def __repr__(self) -> str:
        return f"BarType({self})"


class Bar(MarketData, frozen=True, gc=False, tag=True):
    """Open, high, low and close price and the volume of one bar. `ts_event` is its close (or open, as configured).

    Raises:
        ValueError: if high is not the highest or low not the lowest price.

    """

    bar_type: BarType
    open: Price
    high: Price
    low: Price
    close: Price
    volume: Quantity
    ts_event: int
    ts_init: int
    is_revision: bool = False

    def __post_init__(self) -> None:
        high, low = self.high.value, self.low.value
        if not (low <= self.open.value <= high and low <= self.close.value <= high):
            prices = f"open {self.open} high {self.high} low {self.low} close {self.close}"
            raise ValueError(f"{self.bar_type}: a bar's prices must lie between its low and its high, was {prices}")

    @staticmethod
    def from_raw(
        bar_type: BarType,
        open: int,  # noqa: A002  # the ecosystem's name
        high: int,
        low: int,
        close: int,
        price_prec: int,
        volume: int,
        size_prec: int,
        ts_event: int,
        ts_init: int,
    ) -> Bar:
        """Return the bar with those numbers in units of 10 to the power of -16."""
        first, most, least, last = (Price.from_raw(raw, price_prec) for raw in (open, high, low, close))
        return Bar(bar_type, first, most, least, last, Quantity.from_raw(volume, size_prec), ts_event, ts_init)

    @property
    def instrument_id(self) -> InstrumentId:
        """The instrument the bar is of."""
        return self.bar_type.instrument_id

    def is_single_price(self) -> bool:
        """Return whether all four prices are one."""
        return self.open == self.high == self.low == self.close


def _step(text: str, whole: str) -> int:
    if not text.isdecimal():
        raise ValueError(f"a bar's step must be a positive whole number, was {text!r} in {whole!r}")
    return int(text)


def _aggregation(text: str, whole: str) -> BarAggregation:
    try:
        return BarAggregation[text]
    except KeyError:
        known = ", ".join(kind.name for kind in BarAggregation)
        raise ValueError(f"a bar's aggregation must be one of {known}, was {text!r} in {whole!r}") from None


def _price_type(text: str, whole: str) -> PriceType:
    try:
        return PriceType[text]
    except KeyError:
        known = ", ".join(kind.name for kind in PriceType)
        raise ValueError(f"a bar's price must be one of {known}, was {text!r} in {whole!r}") from None


def _source(text: str, whole: str) -> AggregationSource:
    try:
        return AggregationSource[text]
    except KeyError:
        raise ValueError(f"a bar's source must be EXTERNAL or INTERNAL, was {text!r} in {whole!r}") from None
