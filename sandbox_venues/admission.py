"""What a venue refuses, and why.

May know: the model, this package. Pure: asks the state, changes nothing. Promises: a refusal means that nothing
happened; its code is one of the words below, its reason names the rule, the value and what it was.
"""

from __future__ import annotations

from decimal import Decimal

from nautilus_live.model.enums import OrderSide, OrderType, TimeInForce, TrailingOffsetType
from nautilus_live.model.instruments import IndexInstrument, InstrumentAny
from nautilus_live.model.objects import Price
from sandbox_venues.accounts import VenueAccount
from sandbox_venues.conversion import Conversion
from sandbox_venues.matching import Market, crosses
from sandbox_venues.messages import WOULD_TAKE, AccountRequest, AmendOrder, PlaceOrder, Refusal, Request
from sandbox_venues.orders import MARKET_TYPES, STOP_TYPES, TRAILING_TYPES, ZERO, VenueOrder
from sandbox_venues.profiles import VenueProfile

AT_AUCTION = frozenset({TimeInForce.AT_THE_OPEN, TimeInForce.AT_THE_CLOSE})
IMMEDIATE = frozenset({TimeInForce.IOC, TimeInForce.FOK})
UNRESTING = IMMEDIATE | AT_AUCTION
AHEAD_NS_MAX = 1_000_000_000
"""How far in the future a request may be signed."""
PRICED_TYPES = frozenset({OrderType.LIMIT, OrderType.STOP_LIMIT, OrderType.LIMIT_IF_TOUCHED})


def refuse(code: str, reason: str) -> Refusal:
    """Return a refusal."""
    return Refusal(code=code, reason=reason)


def bad_shape(request: PlaceOrder, instrument: InstrumentAny, now_ns: int) -> Refusal | None:
    """Return why the order makes no sense on its own, `None` if it does."""
    kind = request.order_type
    if type(instrument) is IndexInstrument:
        return refuse("NOT_TRADED", f"{instrument.id} must be something that is traded, was an index")
    if kind in PRICED_TYPES and request.price is None:
        return refuse("BAD_PRICE", f"a {kind} order must have a price, was None")
    if kind in STOP_TYPES and kind not in TRAILING_TYPES and request.trigger_price is None:
        return refuse("BAD_PRICE", f"a {kind} order must have a trigger price, was None")
    if kind in TRAILING_TYPES and not request.trailing_offset:
        return refuse("BAD_PRICE", f"a {kind} order must have a trailing offset, was {request.trailing_offset}")
    if kind is OrderType.TRAILING_STOP_LIMIT and request.limit_offset is None:
        return refuse("BAD_PRICE", f"a {kind} order must have a limit offset, was None")
    if kind in TRAILING_TYPES and request.trailing_offset_type is TrailingOffsetType.PRICE_TIER:
        return refuse("BAD_REQUEST", f"a trailing offset must be in price, ticks or basis points, was {kind} by tier")
    if request.post_only and (
        kind in MARKET_TYPES or kind is OrderType.MARKET_TO_LIMIT or request.time_in_force in UNRESTING
    ):
        return refuse("BAD_REQUEST", f"post-only must go with a resting order, was {kind} {request.time_in_force}")
    if request.time_in_force is TimeInForce.GTD and request.expire_time_ns <= now_ns:
        return refuse("BAD_REQUEST", f"expire time must be in the future ({now_ns}), was {request.expire_time_ns}")
    refusal = bad_price(instrument, request.price) or bad_price(instrument, request.trigger_price)
    refusal = refusal or bad_price(instrument, request.activation_price)
    if request.quote_quantity:
        return refusal or _bad_quote_quantity(request)
    return (
        bad_quantity(instrument, request.quantity.value)
        or refusal
        or bad_tip(instrument, request)
        or bad_notional(instrument, request.quantity.value, request.price)
    )


def bad_tip(instrument: InstrumentAny, request: PlaceOrder) -> Refusal | None:
    """Return what is wrong with how much of the order shows, `None` if nothing is."""
    shown = request.display_qty
    if shown is None:
        return None
    if request.order_type in MARKET_TYPES or request.time_in_force in IMMEDIATE:
        return refuse("BAD_REQUEST", f"display quantity must go with an order that rests, was {request.order_type}")
    if not 0 < shown.value <= request.quantity.value or shown.value % instrument.size_increment.value:
        return refuse("BAD_QUANTITY", f"display quantity must be part of {request.quantity}, was {shown}")
    return None


