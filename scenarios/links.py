"""Transports: how a node reaches a venue, and where faults are put in between.

A scenario says what happens; a link makes it happen on one transport. Whatever a link cannot do it refuses by name
(`NotSupported`), so that no fault is ever left out in silence. Add a transport by adding a class with the methods of
`Link` to `LINKS`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from msgspec import Struct

from nautilus_live.model.identifiers import AccountId
from nautilus_live.model.instruments import InstrumentAny
from sandbox_venues.adapter import SandboxDataClientConfig, SandboxExecClientConfig, SandboxLiveExecClientFactory
from sandbox_venues.adapter_data import SandboxLiveDataClientFactory
from sandbox_venues.gateway import VenueGateway
from sandbox_venues.messages import PlaceOrder, PlaceOrders, VenueCommand
from sandbox_venues.script import Script
from sandbox_venues.venue import AccountConfig, Handled, Venue, VenueConfig
from scenarios.market import instrument
from scenarios.problems import NotSupported
from scenarios.settings import VenueSettings
from scenarios.world.world import World


class ClientParts(Struct, frozen=True, kw_only=True):
    """What a node needs to reach a venue: settings and factories, by the client's name."""

    name: str
    exec_config: Any
    exec_factory: Any
    data_config: Any | None = None
    data_factory: Any | None = None


class Link(Protocol):
    """One venue, and the way to it."""

    name: str
    venue: CountingVenue
    account_id: AccountId
    script: Script
    secrets: tuple[str, ...]
    pages_answered: int
    """How many questions were answered with a list, empty or not."""

    def do(self, action: str, **arguments: Any) -> None:
        """Make something happen at the venue."""
        ...

    def client(self) -> ClientParts:
        """Return what a new node needs to reach the venue."""
        ...

    def cut(self) -> None:
        """Break what connects the node, as its crash does."""
        ...

    def disconnect(self, lasts_s: float) -> None:
        """Break the connection and say so; new ones succeed after `lasts_s`."""
        ...

    def half_open(self) -> None:
        """Let the connection die without saying so."""
        ...

    def partition(self) -> None:
        """Hold everything, both ways."""
        ...

    def heal(self) -> None:
        """End a partition."""
        ...

    def slow(self, factor: float) -> None:
        """Multiply latency by `factor`; 1 is normal."""
        ...

    def release(self, name: str) -> None:
        """Send on what a fault holds back."""
        ...

    def end_faults(self) -> None:
        """End every fault; what was held back travels on."""
        ...


class CountingVenue(Venue):
    """The honest exchange, with a count of the orders that arrived under each client order id."""

    def __init__(self, config: VenueConfig, instruments: list[InstrumentAny], now_ns: int = 0) -> None:
        super().__init__(config, instruments, now_ns)
        self.arrivals: dict[str, int] = {}

    def handle(self, command: VenueCommand, now_ns: int) -> Handled:
        """Count and carry out a command."""
        orders = (
            command.orders if isinstance(command, PlaceOrders) else [command] if isinstance(command, PlaceOrder) else []
        )
        for order in orders:
            name = str(order.client_order_id)
            self.arrivals[name] = self.arrivals.get(name, 0) + 1
        return super().handle(command, now_ns)


def make_venue(name: str, settings: VenueSettings, symbols: Sequence[str], now_ns: int) -> CountingVenue:
    """Return the honest exchange that a scenario describes."""
    spot = settings.profile.account_type == "CASH"
    instruments = [instrument(symbol, name, spot) for symbol in dict.fromkeys((*settings.instruments, *symbols))]
    codes = dict.fromkeys(made.quote_currency.code for made in instruments)
    balances = [f"{settings.balance} {code}" for code in codes]
    if spot:
        balances += [f"1000 {code}" for code in dict.fromkeys(made.base_currency.code for made in instruments)]
    account = AccountConfig(id=f"{name}-{settings.account}", balances=tuple(balances))
    config = VenueConfig(name=name, profile=settings.profile, accounts=(account,))
    return CountingVenue(config, instruments, now_ns)


class DirectLink:
    """Transport `direct`: the sandbox's own adapter talks to the venue object, with latency and script in between."""

    def __init__(self, world: World, name: str, settings: VenueSettings, symbols: Sequence[str], start_ns: int) -> None:
        self.name = name
        self.venue = make_venue(name, settings, symbols, start_ns)
        self.account_id = self.venue.account_ids[0]
        self.secrets: tuple[str, ...] = ()
        self.pages_answered = 0
        self.script = Script(world.entropy.stream(f"script:{name}"))
        self._world = world
        self._settings = settings
        self._latency_s = settings.latency_ms / 1_000
        self.gateway = VenueGateway(
            self.venue,
            world.clock,
            self.script,
            latency_secs=self._latency_s,
            jitter_secs=settings.jitter_ms / 1_000,
            rng=world.entropy.stream(f"latency:{name}"),
            on_message=self._record,
        )

    def _record(self, direction: str, kind: str, summary: str) -> None:
        if direction == "answer" and kind.startswith("query.") and " page of " in summary:
            self.pages_answered += 1
        self._world.record(f"{self.name} {direction} {kind}: {summary}")

    def do(self, action: str, **arguments: Any) -> None:
        """Make something happen at the venue, and let everybody hear of it."""
        self.gateway.do(action, **arguments)

    def client(self) -> ClientParts:
        """Return the sandbox adapter's settings and factories for this venue."""
        settings = self._settings
        return ClientParts(
            name=self.name,
            exec_config=SandboxExecClientConfig(
                account_id=self.account_id.value,
                request_timeout_secs=settings.request_timeout_secs,
                heartbeat_secs=settings.heartbeat_secs,
                reconnect_secs=settings.reconnect_secs,
            ),
            exec_factory=SandboxLiveExecClientFactory(self.gateway),
            data_config=SandboxDataClientConfig(
                request_timeout_secs=settings.request_timeout_secs, reconnect_secs=settings.reconnect_secs
            ),
            data_factory=SandboxLiveDataClientFactory(self.gateway),
        )

    def cut(self) -> None:
        """Break every connection without a word."""
        for connection in self.gateway.connections:
            connection.cut()

    def disconnect(self, lasts_s: float) -> None:
        """End the streams and say so."""
        self.gateway.disconnect(for_secs=lasts_s)

    def half_open(self) -> None:
        """Let the streams fall silent."""
        self.gateway.half_open()

    def partition(self) -> None:
        """Hold everything."""
        self.gateway.partition()

    def heal(self) -> None:
        """End a partition."""
        self.gateway.heal()

    def slow(self, factor: float) -> None:
        """Multiply latency."""
        self.gateway.latency_secs = self._latency_s * factor

    def release(self, name: str) -> None:
        """Send on what a fault holds back."""
        self.gateway.release(name)

    def end_faults(self) -> None:
        """End every fault."""
        self.gateway.end_faults()
        self.slow(1)


LinkMaker = Callable[[World, str, VenueSettings, Sequence[str], int], Link]
LINKS: dict[str, LinkMaker] = {"direct": DirectLink}
"""The transports that can be run, in the order they are run in."""


def link_maker(transport: str) -> LinkMaker:
    """Return what makes links of that transport.

    Raises:
        NotSupported: if this transport cannot be run here.

    """
    found = LINKS.get(transport)
    if found is None:
        raise NotSupported(f"transport must be one of {', '.join(LINKS)}, was {transport!r}")
    return found
