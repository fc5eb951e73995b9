"""Identifiers: validated, typed strings.

Each kind of identifier is its own frozen type, so that a venue order id can never be passed for a client order id,
and two identifiers are equal only when both type and text are. They are msgspec structs: cheap to make (about 0.1
us), hashable, ordered by their text, and encoded without help.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Self

from msgspec import Struct

from nautilus_live.model.keywords import AlsoCalled

MAX_LENGTH = 255
_LEG = re.compile(r"(?:\(\((\d+)\)\)|\((\d+)\))(.+)")
_BETWEEN_LEGS = re.compile(r"_(?=\()")


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
    """The venue's own name of an instrument. A composite one has parts with dots between, its root before them."""

    def is_composite(self) -> bool:
        """Return whether there is a dot in it."""
        return "." in self.value

    def root(self) -> str:
        """Return the part before the first dot; without a dot, all of it."""
        return self.value.partition(".")[0]

    def topic(self) -> str:
        """Return the pattern that all symbols of the same root match; without a dot, the symbol itself."""
        return f"{self.root()}*" if self.is_composite() else self.value


SYNTHETIC = "SYNTH"
FUTURES_EXCHANGES = ("CBCM", "GLBX", "NYUM", "XCBT", "XCEC", "XCME", "XFXS", "XNYM")
"""The market identifier codes of the CME group."""


class Venue(Identifier, frozen=True, metaclass=AlsoCalled, also_called={"name": "value"}):
    """A trading venue."""

    @staticmethod
    def from_code(code: str) -> Venue | None:
        """Return the exchange of the CME group with that market identifier code, None if there is none."""
        return Venue(code) if code in FUTURES_EXCHANGES else None

    def is_synthetic(self) -> bool:
        """Return whether it is the venue of instruments that formulas make."""
        return self.value == SYNTHETIC


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

    def is_synthetic(self) -> bool:
        """Return whether a formula makes its price."""
        return self.venue.is_synthetic()

    # -- spreads: `(1)A_((2))B.SIM` is one A bought and two B sold

    @staticmethod
    def new_spread(instrument_ratios: Sequence[tuple[InstrumentId, int]]) -> InstrumentId:
        """Return the id of a spread; ratios are positive for what is bought and negative for what is sold.

        Raises:
            ValueError: if there are fewer than two legs, a ratio is zero, or the legs are of several venues.

        """
        if len(instrument_ratios) < 2:
            raise ValueError(f"a spread must have two legs at least, was {len(instrument_ratios)}")
        venues = dict.fromkeys(leg.venue for leg, _ in instrument_ratios)
        if len(venues) > 1 or not all(ratio for _, ratio in instrument_ratios):
            said = ", ".join(f"{ratio} {leg}" for leg, ratio in instrument_ratios)
            raise ValueError(f"the legs of a spread must be of one venue with ratios other than 0, was {said}")
        legs = sorted(instrument_ratios, key=lambda pair: pair[0].symbol.value)
        texts = [f"({ratio}){leg.symbol}" if ratio > 0 else f"(({-ratio})){leg.symbol}" for leg, ratio in legs]
        return InstrumentId(Symbol("_".join(texts)), next(iter(venues)))

    def is_spread(self) -> bool:
        """Return whether the symbol is written as `new_spread` writes it."""
        return len(self._legs()) > 1

    def n_legs(self) -> int:
        """Return how many instruments it is made of: one, unless it is a spread."""
        return len(self._legs()) or 1

    def to_list(self) -> list[tuple[InstrumentId, int]]:
        """Return the legs of a spread with their ratios.

        Raises:
            ValueError: if it is no spread.

        """
        legs = self._legs()
        if len(legs) < 2:
            raise ValueError(f"{self}: must be a spread to have legs, was not")
        return legs

    def _legs(self) -> list[tuple[InstrumentId, int]]:
        if not self.symbol.value.startswith("("):
            return []
        parts = [_LEG.fullmatch(part) for part in _BETWEEN_LEGS.split(self.symbol.value)]
        if None in parts:
            return []
        return [
            (InstrumentId(Symbol(part[3]), self.venue), -int(part[1]) if part[1] else int(part[2]))
            for part in parts
            if part is not None
        ]

    def __str__(self) -> str:
        return f"{self.symbol.value}.{self.venue.value}"

    def __repr__(self) -> str:
        return f"InstrumentId('{self}')"


EXTERNAL = StrategyId("EXTERNAL")
"""Owner of orders found at the venue that nobody claims."""

INTERNAL_DIFF = StrategyId("INTERNAL-DIFF")
"""Owner of the orders that position reconciliation invents."""
