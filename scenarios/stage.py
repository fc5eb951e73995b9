"""The stage of one run: the venues, the node's store, and the node's lives.

May know: the world, the links, the kernel's public classes. A life is one start of the node: a new host, a new
connection to the same store, new adapters. A crash kills the host; what its store had taken is what the next life
begins with.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Context
from decimal import Decimal
from typing import Any

from nautilus_live.config import StrategyConfig, TradingNodeConfig
from nautilus_live.config.clients import LiveDataClientConfig
from nautilus_live.engine.cache import Cache
from nautilus_live.errors import KernelError
from nautilus_live.live.lifecycle import ExitCode
from nautilus_live.live.node import TradingNode
from nautilus_live.model.data import QuoteTick
from nautilus_live.model.enums import ComponentState
from nautilus_live.model.identifiers import AccountId, TraderId
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.store.memory import MemoryConnection, MemoryStore
from nautilus_live.store.port import StoreWriter
from scenarios.expect import LogFacts
from scenarios.format import GivenQuote, Scenario
from scenarios.injecting import doubles_requests, lies
from scenarios.links import Link, link_maker
from scenarios.market import instrument
from scenarios.problems import ScenarioError, nearest
from scenarios.quotes_client import StatedQuotes
from scenarios.scripted_strategy import SYMBOL_DEFAULT, ScriptedStrategy
from scenarios.settings import OWNERS, VENUE_DEFAULT, NodeSettings, route, strategy_settings, venue_settings
from scenarios.watch import NodeWatch
from scenarios.world.clock import EPOCH_NS, VirtualClock
from scenarios.world.host import CURRENT_HOST, Host
from scenarios.world.world import World

STRATEGY_DEFAULT = "S-001"
RECONCILED = "initialise_portfolio"
"""The step of a start that comes after reconciliation: whoever gets there has been reconciled."""
HISTORY_NS = 7 * 86_400 * 1_000_000_000
"""How long before the scenario the venues opened."""


class LogTap(logging.Handler):
    """Collects what the node logs, and puts warnings into the trace; while it listens, nobody else hears it."""

    LOGGERS = ("nautilus_live", "sandbox_venues")

    def __init__(self, world: World) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[LogFacts] = []
        self.errors: list[str] = []
        self._world = world

    def emit(self, record: logging.LogRecord) -> None:
        """Take a line."""
        text = record.getMessage()
        self.lines.append(LogFacts(level=record.levelno, text=text))
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and not isinstance(error, KernelError | asyncio.CancelledError):
            # Nobody raises such a thing on purpose: a bug that was caught and logged is a bug all the same.
            self.errors.append(f"an unexpected error was logged: {text}: {type(error).__name__}: {error}")
        if record.levelno >= logging.WARNING:
            self._world.record(f"log {record.levelname}: {text}")

    @contextmanager
    def listening(self, level: int) -> Iterator[None]:
        """Take what is logged at `level` or above, inside the block."""
        loggers = [logging.getLogger(name) for name in self.LOGGERS]
        before = [(logger.level, logger.propagate) for logger in loggers]
        for logger in loggers:
            logger.addHandler(self)
            logger.setLevel(level)
            logger.propagate = False
        try:
            yield
        finally:
            for logger, (old_level, propagate) in zip(loggers, before, strict=True):
                logger.removeHandler(self)
                logger.setLevel(old_level)
                logger.propagate = propagate


class Life:
    """One start of the node."""

    def __init__(
        self, node: TradingNode, host: Host, store: MemoryConnection, strategies: dict[str, ScriptedStrategy]
    ) -> None:
        self.node = node
        self.host = host
        self.store = store
        self.strategies = strategies
        self.task: asyncio.Task[int] | None = None
        self.reached: list[str] = []
        self.crashed = False

    @property
    def state(self) -> str:
        """RUNNING, STOPPED, FAILED or CRASHED, or where it is on its way."""
        if self.crashed:
            return "CRASHED"
        if self.task is not None and self.task.done():
            return "STOPPED" if self.node.exit_code in (ExitCode.OK, ExitCode.STOP_INCOMPLETE) else "FAILED"
        return "RUNNING" if self.node.state is ComponentState.RUNNING else self.node.state.value

    @property
    def exit_code(self) -> int | None:
        """What the process returned, `None` while it runs or if it was killed."""
        return int(self.node.exit_code) if self.task is not None and self.task.done() and not self.crashed else None

    @property
    def reconciliation(self) -> str:
        """How startup reconciliation ended."""
        if RECONCILED in self.reached:
            return "succeeded"
        return "failed" if self.exit_code == ExitCode.RECONCILIATION_FAILED else ""


class Stage:
    """Everything that one run plays on."""

    def __init__(self, world: World, scenario: Scenario, transport: str, log: LogTap) -> None:
        self.world = world
        self.scenario = scenario
        self.store = MemoryStore(self._wait_for_store)
        self.violations: list[str] = []
        self.life: Life | None = None
        self.skew_ns = 0
        self.log = log
        self.log_since = 0
        self.links = self._make_links(transport)
        self.watch = NodeWatch(
            world.record,
            self.violations.append,
            self.now_ns,
            {link.account_id: link.venue for link in self.links.values()},
            allow_overfills=bool(route(scenario.node).of("exec_engine").get("allow_overfills", False)),
        )
        self.watch.trusts_venues = not lies(scenario.steps)
        self._lives = 0

    def now_ns(self) -> int:
        """Return the virtual time since the beginning."""
        return round(self.world.loop.time() * 1e9)

    # -- venues
    # ----------------------------------------------------------------------------------------------------------

    def _make_links(self, transport: str) -> dict[str, Link]:
        make = link_maker(transport)
        tables = {VENUE_DEFAULT: self.scenario.venue, **self.scenario.venues}
        wanted = _symbols(self.scenario)
        return {
            name: make(self.world, name, venue_settings(table), wanted.get(name, []), EPOCH_NS - HISTORY_NS)
            for name, table in tables.items()
        }

    def link(self, name: str | None, path: str = "") -> Link:
        """Return a venue by its name, the default one without.

        Raises:
            ScenarioError: if there is none of that name.

        """
        found = self.links.get(name or VENUE_DEFAULT)
        if found is None:
            raise ScenarioError([f"{path}there is no venue {name!r}{nearest(str(name), self.links)}"])
        return found

    # -- the node's lives
    # ------------------------------------------------------------------------------------------------

    def start(self, settings: dict[str, Any]) -> Life:
        """Begin a new life of the node."""
        if self.life is not None and self.life.state in ("RUNNING", "STARTING", "STOPPING"):
            raise ScenarioError([f"the node must be down to be started, was {self.life.state}"])
        self._lives += 1
        host = self.world.host("node", skew_ns=self.skew_ns)
        store = self.store.connect()
        self.log_since = len(self.log.lines)
        clock = VirtualClock(self.world.loop, host)
        # One life, one stream: what an earlier life drew does not shift what this one draws.
        entropy = self.world.entropy.stream(f"node:{self._lives}")
        life: Life | None = None

        def note_step(step: Any) -> None:
            assert life is not None, "steps run after the node was made"
            life.reached.append(step.action)

        clients = [link.client() for link in self.links.values()]
        config = self._config(route({**self.scenario.node, **settings}), clients)
        node = TradingNode(config, self.world.loop, clock, store, entropy=entropy, before_step=note_step)
        quotes = self.scenario.given.node.quotes if self.scenario.given is not None else []
        for client in clients:
            node.add_exec_client_factory(client.name, client.exec_factory)
            if client.data_factory is not None:
                node.add_data_client_factory(client.name, client.data_factory)
        if quotes:
            node.add_data_client_factory("STATED", StatedQuotes([_tick(quote) for quote in quotes]))
        strategies = self._strategies()
        for strategy in strategies.values():
            node.trader.add_strategy(strategy)
        self.watch.listen(node.kernel.msgbus, node.cache, self._pages_answered)
        life = self.life = Life(node, host, store, strategies)
        host.add_port(store.cut)
        for link in self.links.values():
            host.add_port(link.cut)
        life.task = host.run(lambda: _build_and_run(node), name="node")
        return life

    def _pages_answered(self) -> int:
        return sum(link.pages_answered for link in self.links.values())

    def check_sent_once(self) -> None:
        """Hold (4) against the venues: no order arrived twice, unless a fault doubled it."""
        if doubles_requests(self.scenario.steps):
            return
        for link in self.links.values():
            for name, count in link.venue.arrivals.items():
                if count > 1:
                    self.violations.append(f"invariant 4 (no order twice): {name} arrived {count} times at {link.name}")

    def _config(self, settings: NodeSettings, clients: list[Any]) -> TradingNodeConfig:
        parts = {
            owner: kind(**settings.of(owner))
            for owner, kind in OWNERS.items()
            if owner not in ("", "strategy") and settings.of(owner)
        }
        data_clients: dict[str, Any] = {
            client.name: client.data_config
            for client in clients
            if client.data_config is not None and self.wants_quotes
        }
        if self.scenario.given is not None and self.scenario.given.node.quotes:
            data_clients["STATED"] = LiveDataClientConfig()
        return TradingNodeConfig(
            **settings.of(""),
            **parts,
            exec_clients={client.name: client.exec_config for client in clients},
            data_clients=data_clients,
        )

    @property
    def wants_quotes(self) -> bool:
        """Whether the scenario has a market that the strategies listen to."""
        given = self.scenario.given
        stated = given is not None and bool(given.venue.quotes)
        return stated or any(step.__struct_config__.tag == "venue.quote" for step in self.scenario.steps)

    def _strategies(self) -> dict[str, ScriptedStrategy]:
        from_node = route(self.scenario.node).of("strategy")
        tables = {STRATEGY_DEFAULT: {**from_node, **self.scenario.strategy}, **self.scenario.strategies}
        symbols = _symbols(self.scenario) if self.wants_quotes else {}
        made = {}
        for name, table in tables.items():
            given = {"strategy_id": name, "log_events": False, "log_commands": False, **strategy_settings(table)}
            made[name] = ScriptedStrategy(StrategyConfig(**given))
            made[name].listens_to = [f"{symbol}.{venue}" for venue, found in symbols.items() for symbol in found]
        return made

    def stop(self) -> None:
        """Ask the node to stop."""
        self.in_node(self._running("stopped").node.stop)

    def in_node(self, function: Callable[..., Any], *arguments: Any) -> None:
        """Call a function as the node's own process: what it schedules belongs to the node, and a paused one waits."""
        life = self._running("used")
        context = life.host.context()
        if life.host.paused:
            self.world.loop.call_soon(function, *arguments, context=context)
        else:
            context.run(function, *arguments)

    def crash(self) -> None:
        """Kill the node's process."""
        life = self._running("killed")
        life.crashed = True
        life.host.crash()
        self.check_stored()

    def signal(self, name: str) -> None:
        """Send the node's process a signal."""
        self.world.loop.deliver_signal(signal.Signals[name], self._running("signalled").host)

    def _running(self, verb: str) -> Life:
        if self.life is None or self.life.state in ("CRASHED", "STOPPED", "FAILED"):
            state = "never started" if self.life is None else self.life.state
            raise ScenarioError([f"the node must be up to be {verb}, was {state}"])
        return self.life

    def strategy(self, name: str | None) -> ScriptedStrategy:
        """Return a strategy by its id, the default one without.

        Raises:
            ScenarioError: if there is none, or the node is down.

        """
        life = self._running("traded with")
        found = life.strategies.get(name or STRATEGY_DEFAULT)
        if found is None:
            raise ScenarioError([f"there is no strategy {name!r}{nearest(str(name), life.strategies)}"])
        return found

    # -- the store
    # -------------------------------------------------------------------------------------------------------

    def stored(self) -> Cache:
        """Return what a new node would load from the store."""
        settings = route(self.scenario.node)
        config = OWNERS["cache"](**{**settings.of("cache"), "flush_on_start": False, "buffer_interval_ms": None})
        trader_id = TradingNodeConfig(**settings.of("")).trader_id
        cache = Cache(StoreWriter(self.store.connect(), trader_id, config), config)
        cache.load()
        return cache

    def check_stored(self) -> None:
        """Hold (6) against the store: what strategies were told is there, but for what the buffer may lose."""
        settings = route(self.scenario.node).of("cache")
        if settings.get("use_instance_id"):
            return
        buffer_ns = int(settings.get("buffer_interval_ms") or 0) * 1_000_000
        self.violations += self.watch.check_stored(self.stored(), self.now_ns(), buffer_ns)
        # Looked at once: what the buffer lost in a crash is lost, and what was stored then is no news later.
        self.watch.told.clear()

    def _wait_for_store(self, delay_s: float) -> None:
        """Let a write take time: the process that writes does nothing else meanwhile."""
        host = CURRENT_HOST.get()
        if host is None or host.state != "RUNNING":
            return
        host.pause()
        self.world.loop.call_later(delay_s, _resume, host, context=Context())

    def lose_store(self) -> None:
        """Lose everything that was stored; strategies were told of things that nobody remembers now."""
        self.store.data.clear()
        self.watch.told.clear()

    @property
    def trader_id(self) -> TraderId:
        """The node's trader id."""
        return TradingNodeConfig(**route(self.scenario.node).of("")).trader_id

    def account_of(self, venue: str | None) -> AccountId:
        """Return the account at a venue."""
        return self.link(venue).account_id


