"""The personality of a venue: quirks of real exchanges, one field each.

May know: msgspec. Promises: a profile is plain data (texts, numbers, booleans), so that a scenario file can override
any field by its name; a field that is wrong is named with what would be right.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import Struct

from nautilus_live.model.enums import AccountType, OmsType


class VenueProfile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a venue behaves when nothing is wrong with it. The defaults are the best behaved venue there could be.

    Attributes:
        oms_type: one position per instrument, or one per opening order (or per `position_id` that the order names).
        account_type: MARGIN keeps positions and settles profit; CASH exchanges balances.
        modify: `amend` keeps the venue order id; `replace` gives a new one and says "update"; `cancel_new` gives a new
            one and says "cancel" for the old and "ack" for the new, both under the same client order id.
        lists_replaced_legs: queries list the old legs of replaced orders, as canceled orders.
        client_ids: whether a client order id can be used once, once at a time, or as often as one likes.
        ids_per_instrument: venue order ids and trade ids count from 1 in each instrument, so that they collide between
            them.
        fee_currency: in which currency commissions are taken: quote, base, or whatever the fill brings in; MARGIN
            accounts pay in the settlement currency.
        page_size: the most reports in one answer.
        lookback_secs: how far back closed orders and fills can be asked for; `None` for ever.
        closed_orders_vanish_secs: how long a closed order can be asked for; `None` for ever (fills stay).
        newest_first: lists come newest first.
        reports_client_ids: order and fill reports name the client order id.
        reports_avg_px: order reports carry the average price.
        reports_commissions: fill reports carry the commission.
        reports_positions: positions can be asked for at all; `None` means on MARGIN accounts.
        reports_flat_positions: a position that is flat again is still reported, as flat.
        avg_px_places: the average prices in reports are rounded to so many decimal places.
        fills_before_acks: what fills at once is streamed before its acknowledgement.
        streams_fills: fills go out on the stream; without, they are in the answer to the command and in queries only.
        streams_account: changed balances go out on the stream.
        streams_positions: changed positions go out on the stream.
        keeps_rejected: orders refused for a reason other than their id are kept, as rejected orders.
        market_remainder: what becomes of a market order's unfilled part: it is canceled, it expires, or it waits for
            liquidity.
        immediate_remainder: the same for IOC and FOK orders.
        stop_in_market: a stop whose trigger is already reached is triggered at once or refused.
        checks_funds: orders that the account cannot pay for are refused.

    """

    name: str = "default"
    oms_type: Literal["NETTING", "HEDGING"] = "NETTING"
    account_type: Literal["MARGIN", "CASH"] = "MARGIN"
    modify: Literal["amend", "replace", "cancel_new"] = "amend"
    lists_replaced_legs: bool = False
    client_ids: Literal["unique", "unique_while_open", "free"] = "unique"
    ids_per_instrument: bool = False
    fee_currency: Literal["quote", "base", "received"] = "quote"
    page_size: int = 500
    lookback_secs: float | None = None
    closed_orders_vanish_secs: float | None = None
    newest_first: bool = False
    reports_client_ids: bool = True
    reports_avg_px: bool = True
    reports_commissions: bool = True
    reports_positions: bool | None = None
    reports_flat_positions: bool = True
    avg_px_places: int | None = None
    fills_before_acks: bool = False
    streams_fills: bool = True
    streams_account: bool = True
    streams_positions: bool = False
    keeps_rejected: bool = True
    market_remainder: Literal["cancel", "expire", "wait"] = "cancel"
    immediate_remainder: Literal["cancel", "expire"] = "cancel"
    stop_in_market: Literal["trigger", "refuse"] = "trigger"
    checks_funds: bool = True

    def __post_init__(self) -> None:
        if self.page_size < 1:
            raise ValueError(f"page_size must be at least 1, was {self.page_size}")
        for name in ("lookback_secs", "closed_orders_vanish_secs"):
            value = getattr(self, name)
            if value is not None and value < 0:
                raise ValueError(f"{name} must be at least 0, was {value}")

    @property
    def oms(self) -> OmsType:
        """The kind of position keeping."""
        return OmsType[self.oms_type]

    @property
    def account(self) -> AccountType:
        """The kind of account."""
        return AccountType[self.account_type]

    @property
    def has_positions(self) -> bool:
        """Whether positions can be asked for."""
        return self.account_type == "MARGIN" if self.reports_positions is None else self.reports_positions


PROFILES: dict[str, VenueProfile] = {
    profile.name: profile
    for profile in (
        VenueProfile(),
        VenueProfile(name="cash", account_type="CASH"),
        VenueProfile(name="hedging", oms_type="HEDGING"),
        VenueProfile(
            name="binance-spot", account_type="CASH", fee_currency="received", modify="cancel_new",
            ids_per_instrument=True,
            client_ids="unique_while_open", page_size=1000, reports_avg_px=False, market_remainder="expire",
            immediate_remainder="expire", stop_in_market="refuse",
        ),
        VenueProfile(
            name="binance-futures", ids_per_instrument=True, client_ids="unique_while_open", page_size=1000,
            lookback_secs=7 * 86_400.0, market_remainder="expire", immediate_remainder="expire",
            stop_in_market="refuse", reports_flat_positions=False,
        ),
        VenueProfile(
            name="replacing", modify="cancel_new", lists_replaced_legs=True, fills_before_acks=True,
        ),
        VenueProfile(
            name="forgetful", page_size=2, lookback_secs=3_600.0, closed_orders_vanish_secs=0.0, newest_first=True,
            reports_client_ids=False, reports_avg_px=False, reports_flat_positions=False,
        ),
        VenueProfile(name="tag-only", client_ids="free"),
    )
}  # fmt: skip
"""Ready personalities by name."""


def profile(name: str = "default", **settings: Any) -> VenueProfile:
    """Return the ready profile of that name with single fields replaced.

    Raises:
        ValueError: if there is no such profile or field, or a value does not fit.

    """
    ready = PROFILES.get(name)
    if ready is None:
        raise ValueError(f"a venue profile must be one of {', '.join(PROFILES)}, was {name!r}")
    fields = {field: getattr(ready, field) for field in ready.__struct_fields__} | settings
    try:
        return msgspec.convert(fields, VenueProfile)
    except msgspec.ValidationError as error:
        raise ValueError(f"venue profile {name!r}: {error}") from None
