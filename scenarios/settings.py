"""From the flat settings of a scenario file to the kernel's configuration classes.

A file writes `inflight_check_retries = 2` and need not know which class has it. Each key goes to the first class of
`OWNERS` that knows it; a key that none knows is refused with the nearest one. Instruments may be written without
their venue.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
from msgspec import Struct, field

from nautilus_live.config import (
    CacheConfig,
    LiveDataEngineConfig,
    LiveExecEngineConfig,
    LiveRiskEngineConfig,
    MessageBusConfig,
    PortfolioConfig,
    StrategyConfig,
    TradingNodeConfig,
)
from nautilus_live.errors import ConfigError
from sandbox_venues.profiles import VenueProfile, profile
from scenarios.problems import ScenarioError, nearest

VENUE_DEFAULT = "SIM"

OWNERS: dict[str, Any] = {
    "exec_engine": LiveExecEngineConfig,
    "": TradingNodeConfig,
    "cache": CacheConfig,
    "risk_engine": LiveRiskEngineConfig,
    "data_engine": LiveDataEngineConfig,
    "portfolio": PortfolioConfig,
    "message_bus": MessageBusConfig,
    "strategy": StrategyConfig,
}
"""Who may have a setting, first owner first; the name is the node's setting that holds the class."""

SCENARIO_OWNED = (
    "exec_clients",
    "data_clients",
    "exec_engine",
    "risk_engine",
    "data_engine",
    "cache",
    "portfolio",
    "environment",
)
INSTRUMENT_LISTS = ("external_order_claims", "reconciliation_instrument_ids")
INSTRUMENT_TABLES = ("max_notional_per_order",)


class NodeSettings(Struct, frozen=True, kw_only=True):
    """The settings of one node start, by owner, and the parts of a node's configuration that were made of them.

    Parts are frozen, so that lives may share them; they are made once, for building takes longer than most steps.
    """

    by_owner: dict[str, dict[str, Any]] = field(default_factory=dict)
    parts: dict[str, Any] = field(default_factory=dict)

    def of(self, owner: str) -> dict[str, Any]:
        """Return the settings of one owner."""
        return self.by_owner.get(owner, {})


def route(flat: dict[str, Any], path: str = "$.node") -> NodeSettings:
    """Return flat node settings by owner.

    Raises:
        ScenarioError: if nobody knows a key, or a value is wrong; all of them are told.

    """
    by_owner: dict[str, dict[str, Any]] = {}
    problems: list[str] = []
    known = known_settings()
    for key, value in flat.items():
        owner = known.get(key)
        if owner is None:
            problems.append(f"{path}.{key}: the node has no such setting{nearest(key, known)}")
            continue
        by_owner.setdefault(owner, {})[key] = _with_venues(key, value)
    made = {owner: _made(OWNERS[owner], settings, path, problems) for owner, settings in by_owner.items()}
    if problems:
        raise ScenarioError(problems)
    parts = {owner: part for owner, part in made.items() if owner not in ("", "strategy")}
    return NodeSettings(by_owner=by_owner, parts=parts)


def strategy_settings(flat: dict[str, Any], path: str = "$.strategy") -> dict[str, Any]:
    """Return the settings of a strategy, instruments spelled out.

    Raises:
        ScenarioError: if a key or a value is wrong.

    """
    settings = {key: _with_venues(key, value) for key, value in flat.items()}
    problems: list[str] = []
    _made(StrategyConfig, settings, path, problems)
    if problems:
        raise ScenarioError(problems)
    return settings


@cache
def known_settings() -> dict[str, str]:
    """Return who owns each setting that `[node]` may have."""
    known: dict[str, str] = {}
    for owner, kind in OWNERS.items():
        for name in kind.__struct_fields__:
            if name not in SCENARIO_OWNED:
                known.setdefault(name, owner)
    return known


def full_instrument(name: str, venue: str = VENUE_DEFAULT) -> str:
    """Return an instrument id with its venue."""
    return name if "." in name else f"{name}.{venue}"


def _with_venues(key: str, value: Any) -> Any:
    if key in INSTRUMENT_LISTS and isinstance(value, list):
        return [full_instrument(item) if isinstance(item, str) else item for item in value]
    if key in INSTRUMENT_TABLES and isinstance(value, dict):
        return {full_instrument(name): item for name, item in value.items()}
    return value


def _made(kind: Any, settings: dict[str, Any], path: str, problems: list[str]) -> Any:
    try:
        return kind(**settings)
    except ConfigError as error:
        problems.extend(f"{path}.{problem}" for problem in error.problems)
        return None


class VenueSettings(Struct, frozen=True, kw_only=True):
    """What `[venue]` says: the profile's own fields, and what the world around it needs to know.

    Attributes:
        profile: the sandbox profile with its overrides.
        instruments: symbols traded there besides the default one.
        balance: the account's initial amount in the quote currency.
        account: the account's number.
        accounts: the numbers of further accounts there; steps choose one by `account`, without it the first is meant.
        latency_ms: how long a message takes, one way.
        jitter_ms: by how much more at most, drawn from the seed.
        request_timeout_secs: how long the node's adapter waits for an answer.
        heartbeat_secs: how often the adapter looks whether the stream is alive.
        reconnect_secs: how long the adapter waits before it connects again.

    """

    profile: VenueProfile
    instruments: tuple[str, ...] = ("BTCUSDT",)
    balance: str = "1000000"
    account: str = "001"
    accounts: tuple[str, ...] = ()
    latency_ms: float = 10.0
    jitter_ms: float = 0.0
    request_timeout_secs: float = 5.0
    heartbeat_secs: float = 15.0
    reconnect_secs: float = 0.5


WORLD_SETTINGS = tuple(name for name in VenueSettings.__struct_fields__ if name != "profile")


def venue_settings(flat: dict[str, Any], path: str = "$.venue") -> VenueSettings:
    """Return what a venue table says; `profile` names a ready profile, other keys are its fields.

    Raises:
        ScenarioError: if a key or a value is wrong.

    """
    own = {key: value for key, value in flat.items() if key in WORLD_SETTINGS}
    fields = {key: value for key, value in flat.items() if key not in WORLD_SETTINGS and key != "profile"}
    known = (*VenueProfile.__struct_fields__, *WORLD_SETTINGS, "profile")
    unknown = [f"{path}.{key}: a venue has no such setting{nearest(key, known)}" for key in flat if key not in known]
    if unknown:
        raise ScenarioError(unknown)
    try:
        ready = profile(flat.get("profile", "default"), **fields)
        return msgspec.convert({**own, "profile": ready}, VenueSettings)
    except ValueError as error:  # msgspec's errors are ValueErrors too
        raise ScenarioError([f"{path}: {error}"]) from None
