"""Identifiers: validated, typed strings.

Each kind of identifier is its own frozen type, so that a venue order id can never be passed for a client order id,
and two identifiers are equal only when both type and text are. They are msgspec structs: cheap to make (about 0.1
us), hashable, ordered by their text, and encoded without help.
"""

from __future__ import annotations

from typing import Self

from msgspec import Struct

MAX_LENGTH = 255


class Identifier(Struct, frozen=True, order=True, gc=False, array_like=True):
    """A non-empty printable text without leading or trailing space.

    Raises:
        ValueError: if the text breaks that rule; the message names the type and the text.

    """

    value: str

    def __post_init__(self) -> None:
        value = self.value
        # A few C calls settle nearly every identifier; the rest goes the slow way, which decides and has the messages.
        try:
            if value and value.strip() is value and value.isprintable() and len(value) <= MAX_LENGTH:
                return
        except AttributeError:
            pass  # not a text at all
        _check_text(type(self).__name__, value)

    def __str__(self) -> str:
        return self.value

    def __repr__(self) -> str:
        return f"{type(self).__name__}('{self.value}')"

    @classmethod
    def from_str(cls, value: str) -> Self:
        """Return the identifier written as `value`."""
        return cls(value)


def _check_text(kind: str, value: object) -> None:
    if not isinstance(value, str):
        raise ValueError(f"{kind} must be a string, was {value!r}")
    if not value or value != value.strip() or not value.isprintable():
        raise ValueError(f"{kind} must be a printable text without outer spaces, was {value!r}")
    if len(value) > MAX_LENGTH:
        raise ValueError(f"{kind} must have at most {MAX_LENGTH} characters, was {len(value)}")


class TaggedIdentifier(Identifier, frozen=True):
    """An identifier written NAME-TAG: hyphens within, none at either end."""

    def __post_init__(self) -> None:
        value = self.value
        # The rule of `Identifier` once more, not called but written out: that is half of the time.
        try:
            if (
                value.strip() is value
                and value.isprintable()
                and "-" in value
                and value[0] != "-" != value[-1]
                and len(value) <= MAX_LENGTH
            ):
                return
        except AttributeError:
            pass  # not a text at all
        kind = type(self).__name__
        _check_text(kind, value)
        if "-" not in value or value[0] == "-" or value[-1] == "-":
            raise ValueError(f"{kind} must be NAME-TAG with a hyphen, was {value!r}")


class TraderId(TaggedIdentifier, frozen=True):
    """A trader, written NAME-TAG such as `TRADER-001`; the tag keeps the order ids of nodes apart."""

    def get_tag(self) -> str:
        """Return the part after the last hyphen."""
        return self.value.rpartition("-")[2]


class StrategyId(TaggedIdentifier, frozen=True):
    """A strategy, written NAME-TAG such as `EMACross-001`; `EXTERNAL` and `INTERNAL-DIFF` belong to the engine."""

    def __post_init__(self) -> None:
        if self.value != "EXTERNAL":
            TaggedIdentifier.__post_init__(self)

    def get_tag(self) -> str:
        """Return the part after the last hyphen."""
        return self.value.rpartition("-")[2]

    def is_external(self) -> bool:
        """Return whether no strategy of ours placed or claimed the order."""
        return self.value == "EXTERNAL"

    def is_internal(self) -> bool:
        """Return whether the engine invented the order to align a position."""
        return self.value == "INTERNAL-DIFF"


class ComponentId(Identifier, frozen=True):
    """An actor or another part of the node."""


class ClientId(Identifier, frozen=True):
    """A data or execution client: the name of an adapter connection, such as `BINANCE`."""


class ExecAlgorithmId(Identifier, frozen=True):
    """An execution algorithm."""


class Symbol(Identifier, frozen=True):
    """The venue's own name of an instrument."""


class Venue(Identifier, frozen=True):
    """A trading venue."""


class AccountId(TaggedIdentifier, frozen=True):
    """A trading account, written ISSUER-NUMBER such as `BINANCE-001`."""

    def get_issuer(self) -> str:
        """Return the part before the first hyphen: the venue or broker."""
        return self.value.partition("-")[0]

    def get_id(self) -> str:
        """Return the part after the first hyphen: the account's number there."""
        return self.value.partition("-")[2]


class ClientOrderId(Identifier, frozen=True):
    """The id we gave an order."""


class VenueOrderId(Identifier, frozen=True):
    """The id the venue gave an order. Some venues keep it unique per instrument only."""


class OrderListId(Identifier, frozen=True):
    """The id of a list of orders that belong together."""


class TradeId(Identifier, frozen=True):
    """The venue's id of one execution. Unique within one order, not necessarily beyond it."""


class PositionId(Identifier, frozen=True):
    """The id of a position: the venue's (hedging) or `INSTRUMENT-STRATEGY` (netting)."""


class InstrumentId(Struct, frozen=True, order=True, gc=False, cache_hash=True, array_like=True):
    """An instrument at a venue, written SYMBOL.VENUE such as `BTCUSDT.BINANCE`."""

    symbol: Symbol
    venue: Venue

    @classmethod
    def from_str(cls, value: str) -> InstrumentId:
        """Return the instrument id written as `SYMBOL.VENUE`; the symbol itself may contain dots.

        Raises:
            ValueError: if a part is missing.

        """
        if not isinstance(value, str):
            raise ValueError(f"InstrumentId must be a string SYMBOL.VENUE, was {value!r}")
        symbol, _, venue = value.rpartition(".")
        if not (symbol and venue):
            raise ValueError(f"InstrumentId must be SYMBOL.VENUE, was {value!r}")
        return cls(Symbol(symbol), Venue(venue))

    @property
    def value(self) -> str:
        """The id as text."""
        return f"{self.symbol.value}.{self.venue.value}"

    def __str__(self) -> str:
        return f"{self.symbol.value}.{self.venue.value}"

    def __repr__(self) -> str:
        return f"InstrumentId('{self}')"


EXTERNAL = StrategyId("EXTERNAL")
"""Owner of orders found at the venue that nobody claims."""

INTERNAL_DIFF = StrategyId("INTERNAL-DIFF")
"""Owner of the orders that position reconciliation invents."""
