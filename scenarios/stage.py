"""The stage of one run: the venues, the node's store, and the node's lives.

May know: the world, the links, the kernel's public classes. A life is one start of the node: a new host, a new
connection to the same store, new adapters. A crash kills the host; what its store had taken is what the next life
begins with.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from contextvars import Context
from typing import Any

from nautilus_live.config import CacheConfig, TradingNodeConfig
from nautilus_live.config.clients import LiveDataClientConfig
from nautilus_live.engine.cache import Cache
from nautilus_live.live.node import TradingNode
from nautilus_live.model.identifiers import AccountId, TraderId
from nautilus_live.store.memory import MemoryStore
from nautilus_live.store.port import StoreWriter
from nautilus_live.trading.strategy import Strategy
from sandbox_venues.venue import Venue
from scenarios.finality import answers_are_final
from scenarios.format import Scenario
from scenarios.hearing import listen_in
from scenarios.in_process import InProcess
from scenarios.injecting import lies
from scenarios.invariants.asking import Asking
from scenarios.invariants.own import OwnInvariant, load_own
from scenarios.invariants.secrets import configurations_of, secrets_in
from scenarios.invariants.views import Belief, Truth
from scenarios.life import Life
from scenarios.links import Link, link_maker
from scenarios.log_tap import LogTap
from scenarios.machine_clock import MachineClock
from scenarios.moving import Movements
from scenarios.problems import ScenarioError, nearest
from scenarios.quotes_client import StatedQuotes, stated_tick
from scenarios.scripted_strategy import SYMBOL_DEFAULT, ScriptedStrategy
from scenarios.settings import VENUE_DEFAULT, NodeSettings, route, venue_settings
from scenarios.store_faults import Journal, LoseEverything
from scenarios.strategies import STRATEGY_DEFAULT, make_strategy, strategy_tables
from scenarios.verbs import StrategySubscribe, VenueQuote
from scenarios.verbs_market import QUOTING_VERBS
from scenarios.verbs_outages import StoreLoseTail
from scenarios.watch import NodeWatch
from scenarios.world.clock import EPOCH_NS, VirtualClock
from scenarios.world.faults import PauseHost
from scenarios.world.host import CURRENT_HOST
from scenarios.world.world import World

__all__ = ["Life", "Stage"]

MARKET_VERBS = (VenueQuote, StrategySubscribe, *QUOTING_VERBS)
DEFAULT_TRADER: TraderId = TradingNodeConfig().trader_id
HISTORY_NS = 7 * 86_400 * 1_000_000_000
"""How long before the scenario the venues opened."""


class Stage:
    """Everything that one run plays on."""

    def __init__(
        self, world: World, scenario: Scenario, transport: str, log: LogTap, own: Sequence[OwnInvariant] = ()
    ) -> None:
        self.transport = transport
        self.world = world
        self.scenario = scenario
        self.store = MemoryStore(self._wait_for_store)
        self._set(scenario.node)
        self.violations: list[str] = []
        self.heard: dict[str, list[tuple[int, str]]] = {}  # by strategy: what a file asks about
        self.movements = Movements()
        self.steps_taken = 0
        self.books_seen: dict[str, int] = {}  # the turn of each venue at which its books were last added up
        self.life: Life | None = None
        if any(isinstance(step, StoreLoseTail) for step in scenario.steps):
            self.store.troubles[Journal(self.store, self.now_ns)] = None
        self.start_settings: dict[str, Any] = {}
        self.clock = MachineClock()
        self.log = log
        self.log_since = 0
        self.links: dict[str, Link] = {}
        self._venues: dict[AccountId, Venue] = {}
        symbols = _symbols(scenario)
        for name, table in self._venue_tables().items():
            self.open_venue(name, table, symbols.get(name, []))
        self.own = (*load_own(scenario.invariants), *own)
        self.watch = NodeWatch(
            world.record if world.traced else None,
            self.violations.append,
            self.now_ns,
            self._venues,
            own=[rule for rule in self.own if rule.when == "always"],
            allow_overfills=bool(self._settings.of("exec_engine").get("allow_overfills", False)),
        )
        self.note_steps()
        self._lives = 0

    def _set(self, node: dict[str, Any]) -> None:
        self._settings = route(node)
        stored = {**self._settings.of("cache"), "flush_on_start": False, "buffer_interval_ms": None}
        self._stored_config = CacheConfig(**stored)
        named = self._settings.of("").get("trader_id")
        self.trader_id: TraderId = DEFAULT_TRADER if named is None else TraderId(str(named))

    def note_steps(self) -> None:
        """Look at the steps once more: with a lie among them, the venue's books cannot be held against the node."""
        # A trade that is taken back while the node is being told of it is no invention of the node's.
        taken_back = any(step.__struct_config__.tag in ("venue.bust", "venue.correct") for step in self.scenario.steps)
        self.watch.trusts_venues = not lies(self.scenario.steps) and not taken_back
        profiles = [link.venue.profile for link in self.links.values()]
        self.watch.answers_are_final = answers_are_final(self.scenario.steps, profiles)

    def now_ns(self) -> int:
        """Return the virtual time since the beginning."""
        return round(self.world.loop.time() * 1e9)

    # -- venues
    # ----------------------------------------------------------------------------------------------------------

    def _venue_tables(self) -> dict[str, dict[str, Any]]:
        return {VENUE_DEFAULT: self.scenario.venue, **self.scenario.venues}

    def open_venue(self, name: str, table: dict[str, Any], symbols: Sequence[str] = ()) -> Link:
        """Open a venue, as a `[venue]` table describes it; a node that starts later trades there."""
        settings = venue_settings(table, f"venue {name}")
        link = link_maker(self.transport)(self.world, name, settings, symbols, EPOCH_NS - HISTORY_NS)
        self.links[name] = link
        self._venues.update(dict.fromkeys(link.account_ids, link.venue))
        return link

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
        if self.life is not None and self.life.state not in ("CRASHED", "STOPPED", "FAILED"):
            raise ScenarioError([f"the node must be down to be started, was {self.life.state}"])
        self._lives += 1
        self.start_settings = settings
        host = self.clock.new_host(self.world)
        store = self.store.connect()
        self.log_since = len(self.log.lines)
        self.log.look_for(None)  # until the new life's configurations have been made
        clock = VirtualClock(self.world.loop, host)
        # One life, one stream: what an earlier life drew does not shift what this one draws.
        entropy = self.world.entropy.stream(f"node:{self._lives}")
        life: Life | None = None

        def note_step(step: Any) -> None:
            assert life is not None, "steps run after the node was made"
            life.reached.append(step.action)

        clients = [client for link in self.links.values() for client in link.clients()]
        routed = route({**self.scenario.node, **settings}) if settings else self._settings
        config = self._config(routed, clients)
        node = TradingNode(config, self.world.loop, clock, store, entropy=entropy, before_step=note_step)
        quotes = self.scenario.given.node.quotes if self.scenario.given is not None else []
        asking = Asking(config.exec_engine, node.cache, clock.timestamp_ns, self.violate, is_steady=self.is_steady)
        for client in clients:
            node.add_exec_client_factory(client.name, asking.overheard(client.exec_factory))
            if client.data_factory is not None:
                node.add_data_client_factory(client.name, client.data_factory)
        if quotes:
            node.add_data_client_factory("STATED", StatedQuotes([stated_tick(quote) for quote in quotes]))
        strategies = self._strategies()
        for strategy in strategies.values():
            node.trader.add_strategy(strategy)
        of_links = (secret for link in self.links.values() for secret in link.secrets)
        secrets = (*secrets_in(configurations_of(node)), *of_links)
        self.log.look_for(secrets)
        life = self.life = Life(node, host, store, strategies, secrets)
        self.watch.listen(node.kernel.msgbus, self.belief, self.truth, self._pages_answered, asking)
        host.add_port(store.cut)
        for link in self.links.values():
            host.add_port(link.cut)
        life.task = host.run(lambda: _build_and_run(node), name="node")
        return life

    @property
    def belief(self) -> Belief:
        """What the node of the present life believes.

        Raises:
            ScenarioError: if it was never started.

        """
        if self.life is None:
            raise ScenarioError(["the node must have been started to believe anything, was never started"])
        return Belief(self.life.node.cache, self.life.node.portfolio)

    @property
    def truth(self) -> Truth:
        """What is true at the venues."""
        return Truth([link.venue for link in self.links.values()])

    @property
    def is_steady(self) -> bool:
        """Whether the node's clock goes as it should, from the beginning to the end."""
        return not any(str(step.__struct_config__.tag).startswith("clock.") for step in self.scenario.steps)

    def _pages_answered(self, account_id: AccountId | None) -> int:
        count = 0
        for link in self.links.values():
            if account_id is None or account_id in link.account_ids:
                count += link.pages_answered
        return count

    def violate(self, text: str) -> None:
        """Note that an invariant does not hold; once is enough."""
        if text not in self.violations:
            self.violations.append(text)

    def _config(self, settings: NodeSettings, clients: list[Any]) -> TradingNodeConfig:
        data_clients: dict[str, Any] = {
            client.name: client.data_config
            for client in clients
            if client.data_config is not None and self.wants_quotes
        }
        if self.scenario.given is not None and self.scenario.given.node.quotes:
            data_clients["STATED"] = LiveDataClientConfig()
        return TradingNodeConfig(
            **settings.of(""),
            **settings.parts,
            exec_clients={client.name: client.exec_config for client in clients},
            data_clients=data_clients,
        )

    @property
    def wants_quotes(self) -> bool:
        """Whether the scenario has a market that the strategies listen to."""
        given, tables = self.scenario.given, (self.scenario.strategy, *self.scenario.strategies.values())
        stated = given is not None and bool(given.venue.quotes)
        own = any("path" in table for table in tables)
        return stated or own or any(isinstance(step, MARKET_VERBS) for step in self.scenario.steps)

    @property
    def acts_on_its_own(self) -> bool:
        """Whether there is a strategy that does more than the steps say: then the node need never rest."""
        life = self.life
        return life is not None and any(not isinstance(own, ScriptedStrategy) for own in life.strategies.values())

    def _strategies(self) -> dict[str, Strategy]:
        from_node = self._settings.of("strategy")
        symbols = _symbols(self.scenario) if self.wants_quotes else {}
        made: dict[str, Strategy] = {}
        for name, table, path in strategy_tables(self.scenario.strategy, self.scenario.strategies, from_node):
            made[name] = strategy = make_strategy(name, table, path)
            if self.scenario.expect.heard:
                self._listen_in(name, strategy)
            if isinstance(strategy, ScriptedStrategy):
                strategy.listens_to = [f"{symbol}.{venue}" for venue, found in symbols.items() for symbol in found]
        return made

    def _listen_in(self, name: str, strategy: Strategy) -> None:
        def note(text: str) -> None:
            if not self.watch.is_deaf:
                lines.append((self.now_ns(), text))

        lines = self.heard.setdefault(name, [])
        listen_in(strategy, self.scenario.expect.callbacks_of(name), note)

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
        self.watch.is_deaf = True  # whatever the process still runs to its next await, it tells nobody
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
        """Return a scripted strategy by its id, the default one without.

        Raises:
            ScenarioError: if there is none, or the node is down.

        """
        life = self._running("traded with")
        found = life.strategies.get(name or STRATEGY_DEFAULT)
        if found is None:
            raise ScenarioError([f"there is no strategy {name!r}{nearest(str(name), life.strategies)}"])
        if not isinstance(found, ScriptedStrategy):
            raise ScenarioError([f"a strategy must be scripted to be told what to do, was {type(found).__qualname__}"])
        return found

    # -- the store
    # -------------------------------------------------------------------------------------------------------

    def stored(self) -> Cache:
        """Return what a new node would load from the store."""
        config = self._stored_config
        cache = Cache(StoreWriter(self.store.untroubled().connect(), self.trader_id, config), config)
        cache.load()
        return cache

    def check_stored(self) -> None:
        """Hold (6) against the store: what strategies were told is there, but for what the buffer may lose."""
        settings = self._settings.of("cache")
        if settings.get("use_instance_id"):
            return
        buffer_ns = int(settings.get("buffer_interval_ms") or 0) * 1_000_000
        until_ns = self.now_ns() - int(self._stood_still_s() * 1e9)  # which empties no buffer
        self.violations += self.watch.told.check(self.stored, until_ns, buffer_ns)
        # Looked at once: what the buffer lost in a crash is lost, and what was stored then is no news later.
        self.watch.told.clear()

    def _stood_still_s(self) -> float:
        return 0.0 if self.life is None else self.life.host.stood_still_s

    def _wait_for_store(self, delay_s: float) -> None:
        """Let a write take time: the process that writes does nothing else meanwhile."""
        host = CURRENT_HOST.get()
        if host is None or host.state != "RUNNING":
            return
        fault = PauseHost()
        fault.begin(host)
        self.world.loop.call_later(delay_s, fault.end, host, context=Context())

    def lose_store(self) -> None:
        """Lose everything that was stored; strategies were told of things that nobody remembers now."""
        LoseEverything().begin(self.store)
        self.watch.told.clear()

    @property
    def cache_settings(self) -> dict[str, Any]:
        """The node's settings of its store and cache."""
        return self._settings.of("cache")


async def _build_and_run(node: TradingNode) -> int:
    # Built on its host, so that whatever an adapter schedules belongs to the node's process.
    node.build()
    trader, here = node.trader, InProcess()
    for component in (*trader.strategies(), *trader.actors(), *trader.exec_algorithms()):
        component.register_executor(node.kernel.loop, here)
    return int(await node.run_async())


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
