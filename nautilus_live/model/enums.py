"""Enumerations. Values are integers so that they hash and encode at C speed; numbers follow the ecosystem's."""

from __future__ import annotations

from enum import Enum, IntEnum, unique


class NamedEnum(IntEnum):
    """An integer enumeration that prints as its name."""

    def __str__(self) -> str:
        return self._name_

    @classmethod
    def _missing_(cls, value: object) -> NamedEnum | None:
        return cls.__members__.get(value) if isinstance(value, str) else None  # `BookType("L2_MBP")`


@unique
class AccountType(NamedEnum):
    """What an account may do."""

    CASH = 1
    MARGIN = 2
    BETTING = 3


@unique
class AggressorSide(NamedEnum):
    """Who crossed the spread in a public trade."""

    NO_AGGRESSOR = 0
    BUYER = 1
    SELLER = 2


@unique
class AssetClass(NamedEnum):
    """What an instrument is about."""

    FX = 1
    EQUITY = 2
    COMMODITY = 3
    DEBT = 4
    INDEX = 5
    CRYPTOCURRENCY = 6
    ALTERNATIVE = 7


@unique
class BookAction(NamedEnum):
    """What a change does to an order book."""

    ADD = 1
    UPDATE = 2
    DELETE = 3
    CLEAR = 4


@unique
class BookType(NamedEnum):
    """How much of an order book is known."""

    L1_MBP = 1
    L2_MBP = 2
    L3_MBO = 3


@unique
class ContingencyType(NamedEnum):
    """How linked orders act on each other."""

    NO_CONTINGENCY = 0
    OCO = 1
    OTO = 2
    OUO = 3


@unique
class CurrencyType(NamedEnum):
    """The kind of a currency."""

    CRYPTO = 1
    FIAT = 2
    COMMODITY_BACKED = 3


@unique
class InstrumentClass(NamedEnum):
    """The legal form of an instrument."""

    SPOT = 1
    SWAP = 2
    FUTURE = 3
    FUTURES_SPREAD = 4
    FORWARD = 5
    CFD = 6
    BOND = 7
    OPTION = 8
    OPTION_SPREAD = 9
    WARRANT = 10
    SPORTS_BETTING = 11
    BINARY_OPTION = 12


@unique
class LiquiditySide(NamedEnum):
    """Whether a fill made or took liquidity."""

    NO_LIQUIDITY_SIDE = 0
    MAKER = 1
    TAKER = 2


@unique
class OmsType(NamedEnum):
    """How positions are kept: one per instrument (netting) or several (hedging)."""

    UNSPECIFIED = 0
    NETTING = 1
    HEDGING = 2


@unique
class OptionKind(NamedEnum):
    """Whether an option is the right to buy or to sell."""

    CALL = 1
    PUT = 2


@unique
class OrderSide(NamedEnum):
    """Buy or sell."""

    NO_ORDER_SIDE = 0
    BUY = 1
    SELL = 2

    @property
    def sign(self) -> int:
        """+1 for BUY, -1 for SELL."""
        return 1 if self is OrderSide.BUY else -1

    @property
    def opposite(self) -> OrderSide:
        """The other side."""
        return OrderSide.SELL if self is OrderSide.BUY else OrderSide.BUY


@unique
class OrderStatus(NamedEnum):
    """Where an order is in its life; `core/order_lifecycle.py` says what may follow what."""

    INITIALIZED = 1
    DENIED = 2
    EMULATED = 3
    RELEASED = 4
    SUBMITTED = 5
    ACCEPTED = 6
    REJECTED = 7
    CANCELED = 8
    EXPIRED = 9
    TRIGGERED = 10
    PENDING_UPDATE = 11
    PENDING_CANCEL = 12
    PARTIALLY_FILLED = 13
    FILLED = 14


@unique
class OrderType(NamedEnum):
    """The kind of an order."""

    MARKET = 1
    LIMIT = 2
    STOP_MARKET = 3
    STOP_LIMIT = 4
    MARKET_TO_LIMIT = 5
    MARKET_IF_TOUCHED = 6
    LIMIT_IF_TOUCHED = 7
    TRAILING_STOP_MARKET = 8
    TRAILING_STOP_LIMIT = 9


@unique
class PositionSide(NamedEnum):
    """Long, short or flat."""

    NO_POSITION_SIDE = 0
    FLAT = 1
    LONG = 2
    SHORT = 3


