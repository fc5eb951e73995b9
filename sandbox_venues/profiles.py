"""The personality of a venue: quirks of real exchanges, one field each.

May know: msgspec, the calendar. Promises: a profile is plain data (texts, numbers, booleans), so that a scenario file
can override any field by its name; a field that is wrong is named with what would be right.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any, Literal

import msgspec
from msgspec import Struct

from nautilus_live.model.enums import AccountType, OmsType
from sandbox_venues.calendar import Calendar


class VenueProfile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a venue behaves when nothing is wrong with it. The defaults are the best behaved venue there could be.

    Attributes:
        oms_type: one position per instrument, or one per opening order (or per `position_id` that the order names).
        account_type: MARGIN keeps positions and settles profit; CASH exchanges balances; BETTING takes bets (see
            `betting`).
        base_currency: the one currency that MARGIN accounts have; profits, fees and margins in others are converted at
            the rates of the venue's own currency pairs (see `conversion`). `None`: each is kept in its own.
        modify: `amend` keeps the venue order id; `replace` gives a new one and says "update"; `cancel_new` gives a new
            one and says "cancel" for the old and "ack" for the new, both under the same client order id (FIELD E1, E3).
        names_replacements: the cancel of an old leg says that it was replaced; without, it looks like any other cancel
            (FIELD E1).
        lists_replaced_legs: queries list the old legs of replaced orders, as canceled orders (FIELD E2).
        client_ids: whether a client order id can be used once, once at a time, or as often as one likes, because it is
            a tag and nothing more (FIELD A11, C9).
        ids_per_instrument: venue order ids and trade ids count from 1 in each instrument, so that they collide between
            them.
        fee_currency: in which currency commissions are taken: quote, base, or whatever the fill brings in (FIELD I1);
            MARGIN and BETTING accounts pay in the settlement currency. `third`: in `fee_third_currency`, on all
            accounts.
        fee_third_currency: which third currency that is.
        fee_third_price: what one unit of it costs in the quote currency, as text.
        maker_rate: the commission rate of makers, as text, instead of the instrument's; negative is a rebate.
        taker_rate: the same for takers.
        page_size: the most reports in one answer; a cursor leads to the next (FIELD F20).
        lookback_secs: how far back closed orders and fills can be asked for; `None` for ever (FIELD F2, F14).
        fills_lookback_secs: how far back fills can be asked for, if less far than orders.
        orders_lag_secs: queries for orders answer as of so long ago, while the stream is up to date (FIELD D7).
        fills_lag_secs: the same for fills.
        positions_lag_secs: the same for positions.
        conditional_orders: untriggered conditional orders are `listed` with the others; `unlisted`: found only when
            asked for one by one; `apart`: found and listed only where asked for as conditional orders (FIELD A2).
        closed_orders_vanish_secs: how long a closed order can be asked for; `None` for ever. Fills stay (FIELD A1).
        books_keep_secs: how long closed orders and their fills stay in the venue's own books; `None` for ever. For
            venues that run for days.
        newest_first: lists come newest first.
        reports_client_ids: order and fill reports name the client order id (FIELD D6, B10).
        reports_avg_px: order reports carry the average price (FIELD F6).
        reports_commissions: fill reports carry the commission.
        reports_fills: there are fill reports at all; without, only cumulative quantities of orders.
        reports_positions: positions can be asked for at all; `None` means on all accounts but CASH.
        reports_flat_positions: a position that is flat again is still reported, as flat (FIELD F13).
        avg_px_places: the average prices in reports are rounded to so many decimal places.
        fills_before_acks: what fills at once is streamed before its acknowledgement (FIELD D6, D8).
        streams_fills: fills go out on the stream; without, they are in the answer to the command and in queries only
            (FIELD A4).
        trades_apart: a trade of an order that the node does not know is streamed as such, with no word of the order;
            the order is told of by messages of its own (FIELD D6).
        answers_state: the answer to a submission carries what became of the order at once; without, it says only that
            the order was accepted, and under which id.
        streams_account: changed balances go out on the stream.
        streams_positions: changed positions go out on the stream.
        keeps_dates: a GTD order ends at its date; without, the date is not looked at and whoever set it must cancel.
        keeps_rejected: orders refused for a reason other than their id are kept, as rejected orders.
        market_remainder: what becomes of a market order's unfilled part: it is canceled, it expires, or it waits for
            liquidity.
        immediate_remainder: the same for IOC and FOK orders.
        stop_in_market: a stop whose trigger is already reached is triggered at once or refused.
        checks_funds: orders that the account cannot pay for are refused.
        hedge_legs: on HEDGING accounts every position is one of two legs for each instrument, LONG and SHORT, instead
            of one for each opening order (FIELD F21).
        splits_flips: a fill that turns a netting position around is reported as two under one trade id (FIELD C2).
        vague_refusals: commands about orders that are not open are refused in one text for never placed, already
            canceled and filled (FIELD A13).
        clock_offset_secs: by how much the venue's clock, and so every time that it reports, is ahead (FIELD H7).
        recv_window_secs: requests signed longer ago than this, or more than a second in the future, by the venue's
            clock are refused with -1021 (FIELD A8, H7); `None` for no check.
        cancel_on_disconnect_secs: when an account has had no stream for so long, its orders are canceled (FIELD J5);
            `None` for never.
        contingencies: the venue looks after linked orders itself (see `contingency`); without, they are plain orders.
        oto_release: a held order goes to work when its parent is filled, or with as much as its parent is filled
            (`partial`). It ends with a parent that ends before.
        oco_on_partial: a first partial fill of an OCO order cancels the others, or they stay until it is over (`keep`).
        default_trigger: which price triggers conditional orders that do not say.
        streams_trails: a trailing stop whose trigger moved is said to be updated; without, it moves in silence.
        self_trade_prevention: what happens when two orders of one account are about to meet: they trade, the newest,
            the oldest or both end, or both lose what would have traded (`decrement`).
        self_trade_ends: whether what that ends is canceled or expires.
        closed_orders: orders that come while the market is closed or halted are kept until it opens, or refused.
        calendar: the phases of every market's day in UTC, each `HH:MM PHASE` or `DAYS HH:MM PHASE` as in `MON-FRI 09:00
            open`; none: open until a script says otherwise. Orders for the DAY end when their market closes.
        queue_position: what rests stays behind those who were there first, however often a scripted book is said again;
            without, a new book stands behind the orders of accounts.
        book_refresh: a scripted book brings all its liquidity anew (`whole`), or only at prices where it says another
            size than before (`changed`): what was taken there stays taken (FIELD K11, NT#5017).
        margin_calls: accounts that cannot carry their positions are called and liquidated (see `margin_calls`).
        margin_call_at: the first warning comes when the equity is below so many times the maintenance margin, as text.
        liquidation_ids: orders that the venue places itself have a client order id (`autoclose-1`), or `none`.
        insures: a debt left after a liquidation is paid by the venue.
        funding_interval_secs: how often perpetuals pay funding, counted from 1970; `None` for never.
        funding_rate: what longs pay to shorts each time, as text, until a script says another rate.

    """

    name: str = "default"
    oms_type: Literal["NETTING", "HEDGING"] = "NETTING"
    account_type: Literal["MARGIN", "CASH", "BETTING"] = "MARGIN"
    base_currency: str | None = None
    modify: Literal["amend", "replace", "cancel_new"] = "amend"
    names_replacements: bool = True
    lists_replaced_legs: bool = False
    client_ids: Literal["unique", "unique_while_open", "free"] = "unique"
    ids_per_instrument: bool = False
    fee_currency: Literal["quote", "base", "received", "third"] = "quote"
    fee_third_currency: str = "BNB"
    fee_third_price: str = "500"
    maker_rate: str | None = None
    taker_rate: str | None = None
    page_size: int = 500
    lookback_secs: float | None = None
    fills_lookback_secs: float | None = None
    orders_lag_secs: float = 0.0
    fills_lag_secs: float = 0.0
    positions_lag_secs: float = 0.0
    conditional_orders: Literal["listed", "unlisted", "apart"] = "listed"
    closed_orders_vanish_secs: float | None = None
    books_keep_secs: float | None = None
    newest_first: bool = False
    reports_client_ids: bool = True
    reports_avg_px: bool = True
    reports_commissions: bool = True
    reports_fills: bool = True
    reports_positions: bool | None = None
    reports_flat_positions: bool = True
    avg_px_places: int | None = None
    fills_before_acks: bool = False
    streams_fills: bool = True
    trades_apart: bool = False
    answers_state: bool = True
    streams_account: bool = True
    streams_positions: bool = False
    keeps_dates: bool = True
    keeps_rejected: bool = True
    market_remainder: Literal["cancel", "expire", "wait"] = "cancel"
    immediate_remainder: Literal["cancel", "expire"] = "cancel"
    stop_in_market: Literal["trigger", "refuse"] = "trigger"
    checks_funds: bool = True
    hedge_legs: bool = False
    splits_flips: bool = False
    vague_refusals: bool = False
    clock_offset_secs: float = 0.0
    recv_window_secs: float | None = None
    cancel_on_disconnect_secs: float | None = None
    contingencies: bool = True
    oto_release: Literal["full", "partial"] = "full"
    oco_on_partial: Literal["cancel", "keep"] = "cancel"
    default_trigger: Literal["LAST_OR_BID_ASK", "LAST_PRICE", "BID_ASK", "MID_POINT", "MARK_PRICE", "INDEX_PRICE"] = (
        "LAST_OR_BID_ASK"
    )
    streams_trails: bool = False
    self_trade_prevention: Literal["none", "cancel_newest", "cancel_oldest", "cancel_both", "decrement"] = "none"
    self_trade_ends: Literal["cancel", "expire"] = "expire"
    closed_orders: Literal["accept", "refuse"] = "accept"
    calendar: tuple[str, ...] = ()
    queue_position: bool = False
    book_refresh: Literal["whole", "changed"] = "whole"
    margin_calls: bool = False
    margin_call_at: str = "1.25"
    liquidation_ids: Literal["named", "none"] = "named"
    insures: bool = False
    funding_interval_secs: float | None = None
    funding_rate: str = "0.0001"

    def __post_init__(self) -> None:
        if self.page_size < 1:
            raise ValueError(f"page_size must be at least 1, was {self.page_size}")
        for name in (
            "lookback_secs", "closed_orders_vanish_secs", "fills_lookback_secs", "orders_lag_secs", "fills_lag_secs",
            "positions_lag_secs", "recv_window_secs", "cancel_on_disconnect_secs", "books_keep_secs",
        ):  # fmt: skip
            value = getattr(self, name)
            if value is not None and value < 0:
                raise ValueError(f"{name} must be at least 0, was {value}")
        if self.funding_interval_secs is not None and self.funding_interval_secs < 1:
            raise ValueError(f"funding_interval_secs must be at least 1, was {self.funding_interval_secs}")
        Calendar(self.calendar)
        for name in ("maker_rate", "taker_rate", "fee_third_price", "margin_call_at", "funding_rate"):
            text = getattr(self, name)
            if text is not None and not _is_number(text):
                raise ValueError(f"{name} must be a number as text, was {text!r}")
        if self.base_currency is not None and (
            self.account_type != "MARGIN" or self.margin_calls or self.fee_currency == "third"
        ):
            raise ValueError(
                "base_currency must go with MARGIN accounts, without margin_calls and a third fee_currency, "
                f"was {self.base_currency} on {self.account_type}"
            )
        if self.fee_currency == "third" and Decimal(self.fee_third_price) <= 0:
            raise ValueError(f"fee_third_price must be > 0, was {self.fee_third_price}")

    @property
    def oms(self) -> OmsType:
        """The kind of position keeping."""
        return OmsType[self.oms_type]

    @property
    def account(self) -> AccountType:
        """The kind of account."""
        return AccountType[self.account_type]

    @property
    def lags(self) -> bool:
        """Whether some query answers as of a while ago."""
        return bool(self.orders_lag_secs or self.fills_lag_secs or self.positions_lag_secs)

    @property
    def has_positions(self) -> bool:
        """Whether positions can be asked for."""
        return self.account_type != "CASH" if self.reports_positions is None else self.reports_positions


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


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
            immediate_remainder="expire", stop_in_market="refuse", contingencies=False,
        ),
        VenueProfile(
            name="binance-futures", ids_per_instrument=True, client_ids="unique_while_open", page_size=1000,
            lookback_secs=7 * 86_400.0, market_remainder="expire", immediate_remainder="expire",
            stop_in_market="refuse", reports_flat_positions=False, contingencies=False,
        ),
        VenueProfile(
            name="replacing", modify="cancel_new", lists_replaced_legs=True, fills_before_acks=True,
        ),
        VenueProfile(
            name="forgetful", page_size=2, lookback_secs=3_600.0, closed_orders_vanish_secs=0.0, newest_first=True,
            reports_client_ids=False, reports_avg_px=False, reports_flat_positions=False,
        ),
        VenueProfile(name="tag-only", client_ids="free"),
        VenueProfile(name="lagging", orders_lag_secs=5.0, fills_lag_secs=5.0, positions_lag_secs=5.0),
        VenueProfile(
            name="hedge-mode", oms_type="HEDGING", hedge_legs=True, reports_flat_positions=False,
        ),
        VenueProfile(name="conditional-apart", conditional_orders="apart"),
        VenueProfile(
            name="terse", reports_fills=False, reports_avg_px=False, reports_commissions=False, answers_state=False,
            vague_refusals=True, reports_flat_positions=False,
        ),
        VenueProfile(
            name="atomic", streams_fills=False, market_remainder="expire", immediate_remainder="expire",
        ),
        VenueProfile(name="signed", recv_window_secs=5.0, client_ids="unique_while_open"),
        VenueProfile(name="dead-man", cancel_on_disconnect_secs=10.0),
        VenueProfile(
            name="token-fees", account_type="CASH", fee_currency="third", maker_rate="-0.0001", taker_rate="0.0004",
        ),
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
    fields = msgspec.structs.asdict(ready) | settings
    try:
        return msgspec.convert(fields, VenueProfile)
    except msgspec.ValidationError as error:
        raise ValueError(f"venue profile {name!r}: {error}") from None