async def _build_and_run(node: TradingNode) -> int:
    # Built on its host, so that whatever an adapter schedules belongs to the node's process.
    node.build()
    return int(await node.run_async())


def _resume(host: Host) -> None:
    if host.state == "PAUSED":
        host.resume()


def _symbols(scenario: Scenario) -> dict[str, list[str]]:
    """Return the symbols that a scenario speaks of, by venue, the default one first."""
    found: dict[str, dict[str, None]] = {VENUE_DEFAULT: {SYMBOL_DEFAULT: None}}
    for name in scenario.venues:
        found[name] = {SYMBOL_DEFAULT: None}
    sides = [scenario.given.node, scenario.given.venue] if scenario.given is not None else []
    spoken: list[Any] = [*scenario.steps]
    for side in sides:
        spoken += [*side.orders, *side.positions, *side.quotes]
    for item in spoken:
        spoken_name: str | None = getattr(item, "instrument", None)
        if spoken_name is not None:
            symbol, dot, venue = spoken_name.rpartition(".")
            place: str = venue if dot else getattr(item, "venue", None) or VENUE_DEFAULT
            found.setdefault(place, {})[symbol if dot else spoken_name] = None
    return {venue: list(symbols) for venue, symbols in found.items()}


def _tick(quote: GivenQuote) -> QuoteTick:
    made = instrument(quote.instrument or SYMBOL_DEFAULT, quote.venue or VENUE_DEFAULT)
    size = Quantity(Decimal(1), made.size_precision)
    return QuoteTick(
        made.id,
        Price(Decimal(quote.bid), made.price_precision),
        Price(Decimal(quote.ask), made.price_precision),
        size,
        size,
        EPOCH_NS,
        EPOCH_NS,
    )
