"""What a venue keeps: orders, fills, accounts, markets, and how money follows from fills.

May know: the model, this package. Everything that the engine builds on: finding orders, numbering, locking, settling,
telling. Promises: ids are unique in their scope; nothing about an order is forgotten (but see `retention`).
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from nautilus_live.model.enums import LiquiditySide, OrderSide
from nautilus_live.model.identifiers import (
    AccountId,
    ClientOrderId,
    InstrumentId,
    PositionId,
    TradeId,
    VenueOrderId,
)
from nautilus_live.model.instruments import InstrumentAny
from nautilus_live.model.objects import Currency, Money, unit_of
from nautilus_live.model.reports import OrderStatusReport
from sandbox_venues import admission
from sandbox_venues.accounts import (
    FEES,
    STREET,
    Ledger,
    VenueAccount,
    VenuePosition,
    account_balances,
    account_margins,
    asset_of,
    position_report,
    required_margin,
)
from sandbox_venues.betting import at_risk
from sandbox_venues.conversion import conversion_into, settled
from sandbox_venues.matching import Market
from sandbox_venues.messages import (
    AccountMessage,
    OrderMessage,
    PositionMessage,
    QuoteMessage,
    Refusal,
    StreamMessage,
    TradeMessage,
)
from sandbox_venues.orders import ZERO, VenueFill, VenueOrder, fill_report, order_report
from sandbox_venues.past import Past
from sandbox_venues.profiles import VenueProfile
from sandbox_venues.public_desk import Print, PublicDesk, Quoted, quote_tick, trade_tick

ONE = Decimal(1)
DEFAULT_FUNDS = {"USDT": Decimal(10_000_000), "USD": Decimal(10_000_000)}
DEFAULT_BASE_FUNDS = Decimal(1_000)
VAGUE = admission.refuse("NOT_OPEN", "the order was never placed, already canceled, or filled")


class AccountConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One account at a venue.

    Attributes:
        id: the account id, ISSUER-NUMBER.
        balances: what it starts with, each AMOUNT CODE; empty means plenty of every currency that the instruments need.

    """

    id: str
    balances: tuple[str, ...] = ()


class VenueConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A venue: its name, its personality and its accounts (none given: one, `NAME-001`)."""

    name: str = "SANDBOX"
    profile: VenueProfile = VenueProfile()
    accounts: tuple[AccountConfig, ...] = ()


class Registry:
    """The books of an exchange."""

    def __init__(self, config: VenueConfig, instruments: list[InstrumentAny], now_ns: int = 0) -> None:
        self.config = config
        self.name = config.name
        self.profile = config.profile
        self.instruments: dict[InstrumentId, InstrumentAny] = {instrument.id: instrument for instrument in instruments}
        self.ledger = Ledger()
        self.created_ns = now_ns
        self.publishes_market = False
        self.unheard: dict[str, None] = {}  # feeds that nobody listens to: what they would say is counted, and not made
        self.turns = 0  # how often anything was done here that may have changed the books
        self.public = PublicDesk()
        self._markets = {instrument.id: Market(instrument) for instrument in instruments}
        self._conversion = conversion_into(self.profile.base_currency, self._markets)
        self._accounts: dict[AccountId, VenueAccount] = {}
        self._orders: list[VenueOrder] = []
        self._fills: list[VenueFill] = []
        self._by_client_id: dict[tuple[AccountId, ClientOrderId], list[VenueOrder]] = {}
        self._by_venue_id: dict[tuple[InstrumentId, VenueOrderId], VenueOrder] = {}
        self._expiring: dict[int, VenueOrder] = {}
        self._counters: dict[tuple[str, InstrumentId | None], int] = {}
        self._refusals: list[tuple[ClientOrderId | None, str, int]] = []
        self._sequence = 0
        self._message_count = 0
        self._outbox: list[StreamMessage] = []
        self._touched: dict[AccountId, dict[str, None]] = {}
        self._changed: dict[int, VenueOrder] = {}
        self._past = Past() if self.profile.lags else None
        for account in config.accounts or (AccountConfig(id=f"{config.name}-001"),):
            self._open_account(account)

    def _open_account(self, config: AccountConfig) -> None:
        account_id = AccountId(config.id)
        base = None if self._conversion is None else self._conversion.base
        account = VenueAccount(account_id, self.profile.account, self.profile.oms_type == "HEDGING", base)
        self._accounts[account_id] = account
        for instrument in self.instruments.values():
            account.deal_in(instrument)
        if self.profile.fee_currency == "third":
            fee = Currency.from_str(self.profile.fee_third_currency)
            account.codes[fee.code] = fee
            self.ledger.deposit(account.holder, fee.code, DEFAULT_BASE_FUNDS)
        if config.balances:
            for money in map(Money.from_str, config.balances):
                account.hold(money.currency)
                self.ledger.deposit(account.holder, money.currency.code, money.value)
        else:
            for code in account.codes:
                if self.profile.fee_currency == "third" and code == self.profile.fee_third_currency:
                    continue
                self.ledger.deposit(account.holder, code, DEFAULT_FUNDS.get(code, DEFAULT_BASE_FUNDS))

    # -- numbering

    def _next(self) -> int:
        self._sequence += 1
        return self._sequence

    def _count(self, what: str, instrument_id: InstrumentId) -> int:
        per_instrument = self.profile.ids_per_instrument and what in ("order", "trade")
        key = (what, instrument_id if per_instrument else None)
        number = self._counters[key] = self._counters.get(key, 0) + 1
        return number

    def _new_venue_order_id(self, instrument_id: InstrumentId) -> VenueOrderId:
        while True:
            number = VenueOrderId(f"V-{self._count('order', instrument_id)}")
            # A script may have taken a number.
            if (instrument_id, number) not in self._by_venue_id:
                return number

    def _new_trade_id(self, instrument_id: InstrumentId, *orders: VenueOrder | None) -> TradeId:
        while True:
            number = TradeId(f"T-{self._count('trade', instrument_id)}")
            # A script may have taken a number for a trade of the same order.
            if not any(number in order.trade_ids for order in orders if order is not None):
                return number

    def _new_position_id(self, order: VenueOrder, account: VenueAccount) -> PositionId:
        if self.profile.hedge_legs:
            long = (order.sign > 0) is not order.request.reduce_only
            return PositionId(f"{order.instrument.id}-{'LONG' if long else 'SHORT'}")
        if order.request.reduce_only:
            for (instrument_id, position_id), position in account.positions.items():
                if (
                    instrument_id == order.instrument.id
                    and position.signed * order.sign < 0
                    and position_id is not None
                ):
                    return position_id
        return PositionId(f"P-{self._count('position', order.instrument.id)}")

    # -- finding

    def _register(self, order: VenueOrder) -> None:
        self._orders.append(order)
        self._by_venue_id[order.instrument.id, order.venue_order_id] = order
        if order.client_order_id is not None:
            self._by_client_id.setdefault((order.account_id, order.client_order_id), []).append(order)

    def _owners(self, account_id: AccountId, client_order_id: ClientOrderId | None) -> list[VenueOrder]:
        return [] if client_order_id is None else self._by_client_id.get((account_id, client_order_id), [])

    def _locate(
        self,
        account_id: AccountId,
        instrument_id: InstrumentId,
        client_order_id: ClientOrderId | None,
        venue_order_id: VenueOrderId | None,
    ) -> VenueOrder | None:
        """Return the account's order of that id; of several with one client id the open one, else the latest.

        Raises nothing: an order of another account, or two ids that name two orders, is an unknown order.
        """
        by_venue = None
        if venue_order_id is not None:
            by_venue = self._by_venue_id.get((instrument_id, venue_order_id))
            if by_venue is not None and by_venue.account_id != account_id:
                by_venue = None
        if client_order_id is None:
            return by_venue
        owners = [o for o in self._owners(account_id, client_order_id) if o.instrument.id == instrument_id]
        if by_venue is not None:
            return by_venue if by_venue in owners else None
        return next((order for order in reversed(owners) if order.is_open), owners[-1] if owners else None)

    def _unknown(self, client_order_id: ClientOrderId | None, venue_order_id: VenueOrderId | None) -> Refusal:
        if self.profile.vague_refusals:
            return VAGUE
        return admission.refuse("UNKNOWN_ORDER", f"order must be known here, was {client_order_id} / {venue_order_id}")

    def _not_open(
        self, order: VenueOrder | None, client_order_id: ClientOrderId | None, venue_order_id: VenueOrderId | None
    ) -> Refusal | None:
        if order is None:
            return self._unknown(client_order_id, venue_order_id)
        if not order.is_open:
            if self.profile.vague_refusals:
                return VAGUE
            return admission.refuse("ORDER_CLOSED", f"{order.name}: order must be open, was {order.status}")
        return None

    # -- money

    def _needs(self, order: VenueOrder, account: VenueAccount, market: Market) -> tuple[str, Decimal]:
        """Return which currency, and how much of it, the order locks while it is open."""
        instrument, leaves = order.instrument, max(order.leaves, ZERO)
        price = order.price or order.trigger_price or self._worst_price(order, market)
        if account.is_cash and not order.held:
            dearer = ONE + self._fee_on_top(order)
            if order.sign < 0:
                return asset_of(instrument).code, leaves * dearer
            return instrument.quote_currency.code, leaves * price * dearer
        code = (account.base or instrument.settlement_currency).code
        if account.is_betting and not order.held:
            return code, at_risk(order.sign, leaves, price) + leaves * self._fee_on_top(order)
        held = account.net(instrument.id)
        reduces = held * order.sign < 0 and leaves <= abs(held)
        if order.request.reduce_only or reduces or order.held or not price:
            return code, ZERO
        needed = required_margin(instrument, leaves, price)
        if self._conversion is not None:
            needed *= self._conversion.needed(instrument.settlement_currency).value
        return code, needed.quantize(unit_of(account.codes[code].precision))

    def _fee_on_top(self, order: VenueOrder) -> Decimal:
        """Return which part of what an order gives away, or of the stake of a bet, its fee takes on top, at most."""
        gives = "quote" if order.sign > 0 or self.profile.account_type == "BETTING" else "base"
        if self.profile.fee_currency != gives:
            return ZERO
        rate = order.instrument.taker_fee if self.profile.taker_rate is None else Decimal(self.profile.taker_rate)
        return max(rate, ZERO)

    def _worst_price(self, order: VenueOrder, market: Market) -> Decimal:
        best = market.against(order.side).best
        return best.price if best is not None else market.last or ZERO

    def _lock(self, order: VenueOrder, account: VenueAccount, market: Market) -> None:
        code, amount = self._needs(order, account, market)
        if order.lock_amount != amount or order.lock_code != code:
            account.relock(order, code, amount)
            self._touch(account, code)

    def _commission(
        self, order: VenueOrder, account: VenueAccount, quantity: Decimal, price: Decimal, liquidity: LiquiditySide
    ) -> Money:
        instrument, profile = order.instrument, self.profile
        chosen = profile.maker_rate if liquidity is LiquiditySide.MAKER else profile.taker_rate
        usual = instrument.maker_fee if liquidity is LiquiditySide.MAKER else instrument.taker_fee
        rate = usual if chosen is None else Decimal(chosen)
        how = profile.fee_currency
        if how == "third":
            is_counted = instrument.is_inverse or account.is_betting
            worth = quantity * instrument.multiplier.value * (ONE if is_counted else price)
            return Money(worth * rate / Decimal(profile.fee_third_price), Currency.from_str(profile.fee_third_currency))
        if account.is_cash and (how == "base" or (how == "received" and order.sign > 0)):
            return Money(quantity * rate, asset_of(instrument))
        return settled(instrument.worth(quantity, price) * rate, instrument, self._conversion)

    def _settle(self, fill: VenueFill, account: VenueAccount) -> None:
        order = fill.order
        instrument = order.instrument
        profit = account.position(instrument, order.position_id).add(fill)
        self._move(fill, account, ONE)
        if account.is_margin:
            self._pay_profit(account, instrument, profit)

    def _move(self, fill: VenueFill, account: VenueAccount, direction: Decimal) -> None:
        """Exchange what the fill exchanges, and its fee; `direction` -1 takes it back."""
        order = fill.order
        instrument = order.instrument
        if account.is_cash:
            base, quote = asset_of(instrument).code, instrument.quote_currency.code
            quantity = fill.quantity * order.sign * direction
            self.ledger.transfer(STREET, account.holder, base, quantity)
            self.ledger.transfer(account.holder, STREET, quote, quantity * fill.price)
            self._touch(account, base)
            self._touch(account, quote)
        elif account.is_betting:
            change = account.bets_on(instrument).match(order.sign, fill.quantity * direction, fill.price)
            self._pay_profit(account, instrument, change)
        if fill.commission is not None and fill.commission.value:
            currency = fill.commission.currency
            account.codes.setdefault(currency.code, currency)
            self.ledger.transfer(account.holder, FEES, currency.code, fill.commission.value * direction)
            self._touch(account, currency.code)

    def _pay_profit(self, account: VenueAccount, instrument: InstrumentAny, profit: Decimal) -> None:
        paid = instrument.settle(profit) if account.base is None else Money(profit, account.base)  # moves when rounded
        self.ledger.transfer(STREET, account.holder, paid.currency.code, paid.value)
        self._touch(account, paid.currency.code)

    def _touch(self, account: VenueAccount, code: str) -> None:
        self._touched.setdefault(account.id, {})[code] = None

    # -- telling

    def _number(self) -> int:
        self._message_count += 1
        return self._message_count

    def _say(self, order: VenueOrder, what: str, now_ns: int, fill: VenueFill | None = None, reason: str = "") -> None:
        self._changed[order.sequence] = order
        told = fill if self.profile.reports_fills else None
        self._outbox.append(
            OrderMessage(
                account_id=order.account_id,
                what=what,
                order=order_report(order, self.profile, now_ns),
                fill=None if told is None else fill_report(told, self.profile, now_ns),
                reason=reason,
                sequence=self._number(),
                ts_event=now_ns,
            )
        )

    def _say_leg(self, leg: OrderStatusReport, order: VenueOrder, now_ns: int) -> None:
        message = OrderMessage(
            account_id=order.account_id,
            what="cancel",
            order=leg,
            reason=leg.cancel_reason or "",
            sequence=self._number(),
            ts_event=now_ns,
        )
        self._outbox.append(message)

    def _say_position(self, account: VenueAccount, position: VenuePosition, now_ns: int) -> None:
        report = position_report(account, position, self.profile.avg_px_places, now_ns)
        self._outbox.append(
            PositionMessage(account_id=account.id, position=report, sequence=self._number(), ts_event=now_ns)
        )

    def _say_balances(self, now_ns: int) -> None:
        touched, self._touched = self._touched, {}
        if not self.profile.streams_account:
            return
        for account_id, codes in touched.items():
            self._outbox.append(self._account_message(self._accounts[account_id], list(codes), now_ns))

    def _account_message(self, account: VenueAccount, codes: list[str], now_ns: int) -> AccountMessage:
        return AccountMessage(
            account_id=account.id,
            account_type=account.type,
            balances=account_balances(account, self.ledger, codes),
            margins=account_margins(account),
            sequence=self._number(),
            ts_event=now_ns,
        )

    def _publish_quote(self, market: Market, now_ns: int) -> None:
        if not self.publishes_market:
            return
        bid, ask = market.bid, market.ask
        if bid is None or ask is None:
            return
        quote = (bid, ask, market.bids.size_at_best(), market.asks.size_at_best())
        if quote == market.quote:
            return
        market.quote = quote
        quoted = Quoted(*quote, now_ns)
        self.public.note_quote(market.instrument.id, quoted)
        number = self._number()
        if "quote" not in self.unheard:
            self._outbox.append(QuoteMessage(tick=quote_tick(market, quoted), sequence=number, ts_event=now_ns))

    def _publish_trade(
        self, market: Market, price: Decimal, quantity: Decimal, side: OrderSide, trade_id: TradeId, now_ns: int
    ) -> None:
        traded = Print(price, quantity, side, trade_id, now_ns)
        self.public.note_trade(market.instrument.id, traded)
        if not self.publishes_market:
            return
        number = self._number()
        if "trade" not in self.unheard:
            self._outbox.append(TradeMessage(tick=trade_tick(market, traded), sequence=number, ts_event=now_ns))
