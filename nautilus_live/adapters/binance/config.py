"""How the Binance clients are configured. The clients themselves arrive with the Binance adapter; until then these
settings are accepted and validated. Numbers behind the names are defaults.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, unique
from typing import Annotated, Final

from msgspec import Meta

from nautilus_live.config import LiveDataClientConfig, LiveExecClientConfig, PositiveInt
from nautilus_live.config.kinds import NonEmptyText
from nautilus_live.config.values import Rule
from nautilus_live.errors import Problem
from nautilus_live.model.identifiers import Venue
from nautilus_live.secrets import Secret


@unique
class BinanceAccountType(Enum):
    """Which of Binance's markets, each with an account and servers of its own."""

    SPOT = "SPOT"
    MARGIN = "MARGIN"
    ISOLATED_MARGIN = "ISOLATED_MARGIN"
    USDT_FUTURES = "USDT_FUTURES"
    COIN_FUTURES = "COIN_FUTURES"

    @property
    def is_spot(self) -> bool:
        """Whether assets are bought and sold outright."""
        return self is BinanceAccountType.SPOT

    @property
    def is_margin(self) -> bool:
        """Whether assets are bought and sold on credit."""
        return self in (BinanceAccountType.MARGIN, BinanceAccountType.ISOLATED_MARGIN)

    @property
    def is_spot_or_margin(self) -> bool:
        """Whether assets themselves are traded."""
        return self.is_spot or self.is_margin

    @property
    def is_futures(self) -> bool:
        """Whether futures are traded."""
        return self in (BinanceAccountType.USDT_FUTURES, BinanceAccountType.COIN_FUTURES)


@unique
class BinanceKeyType(Enum):
    """How requests are signed."""

    HMAC = "HMAC"
    RSA = "RSA"
    ED25519 = "ED25519"


def _address(*schemes: str) -> Rule:
    def convert(text: str) -> str:
        scheme, separator, rest = text.partition("://")
        # An address with a user in it would be shown with the password.
        if scheme not in schemes or not separator or not rest or "@" in rest or set(rest) & set(" \t\n"):
            raise ValueError
        return text

    return Rule(f"an address {schemes[0]}://... or {schemes[1]}://... without user or space", convert, shown=False)


HttpAddress = Annotated[str, _address("https", "http")]
WebSocketAddress = Annotated[str, _address("wss", "ws")]
ReceiveWindow = Annotated[int, Meta(gt=0, le=60_000)]
FailureCount = Annotated[int, Meta(ge=1)]


def _conflicts_between(config: BinanceDataClientConfig | BinanceExecClientConfig) -> Iterator[Problem]:
    if (config.api_key is None) != (config.api_secret is None):
        missing = "api_key" if config.api_key is None else "api_secret"
        yield Problem(missing, "must be given together with the other half of the pair, was not given")
    if config.us and config.account_type is not BinanceAccountType.SPOT:
        rule = "must be SPOT where us is set: Binance US has nothing else"
        yield Problem("account_type", rule, config.account_type.name)
    if config.us and config.testnet:
        yield Problem("testnet", "must be left out where us is set: Binance US has no test network", True)
    if config.testnet and config.account_type.is_margin:
        yield Problem("testnet", f"must be left out for {config.account_type.name}: it has no test network", True)


class BinanceDataClientConfig(LiveDataClientConfig, frozen=True, kw_only=True):
    """A client for Binance market data. The client itself arrives with the Binance adapter; all settings wait for it.

    Attributes:
        venue (BINANCE): The venue that its instruments are listed under.
        api_key (None): The key, or a reference `env:NAME` or `file:PATH`; never shown. None for public data alone.
        api_secret (None): What requests are signed with, or a reference; never shown.
        key_type (HMAC): How requests are signed: HMAC, RSA or ED25519.
        account_type (SPOT): Which market.
        base_url_http (None): Address of another REST server, such as a sandbox; None is Binance's own.
        base_url_ws (None): Address of another WebSocket server; None is Binance's own.
        us (False): Whether the client trades at Binance US.
        testnet (False): Whether Binance's test network is used.
        update_instruments_interval_mins (60): Minutes between loads of the instruments; None loads them once.
        use_agg_trade_ticks (False): Whether trades arrive aggregated by the order that took them.

    """

    venue: Venue = Venue("BINANCE")
    api_key: Secret | None = None
    api_secret: Secret | None = None
    key_type: BinanceKeyType = BinanceKeyType.HMAC
    account_type: BinanceAccountType = BinanceAccountType.SPOT
    base_url_http: HttpAddress | None = None
    base_url_ws: WebSocketAddress | None = None
    us: bool = False
    testnet: bool = False
    update_instruments_interval_mins: PositiveInt | None = 60
    use_agg_trade_ticks: bool = False

    def _conflicts(self) -> Iterator[Problem]:
        yield from super()._conflicts()
        yield from _conflicts_between(self)


