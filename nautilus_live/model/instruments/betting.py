"""Betting: a selection in a market of a betting exchange. Prices are decimal odds, quantities stakes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from nautilus_live.model.enums import AssetClass, InstrumentClass
from nautilus_live.model.identifiers import InstrumentId, Symbol, Venue
from nautilus_live.model.instruments.base import Instrument
from nautilus_live.model.keywords import AlsoCalled
from nautilus_live.model.objects import Currency, Money, Price, Quantity

NULL_HANDICAP = -9_999_999.0
"""Stands for a selection without a handicap, as venues have it."""


def null_handicap() -> float:
    """Return what stands for a selection without a handicap."""
    return NULL_HANDICAP


def make_symbol(market_id: str, selection_id: int, selection_handicap: float) -> Symbol:
    """Return the symbol of a selection: market, selection and handicap, with hyphens between."""
    handicap = "None" if selection_handicap == NULL_HANDICAP else str(selection_handicap)
    return Symbol(f"{market_id}-{selection_id}-{handicap}".replace(".", "-", 1))


class BettingCalls(AlsoCalled):
    """The type of betting instruments, whose ids follow from what they are about."""

    def complete(cls, fields: dict[str, Any]) -> dict[str, Any]:  # noqa: N805  # a metaclass
        """Return the fields with the id, the symbol and the increments."""
        symbol = make_symbol(fields["market_id"], fields["selection_id"], fields["selection_handicap"])
        price_precision, size_precision = fields["price_precision"], fields["size_precision"]
        return {
            "id": InstrumentId(symbol, Venue(fields["venue_name"])),
            "raw_symbol": symbol,
            "price_increment": Price(Decimal(1).scaleb(-price_precision), price_precision),
            "size_increment": Quantity(Decimal(1).scaleb(-size_precision), size_precision),
            **fields,
        }


class BettingInstrument(
    Instrument,
    frozen=True,
    kw_only=True,
    tag=True,
    metaclass=BettingCalls,
    also_called={"currency": "quote_currency"},
    in_order="""venue_name event_type_id event_type_name competition_id competition_name event_id event_name
    event_country_code event_open_date betting_type market_id market_name market_start_time market_type selection_id
    selection_name currency selection_handicap price_precision size_precision ts_event ts_init max_quantity
    min_quantity max_notional min_notional max_price min_price margin_init margin_maint maker_fee taker_fee
    tick_scheme_name info""",
):
    """A selection that can be laid (bought) and backed (sold). Times are nanoseconds since 1970."""

    venue_name: str
    event_type_id: int
    event_type_name: str
    competition_id: int
    competition_name: str
    event_id: int
    event_name: str
    event_country_code: str
    event_open_date: int
    betting_type: str
    market_id: str
    market_name: str
    market_start_time: int
    market_type: str
    selection_id: int
    selection_name: str
    selection_handicap: float
    base_currency: Currency | None = None
    margin_init: Decimal = Decimal(1)
    margin_maint: Decimal = Decimal(1)
    tick_scheme_name: str | None = None
    info: dict[str, Any] | None = None

    @property
    def asset_class(self) -> AssetClass:
        """ALTERNATIVE."""
        return AssetClass.ALTERNATIVE

    @property
    def instrument_class(self) -> InstrumentClass:
        """SPORTS_BETTING."""
        return InstrumentClass.SPORTS_BETTING

    def notional_value(
        self,
        quantity: Quantity,
        price: Price,
        use_quote_for_inverse: bool = False,
        target_currency: Currency | None = None,
        conversion_price: Price | None = None,
    ) -> Money:
        """Return the stake, whatever the odds; converted if both a currency and its price are given.

        Raises:
            ValueError: if `use_quote_for_inverse` is set: no bet is inverse.

        """
        if use_quote_for_inverse:
            raise ValueError(f"{self.id}: use_quote_for_inverse must not be set for bets, was True")
        if target_currency is None or conversion_price is None:
            return Money(quantity.value, self.quote_currency)
        return Money(quantity.value * conversion_price.value, target_currency)

    def worth(self, quantity: Decimal, price: Decimal) -> Decimal:
        """Return the stake as a plain number, negative for short: `notional_value`, not rounded."""
        return quantity
