"""Prices as they were: a recording in CSV or Parquet, row by row, as steps of a market.

May know: the model, market steps, the rows that `recording.py` reads. Goes through one file, one row at a time, so a
recording may be of any length. Promises: the same file gives the same steps; a row that cannot be read is named with
its place and what would be right, before anything happens of what it says. What is taken from a level stays taken until
the recording says another size there, if the venue's profile asks for that (`book_refresh = "changed"`).

The columns are documented in `sandbox_venues/README.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

from nautilus_live.model.instruments import InstrumentAny
from sandbox_venues.calendar import PHASES
from sandbox_venues.market import MarketStep
from sandbox_venues.recording import Moment, Row, read_rows

Level = tuple[Decimal, Decimal]
UNITS = {"ns": 1, "us": 1_000, "ms": 1_000_000, "s": 1_000_000_000}
SECOND_NS = 1_000_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LEVELS_MAX = 50
SIGNS = {"bid": -1, "ask": 1}
"""In which direction prices get worse on each side of a book."""
SHOWN_MAX = 5
"""How many names an error shows of what a recording has instead."""
BAR_POINTS = ("open", "low", "high", "close")
SIDES = {
    "BUY": "BUY", "SELL": "SELL", "BUYER": "BUY", "SELLER": "SELL", "B": "BUY", "S": "SELL", "A": "SELL",
}  # fmt: skip
KNOWN = ("ts", "instrument", "bid", "ask", "price", "mark", "index", "funding_rate", "phase", "open")
"""A recording must have `ts` and one of the others."""


class Replay(Struct, frozen=True, kw_only=True):
    """A recording to be played.

    Attributes:
        path: the file; `.parquet` and `.pq` are Parquet, everything else is CSV with a header.
        unit: what `ts` counts, where it is a number and no text in ISO 8601.
        speed: how many times faster than it was.
        size: the size of quotes and bars that do not say one.
        bar_secs: how long a bar lasts.
        spread_ticks: the distance of bid and ask where only bars are known.

    """

    path: Path
    unit: Literal["ns", "us", "ms", "s"] = "ns"
    speed: Decimal = Decimal(1)
    size: Decimal = Decimal(1_000)
    bar_secs: float = 60.0
    spread_ticks: int = 1

    def __post_init__(self) -> None:
        if self.speed <= 0 or self.size <= 0 or self.bar_secs <= 0 or self.spread_ticks < 1:
            raise ValueError(
                "speed, size, bar_secs and spread_ticks must be positive,"
                f" was {self.speed}, {self.size}, {self.bar_secs}, {self.spread_ticks}"
            )

    def steps(self, instrument: InstrumentAny) -> Iterator[MarketStep]:
        """Yield what the rest of the world does in the market of an instrument; rows of others are passed over.

        Raises:
            ValueError: if the file or a row cannot be read; `ImportError` if it is Parquet and pyarrow is missing.

        """
        before_ns: int | None = None
        others: dict[str, None] = {}
        for place, row in read_rows(self.path):
            if not place:
                _check_columns(self.path, row)
                continue
            try:
                name = _text(row, "instrument")
                if name not in (None, str(instrument.id), str(instrument.id.symbol)):
                    others[str(name)] = None
                    continue
                at_ns = self._time(row)
                for offset_ns, action, arguments in list(self._actions(row, instrument)):
                    now_ns = at_ns + offset_ns
                    if before_ns is not None and now_ns < before_ns:
                        raise ValueError(self._too_early(row, before_ns, now_ns))
                    waited_ns = 0 if before_ns is None else now_ns - before_ns
                    before_ns = now_ns
                    step = {"instrument": str(instrument.id), **arguments}
                    yield MarketStep(float(waited_ns / self.speed) / SECOND_NS, action, step)
            except ValueError as error:
                raise ValueError(f"{self.path}: {place}: {error}") from error
        if before_ns is None:
            had = f"rows of {', '.join(list(others)[:SHOWN_MAX])}" if others else "none"
            raise ValueError(f"{self.path}: must have rows of {instrument.id} that say something, had {had}")

    def _too_early(self, row: Row, before_ns: int, now_ns: int) -> str:
        bars = f"; bars last {self.bar_secs} s (`bar_secs`)" if _text(row, "open") is not None else ""
        return f"ts must not be before what came before it ({before_ns}{bars}), was {now_ns}"

    def _time(self, row: Row) -> int:
        """Return the time of a row in nanoseconds since 1970."""
        value = row.get("ts")
        if isinstance(value, Moment):
            return int(value)
        if isinstance(value, datetime):
            return _nanoseconds(value)
        text = _text(row, "ts")
        if text is None:
            raise ValueError("ts must be a time, was empty")
        wrong = f"ts must be a number of {self.unit} or a time in ISO 8601, was {text!r}"
        try:
            number = Decimal(text)
        except InvalidOperation:
            try:
                return _nanoseconds(datetime.fromisoformat(text))
            except ValueError:
                raise ValueError(wrong) from None
        if not number.is_finite():
            raise ValueError(wrong)
        return int(number * UNITS[self.unit])

    def _actions(self, row: Row, instrument: InstrumentAny) -> Iterator[tuple[int, str, dict[str, Any]]]:
        """Yield what a row says, each with how long after its time: (nanoseconds, action, arguments)."""
        phase = _text(row, "phase")
        if phase is not None:
            if phase not in PHASES:
                raise ValueError(f"phase must be one of {', '.join(PHASES)}, was {phase!r}")
            yield 0, "set_phase", {"phase": phase}
        prices = {name: _price(row, name) for name in ("mark", "index")}
        if any(value is not None for value in prices.values()):
            yield 0, "set_price", {name: value for name, value in prices.items() if value is not None}
        rate = _number(row, "funding_rate")
        if rate is not None:
            yield 0, "set_funding", {"rate": rate}
        bids, asks = (self._levels(row, side, instrument) for side in SIGNS)
        if bids or asks:
            if bids and asks and bids[0][0] >= asks[0][0]:
                raise ValueError(f"bid must be below ask, was {bids[0][0]} / {asks[0][0]}")
            yield 0, "set_book", {"bids": bids, "asks": asks}
        price = _price(row, "price")
        if price is not None:
            yield 0, "print_trade", self._trade(row, price, instrument)
        if _text(row, "open") is not None:
            yield from self._bar(row, instrument)

    def _levels(self, row: Row, side: str, instrument: InstrumentAny) -> list[Level]:
        """Return the levels of one side, best first: `bid`, `bid_1`, `bid_2` ... with `bid_size`, `bid_size_1` ..."""
        levels: list[Level] = []
        for depth in range(LEVELS_MAX):
            suffix = f"_{depth}" if depth else ""
            price, size = _number(row, side + suffix), _number(row, f"{side}_size{suffix}")
            if price is None:
                break
            if size == 0:
                continue
            at = instrument.make_price(_positive(side + suffix, price)).value
            before = levels[-1][0] if levels else None
            if before is not None and (at - before) * SIGNS[side] <= 0:
                raise ValueError(f"{side}{suffix} must be further away than the level before, {before}, was {at}")
            amount = self.size if size is None else _positive(f"{side}_size{suffix}", size)
            levels.append((at, instrument.make_qty(amount).value))
        return levels

    def _trade(self, row: Row, price: Decimal, instrument: InstrumentAny) -> dict[str, Any]:
        size, side = _number(row, "size"), _text(row, "side")
        if size is None or size <= 0:
            raise ValueError(f"a trade must have a positive size, was {size}")
        if side is not None and side.upper() not in SIDES:
            raise ValueError(f"side must be one of {', '.join(SIDES)} or empty, was {side!r}")
        known = None if side is None else SIDES[side.upper()]
        return {
            "price": instrument.make_price(price).value, "quantity": instrument.make_qty(size).value, "side": known,
        }  # fmt: skip

    def _bar(self, row: Row, instrument: InstrumentAny) -> Iterator[tuple[int, str, dict[str, Any]]]:
        """Yield a book at each of the four prices of a bar, a quarter of its time apart: the low before the high if
        the bar rose, the other way round if it fell.
        """
        points = {name: _price(row, name) for name in BAR_POINTS}
        opened, low, high, closed = points.values()
        if opened is None or low is None or high is None or closed is None:
            raise ValueError(f"a bar must have open, high, low and close, was {points}")
        if not low <= min(opened, closed) <= max(opened, closed) <= high:
            raise ValueError(f"a bar must have all prices between its low and its high, was {points}")
        volume = _number(row, "volume")
        size = instrument.make_qty(self.size if volume is None else max(volume / 4, instrument.size_increment.value))
        spread = instrument.price_increment.value * self.spread_ticks
        path = (opened, low, high, closed) if closed >= opened else (opened, high, low, closed)
        for quarter, price in enumerate(path):
            bid = instrument.make_price(price).value
            book = {"bids": [(bid, size.value)], "asks": [(bid + spread, size.value)]}
            yield round(self.bar_secs * SECOND_NS) * quarter // 4, "set_book", book


def _check_columns(path: Path, names: Iterable[str]) -> None:
    found = list(names)
    if "ts" not in found or not any(name in found for name in KNOWN[2:]):
        raise ValueError(f"{path}: must have a column ts and one of {', '.join(KNOWN[2:])}, was {', '.join(found)}")


def _text(row: Row, name: str) -> str | None:
    """Return a cell as text, `None` if it is empty or not there."""
    value = row.get(name)
    text = "" if value is None else str(value).strip()
    return text or None


def _number(row: Row, name: str) -> Decimal | None:
    """Return a cell as a number, `None` if it is empty, not there, or not a number at all (NaN)."""
    text = _text(row, name)
    if text is None:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{name} must be a number, was {text!r}") from None
    if number.is_infinite():
        raise ValueError(f"{name} must be a number, was {text!r}")
    return None if number.is_nan() else number


def _price(row: Row, name: str) -> Decimal | None:
    """Return a cell as a price, `None` if it says nothing."""
    number = _number(row, name)
    return None if number is None else _positive(name, number)


def _positive(name: str, number: Decimal) -> Decimal:
    if number <= 0:
        raise ValueError(f"{name} must be positive, was {number}")
    return number


def _nanoseconds(time: datetime) -> int:
    aware = time if time.tzinfo is not None else time.replace(tzinfo=UTC)
    return (aware - EPOCH) // timedelta(microseconds=1) * 1_000