def _bad_quote_quantity(request: PlaceOrder) -> Refusal | None:
    if request.order_type in STOP_TYPES or request.display_qty is not None:
        return refuse("BAD_REQUEST", f"a quantity in quote currency must be of a plain order, was {request.order_type}")
    if request.quantity.value <= 0:
        return refuse("BAD_QUANTITY", f"quantity must be positive, was {request.quantity}")
    return None


def count_in_base(order: VenueOrder, market: Market) -> Refusal | None:
    """Give an order over an amount of quote currency its quantity; return why that cannot be, `None` if it can.

    It is what the amount buys (sells) at the limit price, without one from the best price on through the book; rounded
    down to a whole lot.
    """
    instrument, limit = order.instrument, order.price
    money, quantity, at = order.quantity / instrument.multiplier.value, ZERO, limit
    for entry in market.against(order.side) if limit is None else ():
        at = entry.price
        taken = min(entry.leaves, money / at)
        quantity, money = quantity + taken, money - taken * at
        if money <= 0:
            break
    at = at or market.last
    if at is None:
        return refuse("NO_PRICE", f"a quantity in quote currency must find a price, was {order.quantity} without one")
    if money > 0:
        quantity += money / at
    lot = instrument.size_increment.value
    order.quantity = quantity // lot * lot
    return bad_quantity(instrument, order.quantity) or bad_notional(instrument, order.quantity, order.request.price)


def bad_phase(request: PlaceOrder, market: Market, profile: VenueProfile) -> Refusal | None:
    """Return why the order cannot be taken in a market that is not open, `None` if it can."""
    phase = market.phase
    if phase == "delisted":
        return refuse("DELISTED", f"{request.instrument_id} must be traded here, was delisted")
    if request.time_in_force in AT_AUCTION:
        return None
    takes = request.order_type in (OrderType.MARKET, OrderType.MARKET_TO_LIMIT)
    if takes or request.time_in_force in IMMEDIATE:
        return refuse(
            "MARKET_CLOSED", f"the market must be open for {request.order_type} {request.time_in_force}, was {phase}"
        )
    if phase != "pre_open" and profile.closed_orders == "refuse":
        return refuse("MARKET_CLOSED", f"the market must be open, or about to be, was {phase}")
    return None


def bad_quantity(instrument: InstrumentAny, quantity: Decimal) -> Refusal | None:
    """Return what is wrong with a quantity, `None` if nothing is."""
    if quantity <= 0 or quantity % instrument.size_increment.value:
        return refuse("BAD_QUANTITY", f"quantity must be a multiple of {instrument.size_increment}, was {quantity}")
    if instrument.min_quantity is not None and quantity < instrument.min_quantity.value:
        return refuse("BAD_QUANTITY", f"quantity must be at least {instrument.min_quantity}, was {quantity}")
    if instrument.max_quantity is not None and quantity > instrument.max_quantity.value:
        return refuse("BAD_QUANTITY", f"quantity must be at most {instrument.max_quantity}, was {quantity}")
    return None


def bad_price(instrument: InstrumentAny, price: Price | None) -> Refusal | None:
    """Return what is wrong with a price, `None` if nothing is."""
    if price is None:
        return None
    value = price.value
    if value % instrument.price_increment.value:
        return refuse("BAD_PRICE", f"price must be a multiple of {instrument.price_increment}, was {value}")
    if instrument.min_price is not None and value < instrument.min_price.value:
        return refuse("BAD_PRICE", f"price must be at least {instrument.min_price}, was {value}")
    if instrument.max_price is not None and value > instrument.max_price.value:
        return refuse("BAD_PRICE", f"price must be at most {instrument.max_price}, was {value}")
    return None


def bad_notional(instrument: InstrumentAny, quantity: Decimal, price: Price | None) -> Refusal | None:
    """Return what is wrong with the size in money, `None` if nothing is."""
    minimum = instrument.min_notional
    if price is not None and minimum is not None and quantity * price.value < minimum.value:
        return refuse("MIN_NOTIONAL", f"notional must be at least {minimum}, was {quantity * price.value}")
    return None


