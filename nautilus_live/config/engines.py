"""The data engine and the risk engine, each with what a live node adds to it. Numbers behind the names are defaults."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta, field

from nautilus_live.config.base import NautilusConfig
from nautilus_live.config.kinds import InstrumentIdText, NonNegativeInt, PositiveFloat, PositiveInt, Rate
from nautilus_live.model.enums import BarAggregation
from nautilus_live.model.identifiers import ClientId

QUEUE_SIZE_DEFAULT = 100_000


class DataEngineConfig(NautilusConfig, frozen=True, kw_only=True):
    """The data engine.

    Attributes:
        time_bars_interval_type ('left-open'): Which end of its interval a bar leaves out: `left-open` or
            `right-open`.
        time_bars_timestamp_on_close (True): Whether a bar carries the time of its close rather than of its open.
        time_bars_skip_first_non_full_bar (False): Whether the bar that was under way at the subscription is left out.
        time_bars_build_with_no_updates (True): Whether an interval without a trade has a bar.
        time_bars_origin_offset (None): By how much the bars of an aggregation are shifted from the clock's round
            times, as `{"DAY": "PT9H30M"}`.
        time_bars_build_delay (0): Microseconds by which a bar is closed late, so that its last trades arrive.
        validate_data_sequence (False): Whether data older than what came before is dropped.
        buffer_deltas (False): Whether book changes are held back until the venue's message is complete.
        emit_quotes_from_book (False): Whether a quote is published whenever the top of a book changes.
        emit_quotes_from_book_depths (False): Whether a quote is published for every depth update.
        external_clients (None): Data clients that other nodes run; what is asked of them by name goes out on the bus
            only, as `commands.data.CLIENT_ID`.
        stale_data_secs (None): Seconds after which a subscription for which nothing arrives is told of as stale, unless
            the venue says that its market is quiet; a time bar has its interval besides. None never tells. Own
            addition.
        debug (False): Whether it is logged at INFO, not DEBUG, which data begin and cease to be wanted, and which
            questions are asked.

    """

    time_bars_interval_type: Literal["left-open", "right-open"] = "left-open"
    time_bars_timestamp_on_close: bool = True
    time_bars_skip_first_non_full_bar: bool = False
    time_bars_build_with_no_updates: bool = True
    time_bars_origin_offset: dict[BarAggregation, timedelta] | None = None
    time_bars_build_delay: NonNegativeInt = 0
    validate_data_sequence: bool = False
    buffer_deltas: bool = False
    emit_quotes_from_book: bool = False
    emit_quotes_from_book_depths: bool = False
    external_clients: list[ClientId] | None = None
    stale_data_secs: PositiveFloat | None = None
    debug: bool = False


class LiveDataEngineConfig(DataEngineConfig, frozen=True, kw_only=True):
    """The data engine of a live node.

    Attributes:
        qsize (100000): Messages that the engine's queue holds. While there are more, senders that can wait do, of each
            instrument's quotes only the latest is kept, and nothing else is lost.
        graceful_shutdown_on_exception (False): Whether an unexpected error stops the node in order instead of ending
            the process.

    """

    qsize: PositiveInt = QUEUE_SIZE_DEFAULT
    graceful_shutdown_on_exception: bool = False


class RiskEngineConfig(NautilusConfig, frozen=True, kw_only=True):
    """The risk engine: what is checked before an order leaves.

    Attributes:
        bypass (False): Whether orders go out unchecked.
        max_order_submit_rate ('100/00:00:01'): Orders that may be sent in an interval, `LIMIT/HH:MM:SS`; what an
            earlier life of the node sent counts.
        max_order_modify_rate ('100/00:00:01'): Modifications that may be sent in an interval, `LIMIT/HH:MM:SS`.
        max_notional_per_order ({}): The largest value of one order for an instrument id, in its quote currency.
            Integers in the reference; decimals here.
        debug (False): Whether each command that is checked is logged, at INFO.

    """

    bypass: bool = False
    max_order_submit_rate: Rate = "100/00:00:01"
    max_order_modify_rate: Rate = "100/00:00:01"
    max_notional_per_order: dict[InstrumentIdText, Annotated[Decimal, Meta(gt=0)]] = field(default_factory=dict)
    debug: bool = False


class LiveRiskEngineConfig(RiskEngineConfig, frozen=True, kw_only=True):
    """The risk engine of a live node.

    Attributes:
        qsize (100000): Commands that passed the checks and wait for the execution engine; more orders are denied, more
            modifications rejected.
        graceful_shutdown_on_exception (False): Whether an unexpected error stops the node in order instead of ending
            the process. Either way, what could not be checked is refused.

    """

    qsize: PositiveInt = QUEUE_SIZE_DEFAULT
    graceful_shutdown_on_exception: bool = False
