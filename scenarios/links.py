"""Transports: how a node reaches a venue, and where faults are put in between.

A scenario says what happens; a link makes it happen on one transport. Whatever a link cannot do it refuses by name
(`NotSupported`), so that no fault is ever left out in silence. Add a transport by adding a class with the methods of
`Link` to `LINKS`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from msgspec import Struct, structs

from nautilus_live.config import RoutingConfig
from nautilus_live.model.identifiers import AccountId
from nautilus_live.model.instruments import InstrumentAny
from sandbox_venues.adapter import SandboxDataClientConfig, SandboxExecClientConfig, SandboxLiveExecClientFactory
from sandbox_venues.adapter_data import SandboxLiveDataClientFactory
from sandbox_venues.gateway import VenueGateway, Watcher
from sandbox_venues.messages import Message, Page, PlaceOrder, PlaceOrders, VenueCommand
from sandbox_venues.outages import Disconnect, HalfOpen, Outage, Partition, RefuseConnections, Reset, Restart, Slow
from sandbox_venues.script import Script
from sandbox_venues.venue import AccountConfig, Handled, Venue, VenueConfig
from scenarios.market import instrument
from scenarios.problems import NotSupported, ScenarioError
from scenarios.settings import VenueSettings
from scenarios.verbs_faults import ConnectionFault
from scenarios.verbs_outages import (
    VenueRestart,
    WireDisconnect,
    WireHalfOpen,
    WirePartition,
    WireRefuseConnections,
    WireReset,
    WireSlow,
)
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
    """The first account."""
    account_ids: list[AccountId]
    script: Script
    secrets: tuple[str, ...]
    way_ns_max: int
    """How long a message takes one way at most, where nothing goes wrong."""
    watchers: list[Watcher]
    """Who is told of the moments before and after a message is sent or received by the node."""

    @property
    def pages_answered(self) -> int:
        """How many questions were answered with a list, empty or not."""
        ...

    def do(self, action: str, **arguments: Any) -> None:
        """Make something happen at the venue."""
        ...

    def clients(self) -> list[ClientParts]:
        """Return what a new node needs to reach the venue: a client for each account, the first account's first."""
        ...

    def cut(self) -> None:
        """Break what connects the node, as its crash does."""
        ...

    def begin(self, step: ConnectionFault) -> None:
        """Let something happen to the connections.

        Raises:
            NotSupported: if this transport cannot express it.

        """
        ...

    def end(self, step: ConnectionFault) -> None:
        """End what `begin` put in force and what lasts."""
        ...

    def heal(self) -> None:
        """End partitions, and every refusal to connect."""
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
    codes = dict.fromkeys(settings.profile.base_currency or made.settlement_currency.code for made in instruments)
    balances = [f"{settings.balance} {code}" for code in codes]
    if spot:
        bases = [made.base_currency.code for made in instruments if made.base_currency is not None]
        balances += [f"1000 {code}" for code in dict.fromkeys(bases)]
    numbers = dict.fromkeys((settings.account, *settings.accounts))
    accounts = tuple(AccountConfig(id=f"{name}-{number}", balances=tuple(balances)) for number in numbers)
    config = VenueConfig(name=name, profile=settings.profile, accounts=accounts)
    return CountingVenue(config, instruments, now_ns)


def client_name(venue: str, account_id: AccountId, first: AccountId) -> str:
    """Return what the node calls its client for an account: the venue's name, with the account's for further ones."""
    return venue if account_id == first else account_id.value


def account_at(link: Link, number: str | None) -> str:
    """Return the id of an account at a venue, by its number; without one, of the first.

    Raises:
        ScenarioError: if there is none of that number.

    """
    if number is None:
        return link.account_id.value
    known = [account_id.value for account_id in link.account_ids]
    wanted = f"{link.name}-{number}"
    if wanted not in known:
        raise ScenarioError([f"an account at {link.name} must be one of {', '.join(known)}, was {wanted}"])
    return wanted


def routing_of(account_id: AccountId, first: AccountId) -> RoutingConfig:
    """Return who may reach the client of an account: orders go to the first one, unless they name another."""
    return RoutingConfig(venues=None if account_id == first else frozenset())


class CountingGateway(VenueGateway):
    """A gateway with a count of the questions that it has answered with a list."""

    pages_answered = 0

    def record(self, direction: str, kind: str, node: str, message: Message | None) -> None:
        """Count, and tell the recorder."""
        if direction == "answer" and isinstance(message, Page) and kind.startswith("query."):
            self.pages_answered += 1
        if self._on_message is not None:
            super().record(direction, kind, node, message)


