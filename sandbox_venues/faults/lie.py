"""A report says something else than what is true."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from nautilus_live.model.enums import LiquiditySide, OrderSide, OrderStatus, OrderType, PositionSide, TimeInForce
from nautilus_live.model.identifiers import ClientOrderId, PositionId, TradeId, VenueOrderId
from nautilus_live.model.objects import Money, Price, Quantity
from nautilus_live.model.reports import FillReport, OrderStatusReport, PositionStatusReport
from sandbox_venues.faults.fault import Fault, Sent, Turn, map_reports
from sandbox_venues.messages import AnyReport, Message

ALIASES = {"status": "order_status", "side": "order_side", "type": "order_type"}
_ENUMS: dict[str, Any] = {
    "order_status": OrderStatus,
    "order_side": OrderSide,
    "order_type": OrderType,
    "time_in_force": TimeInForce,
    "liquidity_side": LiquiditySide,
    "position_side": PositionSide,
}
_KINDS: dict[str, Any] = {
    "client_order_id": ClientOrderId,
    "venue_order_id": VenueOrderId,
    "venue_position_id": PositionId,
    "trade_id": TradeId,
}
_QUANTITIES = ("quantity", "filled_qty", "last_qty", "display_qty")
_PRICES = ("price", "trigger_price", "last_px")
_DECIMALS = ("avg_px", "avg_px_open")
_TIMES = ("ts_event", "ts_last", "ts_accepted", "ts_triggered", "expire_time_ns")
_KNOWN = (*_ENUMS, *_KINDS, *_QUANTITIES, *_PRICES, *_DECIMALS, *_TIMES, "commission", "post_only", "reduce_only")
_REPORTS: dict[str, type[AnyReport]] = {
    "order": OrderStatusReport,
    "fill": FillReport,
    "position": PositionStatusReport,
}


class Lie(Fault, frozen=True, kw_only=True):
    """One field of a report is altered, in every report that has it and is meant by the target.

    Attributes:
        field: its name in the report, such as avg_px, price, quantity, filled_qty, commission, trade_id; `status` and
            `side` are short for order_status and order_side (position_side in position reports).
        to: what it says instead, as text.
        add: instead, what is added to it (a number as text; nanoseconds for times).
        missing: instead, it is left out.
        of: only in reports of this kind: order, fill or position.

    """

    directions = ("answer", "stream")

    field: str
    to: str | None = None
    add: str | None = None
    missing: bool = False
    of: str | None = None

    def __post_init__(self) -> None:
        if sum((self.to is not None, self.add is not None, self.missing)) != 1:
            raise ValueError(f"one of to, add, missing must be given, was {self.to}, {self.add}, {self.missing}")
        if ALIASES.get(self.field, self.field) not in _KNOWN:
            raise ValueError(
                f"a field to lie about must be one of {', '.join([*ALIASES, *_KNOWN])}, was {self.field!r}"
            )
        if self.of is not None and self.of not in _REPORTS:
            raise ValueError(f"a kind of report must be one of {', '.join(_REPORTS)}, was {self.of!r}")

    def apply(self, message: Message, turn: Turn) -> list[Sent]:
        """Return the message with its reports altered."""

        def change(report: AnyReport) -> AnyReport:
            return self._altered(report) if turn.matches(report) else report

        return [(0, map_reports(message, change))]

    def _altered(self, report: AnyReport) -> AnyReport:
        name = self._name_in(report)
        if name is None or (self.of is not None and not isinstance(report, _REPORTS[self.of])):
            return report
        value = getattr(report, name)
        if self.missing:
            new = None
        elif self.to is not None:
            new = _read(name, self.to, value)
        else:
            new = _added(value, self.add or "0")
        altered: AnyReport = replace(report, **{name: new})
        return altered

    def _name_in(self, report: AnyReport) -> str | None:
        name = ALIASES.get(self.field, self.field)
        if isinstance(report, PositionStatusReport):
            name = {"order_side": "position_side", "avg_px": "avg_px_open"}.get(name, name)
        return name if name in report.__struct_fields__ else None


def _read(name: str, text: str, value: Any) -> Any:
    """Return the text as a value of the field's kind, at the precision of the present one where it has one."""
    if name in _ENUMS:
        return _ENUMS[name][text]
    if name in _KINDS:
        return _KINDS[name](text)
    if name in _QUANTITIES or name in _PRICES:
        number = Decimal(text)
        kind = Quantity if name in _QUANTITIES else Price
        written = kind(number)
        return written if value is None or written.precision > value.precision else kind(number, value.precision)
    if name in _DECIMALS:
        return Decimal(text)
    if name in _TIMES:
        return int(text)
    return Money.from_str(text) if name == "commission" else text == "true"


def _added(value: Any, amount: str) -> Any:
    """Return the value with an amount added; what the venue did not send cannot be added to and stays unsent."""
    if isinstance(value, Quantity | Price):
        return type(value)(value.value + Decimal(amount), value.precision)
    if isinstance(value, Money):
        return Money(value.value + Decimal(amount), value.currency)
    if isinstance(value, Decimal):
        return value + Decimal(amount)
    if type(value) is int:
        return value + int(amount)
    if value is None:
        return None
    raise ValueError(f"only a number can be added to, was {value!r}")
