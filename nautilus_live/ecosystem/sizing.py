"""Position sizes: how much to trade so that a stop loses no more than a part of the equity."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal

from nautilus_live.model.instruments import Instrument
from nautilus_live.model.objects import Money, Price, Quantity, to_decimal

_ZERO, _ONE = Decimal(0), Decimal(1)
_ROUND_TURN = 2  # commissions are paid on the way in and on the way out


class PositionSizer:
    """Sizes positions in one instrument; subclasses say how.

    Args:
        instrument: what is traded.

    """

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument

    def update_instrument(self, instrument: Instrument) -> None:
        """Take a new definition of the instrument.

        Raises:
            ValueError: if it is another instrument.

        """
        if instrument.id != self.instrument.id:
            raise ValueError(f"{self.instrument.id}: a sizer is of one instrument, was {instrument.id}")
        self.instrument = instrument

    def calculate(
        self,
        entry: Price,
        stop_loss: Price,
        equity: Money,
        risk: Decimal,
        commission_rate: Decimal = _ZERO,
        exchange_rate: Decimal = _ONE,
        hard_limit: Decimal | None = None,
        unit_batch_size: Decimal = _ONE,
        units: int = 1,
    ) -> Quantity:
        """Return the quantity of each of `units` orders."""
        raise NotImplementedError(f"{type(self).__name__} must say how it sizes a position")


class FixedRiskSizer(PositionSizer):
    """Risks the same part of the equity whatever the distance of the stop."""

    def calculate(
        self,
        entry: Price,
        stop_loss: Price,
        equity: Money,
        risk: Decimal,
        commission_rate: Decimal = _ZERO,
        exchange_rate: Decimal = _ONE,
        hard_limit: Decimal | None = None,
        unit_batch_size: Decimal = _ONE,
        units: int = 1,
    ) -> Quantity:
        """Return the quantity of each of `units` orders, nothing if there is no distance, rate or equity to risk.

        Args:
            entry: the price of the entry.
            stop_loss: the price at which the loss is taken.
            equity: what the account is worth.
            risk: the part of it to lose, 0.01 for 1 %.
            commission_rate: the part of what is risked that commissions take, each way.
            exchange_rate: how much of the account's currency a unit of the quote currency gives.
            hard_limit: the most in all.
            unit_batch_size: quantities are whole multiples of it.
            units: how many orders share the quantity.

        Raises:
            ValueError: if `risk`, `unit_batch_size` or `units` is not positive, or another one is negative.

        """
        for name, number in (("risk", risk), ("unit_batch_size", unit_batch_size), ("units", units)):
            if number <= 0:
                raise ValueError(f"{name} must be positive, was {number}")
        for name, number in (("commission_rate", commission_rate), ("exchange_rate", exchange_rate)):
            if number < 0:
                raise ValueError(f"{name} must not be negative, was {number}")
        instrument = self.instrument
        distance = abs(entry.value - stop_loss.value)
        if not distance or not exchange_rate or equity.value <= 0:
            return Quantity(_ZERO, instrument.size_precision)
        risked = equity.value * to_decimal(risk) * (1 - _ROUND_TURN * to_decimal(commission_rate))
        size = max(risked / to_decimal(exchange_rate) / distance, _ZERO)
        if hard_limit is not None:
            size = min(size, to_decimal(hard_limit))
        batch = to_decimal(unit_batch_size)
        size = (size / units / batch).to_integral_value(ROUND_DOWN) * batch
        if instrument.max_quantity is not None:
            size = min(size, instrument.max_quantity.value)
        return (
            instrument.make_qty(size, round_down=True)
            if size >= instrument.size_increment.value
            else Quantity(_ZERO, instrument.size_precision)
        )