class DirectLink:
    """Transport `direct`: the sandbox's own adapter talks to the venue object, with latency and script in between."""

    def __init__(self, world: World, name: str, settings: VenueSettings, symbols: Sequence[str], start_ns: int) -> None:
        self.name = name
        self.venue = make_venue(name, settings, symbols, start_ns)
        self.account_ids = self.venue.account_ids
        self.account_id = self.account_ids[0]
        self.secrets: tuple[str, ...] = ()
        self.way_ns_max = round((settings.latency_ms + settings.jitter_ms) * 1_000_000)
        self.script = Script(world.entropy.stream(f"script:{name}"))
        self._world = world
        self._settings = settings
        self.gateway = CountingGateway(
            self.venue,
            world.clock,
            self.script,
            latency_secs=settings.latency_ms / 1_000,
            jitter_secs=settings.jitter_ms / 1_000,
            rng=world.entropy.stream(f"latency:{name}"),
            on_message=self._record if world.traced else None,
        )
        self.watchers: list[Watcher] = self.gateway.watchers

    @property
    def pages_answered(self) -> int:
        """How many questions were answered with a list, empty or not."""
        return self.gateway.pages_answered

    def _record(self, direction: str, kind: str, summary: str) -> None:
        self._world.record(f"{self.name} {direction} {kind}: {summary}")

    def do(self, action: str, **arguments: Any) -> None:
        """Make something happen at the venue, and let everybody hear of it."""
        self.gateway.do(action, **arguments)

    def clients(self) -> list[ClientParts]:
        """Return the sandbox adapter's settings and factories for each account at this venue."""
        settings = self._settings
        first, *others = (
            ClientParts(
                name=client_name(self.name, account_id, self.account_id),
                exec_config=SandboxExecClientConfig(
                    account_id=account_id.value,
                    request_timeout_secs=settings.request_timeout_secs,
                    heartbeat_secs=settings.heartbeat_secs,
                    reconnect_secs=settings.reconnect_secs,
                    routing=routing_of(account_id, self.account_id),
                ),
                exec_factory=SandboxLiveExecClientFactory(self.gateway),
            )
            for account_id in self.account_ids
        )
        first = structs.replace(
            first,
            data_config=SandboxDataClientConfig(
                request_timeout_secs=settings.request_timeout_secs, reconnect_secs=settings.reconnect_secs
            ),
            data_factory=SandboxLiveDataClientFactory(self.gateway),
        )
        return [first, *others]

    def cut(self) -> None:
        """Break every connection without a word."""
        for connection in self.gateway.connections:
            connection.cut()

    def begin(self, step: ConnectionFault) -> None:
        """Let something happen to the connections."""
        self.gateway.begin(_outage(step))

    def end(self, step: ConnectionFault) -> None:
        """End what lasts."""
        _outage(step).end(self.gateway)

    def heal(self) -> None:
        """End partitions, and every refusal to connect."""
        self.gateway.heal()

    def release(self, name: str) -> None:
        """Send on what a fault holds back."""
        self.gateway.release(name)

    def end_faults(self) -> None:
        """End every fault."""
        self.watchers.clear()
        self.gateway.end_faults()


def _half_open(step: WireHalfOpen) -> Outage:
    if step.toward != "client":
        raise NotSupported("wire.half_open: on transport `direct` only what goes toward the client can fall silent")
    return HalfOpen()


def _outage(step: ConnectionFault) -> Outage:
    make = OUTAGES.get(type(step))
    if make is None:
        name = step.__struct_config__.tag
        raise NotSupported(f"{name}: transport `direct` carries messages and no bytes; it cannot do this")
    return make(step)


OUTAGES: dict[type[ConnectionFault], Callable[[Any], Outage]] = {
    WireDisconnect: lambda step: Disconnect(for_secs=step.lasts.seconds),
    WireReset: lambda step: Reset(),
    WireRefuseConnections: lambda step: RefuseConnections(for_secs=step.lasts.seconds),
    WireHalfOpen: _half_open,
    WirePartition: lambda step: Partition(toward=step.toward),
    WireSlow: lambda step: Slow(factor=step.factor),
    VenueRestart: lambda step: Restart(for_secs=step.lasts.seconds, requests=step.requests),
}
"""What a verb is in the terms of transport `direct`."""

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