class BinanceExecClientConfig(LiveExecClientConfig, frozen=True, kw_only=True):
    """A client for trading at Binance. The client itself arrives with the Binance adapter; all settings wait for it.

    Attributes:
        venue (BINANCE): The venue that its orders and positions are listed under.
        api_key (None): The key, or a reference `env:NAME` or `file:PATH`; never shown.
        api_secret (None): What requests are signed with, or a reference; never shown.
        key_type (HMAC): How requests are signed: HMAC, RSA or ED25519.
        account_type (SPOT): Which market.
        base_url_http (None): Address of another REST server, such as a sandbox; None is Binance's own.
        base_url_ws (None): Address of another WebSocket server; None is Binance's own.
        us (False): Whether the client trades at Binance US.
        testnet (False): Whether Binance's test network is used.
        use_gtd (True): Whether good-till-date orders are sent as such rather than as good-till-canceled.
        use_reduce_only (True): Whether `reduce_only` is passed on.
        use_position_ids (True): Whether hedged positions carry the venue's ids.
        treat_expired_as_canceled (False): Whether the venue's EXPIRED is read as CANCELED.
        recv_window_ms (5000): Milliseconds a request may be under way before the venue refuses it, 60000 at most.
        max_retries (None): How often a query is repeated; None repeats none. Order commands are never repeated.
        retry_delay_initial_ms (None): Milliseconds before the first repetition; None leaves it to the client.
        retry_delay_max_ms (None): Milliseconds before a repetition at most; None leaves it to the client.
        futures_leverages (None): Leverage to set for a symbol at start, 1 to 125.
        listen_key_ping_max_failures (3): Failed renewals of the user stream in a row before it is opened anew.
        log_rejected_due_post_only_as_warning (True): Whether a refused post-only order is a warning rather than an
            error.

    """

    venue: Venue = Venue("BINANCE")
    api_key: Secret | None = None
    api_secret: Secret | None = None
    key_type: BinanceKeyType = BinanceKeyType.HMAC
    account_type: BinanceAccountType = BinanceAccountType.SPOT
    base_url_http: HttpAddress | None = None
    base_url_ws: WebSocketAddress | None = None
    us: bool = False
    testnet: bool = False
    use_gtd: bool = True
    use_reduce_only: bool = True
    use_position_ids: bool = True
    treat_expired_as_canceled: bool = False
    recv_window_ms: ReceiveWindow = 5_000
    max_retries: PositiveInt | None = None
    retry_delay_initial_ms: PositiveInt | None = None
    retry_delay_max_ms: PositiveInt | None = None
    futures_leverages: dict[NonEmptyText, Annotated[int, Meta(ge=1, le=125)]] | None = None
    listen_key_ping_max_failures: FailureCount = 3
    log_rejected_due_post_only_as_warning: bool = True

    def _conflicts(self) -> Iterator[Problem]:
        yield from super()._conflicts()
        yield from _conflicts_between(self)
        if self.futures_leverages and not self.account_type.is_futures:
            rule = f"must be left out for {self.account_type.name}: only futures have a leverage"
            yield Problem("futures_leverages", rule)
        initial, longest = self.retry_delay_initial_ms, self.retry_delay_max_ms
        if initial is not None and longest is not None and longest < initial:
            yield Problem("retry_delay_max_ms", f"must be an integer >= retry_delay_initial_ms ({initial})", longest)


NOT_YET: Final[dict[str, str]] = {
    f"{owner.__name__}.{setting}": "accepted and validated; takes effect with the Binance adapter"
    for owner in (BinanceDataClientConfig, BinanceExecClientConfig)
    for setting in owner.__struct_fields__
}
"""From `Class.setting` to what it waits for, as `nautilus_live.config.NOT_YET`."""
