"""Enumerations as texts, under the names by which published strategies read and write them.

`order_side_from_str("BUY")` is `OrderSide.BUY`, `order_side_to_str(OrderSide.BUY)` is "BUY"; so for every enumeration.
Reading raises `ValueError` for a name that the enumeration does not have.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from nautilus_live.model.enums import (
    AccountType,
    AggregationSource,
    AggressorSide,
    AssetClass,
    BarAggregation,
    BookAction,
    BookType,
    ContingencyType,
    CurrencyType,
    InstrumentClass,
    InstrumentCloseType,
    LiquiditySide,
    MarketStatusAction,
    NamedEnum,
    OmsType,
    OptionKind,
    OrderSide,
    OrderStatus,
    OrderType,
    PositionSide,
    PriceType,
    RecordFlag,
    TimeInForce,
    TradingState,
    TrailingOffsetType,
    TriggerType,
)

E = TypeVar("E", bound=NamedEnum)


def _texts(kind: type[E]) -> tuple[Callable[[str], E], Callable[[E], str]]:
    def from_str(value: str) -> E:
        """Return the member of that name. Raises `ValueError` if there is none."""
        try:
            return kind[value]
        except KeyError:
            known = ", ".join(member.name for member in kind)
            raise ValueError(f"a {kind.__name__} must be one of {known}, was {value!r}") from None

    def to_str(value: E) -> str:
        """Return the name of a member."""
        return kind(value).name

    return from_str, to_str


account_type_from_str, account_type_to_str = _texts(AccountType)
aggregation_source_from_str, aggregation_source_to_str = _texts(AggregationSource)
aggressor_side_from_str, aggressor_side_to_str = _texts(AggressorSide)
asset_class_from_str, asset_class_to_str = _texts(AssetClass)
bar_aggregation_from_str, bar_aggregation_to_str = _texts(BarAggregation)
book_action_from_str, book_action_to_str = _texts(BookAction)
book_type_from_str, book_type_to_str = _texts(BookType)
contingency_type_from_str, contingency_type_to_str = _texts(ContingencyType)
currency_type_from_str, currency_type_to_str = _texts(CurrencyType)
instrument_class_from_str, instrument_class_to_str = _texts(InstrumentClass)
instrument_close_type_from_str, instrument_close_type_to_str = _texts(InstrumentCloseType)
liquidity_side_from_str, liquidity_side_to_str = _texts(LiquiditySide)
market_status_action_from_str, market_status_action_to_str = _texts(MarketStatusAction)
oms_type_from_str, oms_type_to_str = _texts(OmsType)
option_kind_from_str, option_kind_to_str = _texts(OptionKind)
order_side_from_str, order_side_to_str = _texts(OrderSide)
order_status_from_str, order_status_to_str = _texts(OrderStatus)
order_type_from_str, order_type_to_str = _texts(OrderType)
position_side_from_str, position_side_to_str = _texts(PositionSide)
price_type_from_str, price_type_to_str = _texts(PriceType)
record_flag_from_str, record_flag_to_str = _texts(RecordFlag)
time_in_force_from_str, time_in_force_to_str = _texts(TimeInForce)
trading_state_from_str, trading_state_to_str = _texts(TradingState)
trailing_offset_type_from_str, trailing_offset_type_to_str = _texts(TrailingOffsetType)
trigger_type_from_str, trigger_type_to_str = _texts(TriggerType)