def bad_timestamp(request: Request, signed_ns: int, now_ns: int, profile: VenueProfile) -> Refusal | None:
    """Return why a request is too old, or from the future, by the venue's clock; `None` if it is neither."""
    window_secs = profile.recv_window_secs
    if window_secs is None or not isinstance(request, AccountRequest):
        return None
    age_ns = now_ns - signed_ns
    if -AHEAD_NS_MAX < age_ns <= window_secs * 1_000_000_000:
        return None
    return refuse(
        "-1021", f"a timestamp must be within {window_secs} s of the venue's clock, was {age_ns / 1e9:.3f} s old"
    )


def bad_moment(request: PlaceOrder, market: Market, account: VenueAccount) -> Refusal | None:
    """Return why the order cannot be taken as the book and the position stand, `None` if it can."""
    if request.post_only and request.order_type is OrderType.LIMIT and request.price is not None and market.is_open:
        refusal = takes_liquidity(market, request.side, request.price.value)
        if refusal is not None:
            return refusal
    if request.reduce_only and not account.is_cash and request.order_type not in STOP_TYPES:
        if not account.reducible(request.instrument_id, request.side.sign, request.position_id):
            held = account.net(request.instrument_id)
            return refuse("REDUCE_ONLY", f"a reduce-only {request.side} must have a position to reduce, was {held}")
    return None


def bad_change(order: VenueOrder, change: AmendOrder, market: Market) -> Refusal | None:
    """Return why the order cannot be changed so as the book stands, `None` if it can."""
    instrument = order.instrument
    if change.quantity is None and change.price is None and change.trigger_price is None:
        return refuse("BAD_REQUEST", f"{order.name}: a change must change something, was empty")
    if change.quantity is not None:
        if change.quantity.value <= order.filled:
            return refuse(
                "BAD_QUANTITY", f"{order.name}: quantity must be above the filled {order.filled}, was {change.quantity}"
            )
        refusal = bad_quantity(instrument, change.quantity.value)
        if refusal is not None:
            return refusal
    if change.price is not None and order.price is None:
        return refuse("BAD_PRICE", f"{order.name}: a {order.order_type} order has no price, was {change.price}")
    if change.trigger_price is not None and (order.trigger_price is None or order.triggered):
        return refuse("BAD_PRICE", f"{order.name}: there is no trigger price to change, was {change.trigger_price}")
    refusal = bad_price(instrument, change.price) or bad_price(instrument, change.trigger_price)
    works = market.is_open and order.triggered and not order.held
    if refusal is None and works and order.request.post_only and change.price is not None:
        return takes_liquidity(market, order.side, change.price.value)
    return refusal


def takes_liquidity(market: Market, side: OrderSide, price: Decimal) -> Refusal | None:
    """Return why a post-only order cannot have that price, `None` if it would take nothing."""
    best = market.against(side).best
    if best is None or not crosses(-side.sign, best.price, price):
        return None
    return refuse("POST_ONLY", f"{WOULD_TAKE}, best opposite price was {best.price}")


def duplicate_id(request: PlaceOrder, owners: list[VenueOrder], profile: VenueProfile) -> Refusal | None:
    """Return why the client order id cannot be used (again), `None` if it can."""
    if not owners or profile.client_ids == "free":
        return None
    if profile.client_ids == "unique_while_open" and not any(order.is_open for order in owners):
        return None
    used = owners[-1]
    return refuse(
        "DUPLICATE_ID", f"client order id must be new, was {request.client_order_id} used by {used.venue_order_id}"
    )


def no_rate(instrument: InstrumentAny, conversion: Conversion | None) -> Refusal | None:
    """Return a refusal if the account has one currency, and nobody knows what that of the instrument is worth in it."""
    currency = instrument.settlement_currency
    if conversion is None or conversion.rate(currency) is not None:
        return None
    return refuse("NO_RATE", f"a rate from {currency} to {conversion.base} must be known, was in no market")


def too_expensive(needed: Decimal, free: Decimal, code: str) -> Refusal | None:
    """Return a refusal if the account has too little, `None` otherwise."""
    if needed > free and needed > ZERO:
        return refuse("INSUFFICIENT_FUNDS", f"free {code} must be at least {needed}, was {free}")
    return None