@unique
class PriceType(NamedEnum):
    """Which price of a market is meant."""

    BID = 1
    ASK = 2
    MID = 3
    LAST = 4
    MARK = 5


@unique
class RecordFlag(NamedEnum):
    """What a record of market data is part of; the flags of one record are added up."""

    F_LAST = 128
    F_TOB = 64
    F_SNAPSHOT = 32
    F_MBP = 16


@unique
class TimeInForce(NamedEnum):
    """How long an order stays working."""

    GTC = 1
    IOC = 2
    FOK = 3
    GTD = 4
    DAY = 5
    AT_THE_OPEN = 6
    AT_THE_CLOSE = 7


@unique
class TradingState(NamedEnum):
    """What the risk engine lets through."""

    ACTIVE = 1
    HALTED = 2
    REDUCING = 3


@unique
class TrailingOffsetType(NamedEnum):
    """The unit of a trailing offset."""

    NO_TRAILING_OFFSET = 0
    PRICE = 1
    BASIS_POINTS = 2
    TICKS = 3
    PRICE_TIER = 4


@unique
class TriggerType(NamedEnum):
    """Which price triggers a conditional order."""

    NO_TRIGGER = 0
    DEFAULT = 1
    BID_ASK = 2
    LAST_PRICE = 3
    DOUBLE_LAST = 4
    DOUBLE_BID_ASK = 5
    LAST_OR_BID_ASK = 6
    MID_POINT = 7
    MARK_PRICE = 8
    INDEX_PRICE = 9


@unique
class Provenance(NamedEnum):
    """Where an event came from, from the strongest evidence to the weakest.

    `LOCAL` is our own doing (submitted, denied, pending); `STREAM` and `RESPONSE` are the venue speaking unasked and
    asked; `RECONCILIATION` is built from the venue's reports; `INFERRED` is a fact that the reports imply but do not
    contain (a fill without its trade); `POLICY` is our own conclusion from silence, and provisional: later venue
    evidence beats it.
    """

    LOCAL = 0
    STREAM = 1
    RESPONSE = 2
    RECONCILIATION = 3
    INFERRED = 4
    POLICY = 5


class ComponentState(Enum):
    """The life of a node or one of its parts. No part is seen in what takes no time here (RESUMING, RESETTING, ...)."""

    PRE_INITIALIZED = "PRE_INITIALIZED"
    READY = "READY"
    STARTING = "STARTING"
    RUNNING = "RUNNING"
    STOPPING = "STOPPING"
    STOPPED = "STOPPED"
    RESUMING = "RESUMING"
    RESETTING = "RESETTING"
    DISPOSING = "DISPOSING"
    DISPOSED = "DISPOSED"
    DEGRADING = "DEGRADING"
    DEGRADED = "DEGRADED"
    FAULTING = "FAULTING"
    FAULTED = "FAULTED"


@unique
class AggregationSource(NamedEnum):
    """Who makes a bar: the venue or a data vendor (EXTERNAL), or the node itself (INTERNAL)."""

    EXTERNAL = 1
    INTERNAL = 2


@unique
class BarAggregation(NamedEnum):
    """What completes a bar: time, or a number of ticks, units or units of value traded."""

    TICK = 1
    TICK_IMBALANCE = 2
    TICK_RUNS = 3
    VOLUME = 4
    VOLUME_IMBALANCE = 5
    VOLUME_RUNS = 6
    VALUE = 7
    VALUE_IMBALANCE = 8
    VALUE_RUNS = 9
    MILLISECOND = 10
    SECOND = 11
    MINUTE = 12
    HOUR = 13
    DAY = 14
    WEEK = 15
    MONTH = 16
    YEAR = 17
    RENKO = 18


class MarketStatusAction(NamedEnum):
    """What a market does from now on."""

    NONE = 0
    PRE_OPEN = 1
    PRE_CROSS = 2
    QUOTING = 3
    CROSS = 4
    ROTATION = 5
    NEW_PRICE_INDICATION = 6
    TRADING = 7
    HALT = 8
    PAUSE = 9
    SUSPEND = 10
    PRE_CLOSE = 11
    CLOSE = 12
    POST_CLOSE = 13
    SHORT_SELL_RESTRICTION_CHANGE = 14
    NOT_AVAILABLE_FOR_TRADING = 15


class InstrumentCloseType(NamedEnum):
    """What ended: a session, or the instrument."""

    END_OF_SESSION = 1
    CONTRACT_EXPIRED = 2
