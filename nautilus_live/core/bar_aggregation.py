"""Bars made here: ticks, or smaller bars, gathered until time or a threshold completes a bar.

Pure: an aggregator takes updates and gives the bars that they complete; time bars are completed by `close`, which the
shell calls at the moments that `next_close_ns` names. Promises:

1. Nothing is lost: the volumes of the bars add up to the volumes that went in, whatever is split between them; those
   of MID prices, of which half sizes come, with one decimal place more than the instrument has.
2. An update that comes too late for its bar goes into the next one; a finished bar never changes.
   A time bar made of smaller time bars is over with the one that ends it, and has all of them.
3. A bar's open is its first price, its close the last; high and low span all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_DOWN, Decimal
from typing import Final

from nautilus_live.model.bars import Bar, BarType
from nautilus_live.model.enums import BarAggregation, PriceType
from nautilus_live.model.instruments import Instrument, SyntheticInstrument
from nautilus_live.model.objects import MAX_PRECISION, Price, Quantity

Priced = Instrument | SyntheticInstrument
"""What bars can be made of."""

_ZERO = Decimal(0)
NANOSECONDS_PER_DAY: Final = 86_400_000_000_000
_MONDAY_NS: Final = 4 * NANOSECONDS_PER_DAY
"""The first Monday after the epoch, a Thursday: weeks begin on Mondays."""


class BarBuilder:
    """One bar in the making."""

    def __init__(self, instrument: Priced, bar_type: BarType) -> None:
        self.bar_type = bar_type.standard()
        self.count = 0
        self.ts_last = 0
        self.volume = _ZERO
        is_mid = bar_type.spec.price_type is PriceType.MID
        self._size_precision = min(instrument.size_precision + is_mid, MAX_PRECISION)
        self._open: Price | None = None
        self._high: Price | None = None
        self._low: Price | None = None
        self._close: Price | None = None

    @property
    def has_price(self) -> bool:
        """Whether any price was ever seen, so that a bar can be made."""
        return self._close is not None

    def update(self, price: Price, size: Decimal, ts: int) -> None:
        """Take a price and the size traded or quoted at it."""
        if self._open is None:
            self._open = self._high = self._low = price
        elif price.value > self._high.value:  # type: ignore[union-attr]  # set together with the open
            self._high = price
        elif price.value < self._low.value:  # type: ignore[union-attr]  # the same
            self._low = price
        self._close = price
        self.volume += size
        self.count += 1
        self.ts_last = ts

    def update_bar(self, bar: Bar, volume: Decimal, ts: int) -> None:
        """Take a smaller bar, or `volume` of one."""
        self.update(bar.open, volume, ts)
        if bar.high.value > self._high.value:  # type: ignore[union-attr]  # the open has just set it
            self._high = bar.high
        if bar.low.value < self._low.value:  # type: ignore[union-attr]  # the same
            self._low = bar.low
        self._close = bar.close

    def build(self, ts_event: int, ts_init: int) -> Bar:
        """Return the bar and begin the next one, whose price is known only once it has an update of its own."""
        close = self._close
        assert close is not None, "a bar is built once a price is known"
        prices = self._open or close, self._high or close, self._low or close, close
        bar = Bar(self.bar_type, *prices, self.take_volume(), ts_event, ts_init)
        self.drop()
        return bar

    def take_volume(self) -> Quantity:
        """Return what was traded or quoted, and begin to count anew."""
        volume, self.volume = Quantity(self.volume, self._size_precision), _ZERO
        return volume

    def drop(self) -> None:
        """Begin anew without a bar."""
        self._open = self._high = self._low = None
        self.volume = _ZERO
        self.count = 0


class BarAggregator:
    """Makes bars of one type. Subclasses say what completes a bar."""

    def __init__(self, instrument: Priced, bar_type: BarType) -> None:
        self.bar_type = bar_type
        self.instrument = instrument
        self.builder = BarBuilder(instrument, bar_type)
        self.step = Decimal(bar_type.spec.step)

    def update(self, price: Price, size: Decimal, ts: int) -> list[Bar]:
        """Take a tick; return the bars that it completes, in order."""
        self.builder.update(price, size, ts)
        return self._completed(ts)

    def update_bar(self, bar: Bar) -> list[Bar]:
        """Take a smaller bar; return the bars that it completes, in order."""
        self.builder.update_bar(bar, bar.volume.value, bar.ts_init)
        return self._completed(bar.ts_init)

    def _completed(self, ts: int) -> list[Bar]:
        return []


class TickBarAggregator(BarAggregator):
    """A bar for every so many updates."""

    def _completed(self, ts: int) -> list[Bar]:
        return [self.builder.build(ts, ts)] if self.builder.count >= self.step else []


class _SpreadingAggregator(BarAggregator):
    """Spreads an update that is too large for one bar over several; subclasses say how much a bar still takes."""

    def update(self, price: Price, size: Decimal, ts: int) -> list[Bar]:
        """Take a tick; return the bars that it completes, in order."""
        return self._spread(price.value, size, ts, lambda part: self.builder.update(price, part, ts))

    def update_bar(self, bar: Bar) -> list[Bar]:
        """Take a smaller bar, valued at its typical price; return the bars that it completes, in order."""
        typical = (bar.high.value + bar.low.value + bar.close.value) / 3
        ts = bar.ts_init
        return self._spread(typical, bar.volume.value, ts, lambda part: self.builder.update_bar(bar, part, ts))

    def _spread(self, price: Decimal, size: Decimal, ts: int, take: Callable[[Decimal], None]) -> list[Bar]:
        bars = []
        while (part := self._completing(price, size)) is not None:
            take(part)
            bars.append(self.builder.build(ts, ts))
            self._begin()
            size -= part
        if size > 0:
            take(size)
            self._count(price, size)
        return bars

    def _completing(self, price: Decimal, size: Decimal) -> Decimal | None:
        """Return how much of `size` completes the bar, None if it all fits in."""
        raise NotImplementedError

    def _begin(self) -> None:
        """Begin to count anew."""

    def _count(self, price: Decimal, size: Decimal) -> None:
        """Count what fitted in."""


class VolumeBarAggregator(_SpreadingAggregator):
    """A bar for every so much volume."""

    def _completing(self, price: Decimal, size: Decimal) -> Decimal | None:
        missing = self.step - self.builder.volume
        return missing if size >= missing else None


class ValueBarAggregator(_SpreadingAggregator):
    """A bar for every so much value (price x size x multiplier).

    Sizes are cut at the instrument's precision, so a bar's value may fall short of the step by less than one unit of
    size, and the rest goes into the next bar.
    """

    def __init__(self, instrument: Priced, bar_type: BarType) -> None:
        super().__init__(instrument, bar_type)
        self.value = _ZERO
        self._unit = Decimal(1).scaleb(-instrument.size_precision)
        self._multiplier = instrument.multiplier.value

    def _completing(self, price: Decimal, size: Decimal) -> Decimal | None:
        return completing_size(size, abs(price) * self._multiplier, self.step - self.value, self._unit)

    def _begin(self) -> None:
        self.value = _ZERO

    def _count(self, price: Decimal, size: Decimal) -> None:
        self.value += abs(price) * self._multiplier * size


def completing_size(size: Decimal, worth: Decimal, missing: Decimal, unit: Decimal) -> Decimal | None:
    """Return how much of `size`, worth `worth` a piece, makes up for what is `missing`, cut at `unit`; None for all."""
    if not worth or worth * size < missing:
        return None
    # At least one unit, so that bars end.
    return min(size, max((missing / worth).quantize(unit, ROUND_DOWN), unit))


class TimeBarAggregator(BarAggregator):
    """A bar for every interval of the clock.

    Args:
        instrument: what the bars are of.
        bar_type: a type that time completes.
        now_ns: the moment of the subscription; the first interval is the one it lies in.
        timestamp_on_close: whether a bar carries the time of its close rather than of its open.
        skip_first_non_full_bar: whether the interval under way at the subscription makes no bar.
        build_with_no_updates: whether an interval without an update makes a bar of the last price.
        is_left_open: whether an update at the very moment of the close belongs to the bar that closes (the interval
            leaves its beginning out) or to the next one.
        origin_offset_ns: by how much intervals are shifted from the clock's round times.

    """

    def __init__(
        self,
        instrument: Priced,
        bar_type: BarType,
        now_ns: int,
        *,
        timestamp_on_close: bool = True,
        skip_first_non_full_bar: bool = False,
        build_with_no_updates: bool = True,
        is_left_open: bool = True,
        origin_offset_ns: int = 0,
    ) -> None:
        super().__init__(instrument, bar_type)
        self.part_ns = part_length(bar_type)
        self._timestamp_on_close = timestamp_on_close
        self._parts_on_close = timestamp_on_close or bar_type.composite().is_externally_aggregated()
        self._build_with_no_updates = build_with_no_updates
        self._grace_ns = 1 if is_left_open else 0
        self._offset_ns = origin_offset_ns
        self.open_ns = interval_start(bar_type, now_ns, origin_offset_ns)
        self.next_close_ns = interval_end(bar_type, self.open_ns, origin_offset_ns)
        self._skips = skip_first_non_full_bar and self.open_ns != now_ns

    def update(self, price: Price, size: Decimal, ts: int) -> list[Bar]:
        """Take a tick of `ts` (the venue's time); return the bars that it shows to be over, before it is counted."""
        bars = self.close(ts) if ts >= self.next_close_ns + self._grace_ns else []
        self.builder.update(price, size, ts)
        return bars

    def update_bar(self, bar: Bar, now_ns: int | None = None) -> list[Bar]:
        """Take a smaller bar; return the bars that it shows to be over before it, and the one that it ends.

        At `now_ns` the middle of every bar that is over is past; without it, the bar's own time is believed.
        """
        if not self.part_ns:
            return super().update_bar(bar)  # completed by a count, it says nothing of the time
        middle_ns = self.middle_ns(bar) if now_ns is None else min(self.middle_ns(bar), now_ns)
        bars = self.close(middle_ns, bar.ts_init)
        self.builder.update_bar(bar, bar.volume.value, bar.ts_init)
        return bars + self.close(middle_ns + self.part_ns, bar.ts_init)

    def middle_ns(self, bar: Bar) -> int:
        """Return the middle of a smaller time bar; venues stamp the end a little before or after the round time."""
        return bar.ts_event + (-self.part_ns // 2 if self._parts_on_close else self.part_ns // 2)

    def close(self, until_ns: int, now_ns: int | None = None) -> list[Bar]:
        """Complete the bars whose intervals end by `until_ns`; `next_close_ns` is later than that afterwards.

        Bars are made at `now_ns`, without it at `until_ns`, but never before their time.
        """
        bars = []
        while self.next_close_ns <= until_ns:
            bar = self._close_one(until_ns if now_ns is None else now_ns)
            if bar is not None:
                bars.append(bar)
            self.open_ns = self.next_close_ns
            self.next_close_ns = interval_end(self.bar_type, self.open_ns, self._offset_ns)
        return bars

    def _close_one(self, now_ns: int) -> Bar | None:
        builder = self.builder
        if not builder.has_price or not (builder.count or self._build_with_no_updates):
            self._skips = False
            return None
        ts_event = self.next_close_ns if self._timestamp_on_close else self.open_ns
        bar = builder.build(ts_event, max(now_ns, ts_event))
        if self._skips:
            self._skips = False
            return None
        return bar


def part_length(bar_type: BarType) -> int:
    """Return how long the time bars are that these are made of, in nanoseconds; 0 if they are made of none."""
    spec = bar_type.composite().spec
    if not bar_type.is_composite() or spec.aggregation in (BarAggregation.MONTH, BarAggregation.YEAR):
        return 0
    return spec.get_interval_ns() if spec.is_time_aggregated() else 0


def interval_start(bar_type: BarType, now_ns: int, offset_ns: int = 0) -> int:
    """Return the beginning of the interval that `now_ns` lies in."""
    spec, moment_ns = bar_type.spec, now_ns - offset_ns
    if spec.aggregation in (BarAggregation.MONTH, BarAggregation.YEAR):
        months = _month_of(moment_ns // NANOSECONDS_PER_DAY)
        step = spec.step if spec.aggregation is BarAggregation.MONTH else 12 * spec.step
        return _day_of_month(months - months % step) * NANOSECONDS_PER_DAY + offset_ns
    length_ns = spec.get_interval_ns()
    origin_ns = _MONDAY_NS if spec.aggregation is BarAggregation.WEEK else 0
    return moment_ns - (moment_ns - origin_ns) % length_ns + offset_ns


def interval_end(bar_type: BarType, start_ns: int, offset_ns: int = 0) -> int:
    """Return the end of the interval that begins at `start_ns`."""
    spec = bar_type.spec
    if spec.aggregation in (BarAggregation.MONTH, BarAggregation.YEAR):
        months = _month_of((start_ns - offset_ns) // NANOSECONDS_PER_DAY)
        step = spec.step if spec.aggregation is BarAggregation.MONTH else 12 * spec.step
        return _day_of_month(months + step) * NANOSECONDS_PER_DAY + offset_ns
    return start_ns + spec.get_interval_ns()


def _month_of(day: int) -> int:
    """Return how many months lie between year 0 and the month of `day` (days since 1970).

    The proleptic Gregorian calendar counted from March, so that the leap day ends a year.
    """
    shifted = day + 719_468
    era, day_of_era = divmod(shifted, 146_097)
    year_of_era = (day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_from_march = (5 * day_of_year + 2) // 153
    return (era * 400 + year_of_era) * 12 + month_from_march + 2


def _day_of_month(months: int) -> int:
    """Return the first day (days since 1970) of the month that lies `months` after year 0."""
    year, month_from_march = divmod(months - 2, 12)
    era, year_of_era = divmod(year, 400)
    day_of_year = (153 * month_from_march + 2) // 5
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return era * 146_097 + day_of_era - 719_468


THRESHOLD_AGGREGATORS: Final[dict[BarAggregation, type[BarAggregator]]] = {
    BarAggregation.TICK: TickBarAggregator,
    BarAggregation.VOLUME: VolumeBarAggregator,
    BarAggregation.VALUE: ValueBarAggregator,
}
"""What makes the bars that a count of everything completes."""
