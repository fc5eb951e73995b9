"""Accounts on margin: profits are settled, margins are held, leverage says how much."""

from __future__ import annotations

from decimal import Decimal

from nautilus_live.model.accounts.base import Account, share_of_notional
from nautilus_live.model.accounts.cross_margins import CrossMargins
from nautilus_live.model.enums import AccountType, OrderSide, PositionSide
from nautilus_live.model.events import AccountState, OrderFilled
from nautilus_live.model.identifiers import InstrumentId
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.objects import MarginBalance, Money, Price, Quantity
from nautilus_live.model.position import Position

_ZERO = Decimal(0)
_ONE = Decimal(1)


class MarginModel:
    """How much margin a notional value needs."""

    def share(self, leverage: Decimal) -> Decimal:
        """Return by what the instrument's margin fraction is multiplied."""
        raise NotImplementedError(f"{type(self).__name__} must say how leverage acts on margins")

    def calculate_margin_init(
        self,
        instrument: Instrument,
        quantity: Quantity,
        price: Price,
        leverage: Decimal,
        use_quote_for_inverse: bool = False,
    ) -> Money:
        """Return the margin that an order needs, in the cost currency."""
        fraction = instrument.margin_init * self.share(leverage)
        return share_of_notional(instrument, quantity, price, fraction, use_quote_for_inverse)

    def calculate_margin_maint(
        self,
        instrument: Instrument,
        side: PositionSide,
        quantity: Quantity,
        price: Price,
        leverage: Decimal,
        use_quote_for_inverse: bool = False,
    ) -> Money:
        """Return the margin that an open position needs, in the cost currency; nothing for a flat one."""
        fraction = _ZERO if side is PositionSide.FLAT else instrument.margin_maint * self.share(leverage)
        return share_of_notional(instrument, quantity, price, fraction, use_quote_for_inverse)


class LeveragedMarginModel(MarginModel):
    """Margin is the instrument's fraction of the notional value, divided by the leverage: as crypto venues do."""

    def share(self, leverage: Decimal) -> Decimal:
        """Return one part in `leverage`."""
        return _ONE / leverage


class StandardMarginModel(MarginModel):
    """Margin is the instrument's fraction of the notional value whatever the leverage: as brokers do."""

    def share(self, leverage: Decimal) -> Decimal:
        """Return one."""
        return _ONE


