"""Synthetic instruments: a price that a formula makes of the prices of others. Nobody trades them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from msgspec import Struct

from nautilus_live.model.data import Data
from nautilus_live.model.identifiers import SYNTHETIC, InstrumentId, Symbol, Venue
from nautilus_live.model.instruments.formula import Formula, compile_formula
from nautilus_live.model.keywords import AlsoCalled
from nautilus_live.model.objects import Price, Quantity, to_decimal
from nautilus_live.model.plain import Plain

SYNTHETIC_VENUE = Venue(SYNTHETIC)
COMPONENTS_MIN = 2


class SyntheticInstrument(
    Struct,
    Plain,
    Data,
    kw_only=True,
    tag=True,
    array_like=True,
    metaclass=AlsoCalled,
    in_order="symbol price_precision components formula ts_event ts_init",
):
    """A price made of others.

    Args:
        symbol: its name; the venue is SYNTH.
        price_precision: decimal places of its price.
        components: the instruments whose prices go in, two at least.
        formula: what is made of them: numbers, the ids of the components, `+ - * / ^ %`, brackets, and the functions
            `min max abs sqrt floor ceil round ln log10 exp`.

    Raises:
        ValueError: if there are too few components, or the formula cannot be read or names anything else.

    """

    symbol: Symbol
    price_precision: int
    components: list[InstrumentId]
    formula: str
    ts_event: int = 0
    ts_init: int = 0

    def __post_init__(self) -> None:
        if len(self.components) < COMPONENTS_MIN:
            raise ValueError(f"{self.id}: there must be two components at least, were {len(self.components)}")
        self._compiled(self.formula)

    @property
    def id(self) -> InstrumentId:
        """The id: the symbol at the venue SYNTH."""
        return InstrumentId(self.symbol, SYNTHETIC_VENUE)

    @property
    def venue(self) -> Venue:
        """SYNTH."""
        return SYNTHETIC_VENUE

    @property
    def size_precision(self) -> int:
        """0: what is made of it has size 1."""
        return 0

    @property
    def multiplier(self) -> Quantity:
        """1: its price is its value."""
        return Quantity.from_int(1)

    @property
    def price_increment(self) -> Price:
        """The smallest step of its price."""
        return Price(Decimal(1).scaleb(-self.price_precision), self.price_precision)

    def calculate(self, inputs: Sequence[Decimal | float | int | Price]) -> Price:
        """Return the price that the components' prices make, in the order of `components`, rounded half-even.

        Raises:
            ValueError: if there are too many or too few prices, or the formula has no value for them.

        """
        if len(inputs) != len(self.components):
            raise ValueError(f"{self.id}: there must be {len(self.components)} prices, were {len(inputs)}")
        made = self._compiled(self.formula)([to_decimal(price) for price in inputs])
        return Price(made, self.price_precision)

    def change_formula(self, formula: str) -> None:
        """Replace the formula.

        Raises:
            ValueError: if it cannot be read or names anything but components; the old one stays.

        """
        self._compiled(formula)
        self.formula = formula

    def _compiled(self, formula: str) -> Formula:
        return compile_formula(formula, tuple(component.value for component in self.components))