class MarginAccount(Account, CrossMargins):
    """An account that trades on margin: profits are settled, margins are held."""

    __slots__ = ("_leverages", "_model", "default_leverage")

    ACCOUNT_TYPE = AccountType.MARGIN

    def __init__(self, event: AccountState, calculate_account_state: bool = False) -> None:
        self.default_leverage = _ONE
        self._leverages: dict[InstrumentId, Decimal] = {}
        self._model: MarginModel = LeveragedMarginModel()
        super().__init__(event, calculate_account_state)

    def set_margin_model(self, margin_model: MarginModel) -> None:
        """Choose how leverage acts on margins."""
        self._model = margin_model

    # -- leverage

    def set_default_leverage(self, leverage: Decimal) -> None:
        """Set the leverage of all instruments that have none of their own."""
        self.default_leverage = _leverage(leverage)

    def set_leverage(self, instrument_id: InstrumentId, leverage: Decimal) -> None:
        """Set the leverage of one instrument."""
        self._leverages[instrument_id] = _leverage(leverage)

    def leverage(self, instrument_id: InstrumentId) -> Decimal:
        """Return the leverage of an instrument."""
        return self._leverages.get(instrument_id, self.default_leverage)

    def leverages(self) -> dict[InstrumentId, Decimal]:
        """Return the leverages that were set for single instruments."""
        return dict(self._leverages)

    def is_unleveraged(self, instrument_id: InstrumentId) -> bool:
        """Return whether the leverage of the instrument is one."""
        return self.leverage(instrument_id) == _ONE

    # -- margins

    def margins(self) -> dict[InstrumentId, MarginBalance]:
        """Return the margins by instrument; of one with several currencies, the first one stated."""
        found: dict[InstrumentId, MarginBalance] = {}
        for margin in self.margin_balances():
            if margin.instrument:
                found.setdefault(InstrumentId.from_str(margin.instrument), margin)
        return found

    def margin(self, instrument_id: InstrumentId) -> MarginBalance | None:
        """Return the margin of one instrument, `None` if there is none."""
        return self.margins().get(instrument_id)

    def margins_init(self) -> dict[InstrumentId, Money]:
        """Return the initial margins by instrument."""
        return {instrument_id: margin.initial for instrument_id, margin in self.margins().items()}

    def margins_maint(self) -> dict[InstrumentId, Money]:
        """Return the maintenance margins by instrument."""
        return {instrument_id: margin.maintenance for instrument_id, margin in self.margins().items()}

    def margin_init(self, instrument_id: InstrumentId) -> Money | None:
        """Return the initial margin of one instrument, `None` if there is none."""
        return self.margins_init().get(instrument_id)

    def margin_maint(self, instrument_id: InstrumentId) -> Money | None:
        """Return the maintenance margin of one instrument, `None` if there is none."""
        return self.margins_maint().get(instrument_id)

    def update_margin(self, margin: MarginBalance) -> None:
        """Take over a margin, as of the last state."""
        self._margins[margin.instrument, margin.currency] = margin

    def update_margin_init(self, instrument_id: InstrumentId, margin_init: Money) -> None:
        """Take over the initial margin of an instrument, as of the last state."""
        known = self.margin(instrument_id)
        rest = Money(_ZERO, margin_init.currency) if known is None else known.maintenance
        self.update_margin(MarginBalance(margin_init, rest, str(instrument_id)))

    def update_margin_maint(self, instrument_id: InstrumentId, margin_maint: Money) -> None:
        """Take over the maintenance margin of an instrument, as of the last state."""
        known = self.margin(instrument_id)
        rest = Money(_ZERO, margin_maint.currency) if known is None else known.initial
        self.update_margin(MarginBalance(rest, margin_maint, str(instrument_id)))

    def clear_margin_init(self, instrument_id: InstrumentId) -> None:
        """Forget the initial margin of an instrument."""
        known = self.margin(instrument_id)
        if known is not None:
            self.update_margin_init(instrument_id, Money(_ZERO, known.currency))

    def clear_margin_maint(self, instrument_id: InstrumentId) -> None:
        """Forget the maintenance margin of an instrument."""
        known = self.margin(instrument_id)
        if known is not None:
            self.update_margin_maint(instrument_id, Money(_ZERO, known.currency))

    def clear_margin(self, instrument_id: InstrumentId) -> None:
        """Forget the margins of an instrument."""
        self._margins = {key: margin for key, margin in self._margins.items() if key[0] != str(instrument_id)}

    # -- what trading does

    def calculate_margin_init(
        self, instrument: Instrument, quantity: Quantity, price: Price, use_quote_for_inverse: bool = False
    ) -> Money:
        """Return the margin that an order needs, in the cost currency."""
        leverage = self.leverage(instrument.id)
        return self._model.calculate_margin_init(instrument, quantity, price, leverage, use_quote_for_inverse)

    def calculate_margin_maint(
        self,
        instrument: Instrument,
        side: PositionSide,
        quantity: Quantity,
        price: Price,
        use_quote_for_inverse: bool = False,
    ) -> Money:
        """Return the margin that an open position needs, in the cost currency; nothing for a flat one."""
        leverage = self.leverage(instrument.id)
        return self._model.calculate_margin_maint(instrument, side, quantity, price, leverage, use_quote_for_inverse)

    def calculate_pnls(
        self, instrument: Instrument, fill: OrderFilled, position: Position | None = None
    ) -> list[Money]:
        """Return the profit that a fill realises, nothing if it only opens."""
        if position is None or not position.is_opposite_side(fill.order_side):
            return []
        closed = min(fill.last_qty.value, abs(position.signed_qty)).copy_sign(position.signed_qty)
        return [instrument.settle(instrument.pnl(closed, position.avg_px_open, fill.last_px.value))]

    def balance_impact(self, instrument: Instrument, quantity: Quantity, price: Price, order_side: OrderSide) -> Money:
        """Return how a trade changes what can be spent, given the leverage; negative for what is paid."""
        notional = instrument.notional_value(quantity, price)
        return Money(-notional.value * order_side.sign / self.leverage(instrument.id), notional.currency)


def _leverage(leverage: Decimal) -> Decimal:
    if leverage < 1:
        raise ValueError(f"a leverage must be at least 1, was {leverage}")
    return Decimal(leverage)
