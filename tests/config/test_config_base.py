"""What every configuration can do: stay as it is, be copied, compared, hashed, written out, and be subclassed."""

from __future__ import annotations

import copy
import hashlib
import os
import pickle
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from nautilus_live.adapters.binance import BinanceDataClientConfig
from nautilus_live.config import (
    ActorConfig,
    CacheConfig,
    DatabaseConfig,
    ImportableActorConfig,
    ImportableConfig,
    ImportableFactoryConfig,
    ImportableStrategyConfig,
    LiveDataClientConfig,
    LiveExecEngineConfig,
    MessageBusConfig,
    NautilusConfig,
    RiskEngineConfig,
    StrategyConfig,
    TradingNodeConfig,
    resolve_path,
)
from nautilus_live.errors import ConfigError
from nautilus_live.model.data import QuoteTick, TradeTick
from nautilus_live.model.identifiers import InstrumentId, StrategyId
from tests import children

ROOT = Path(__file__).parents[2]


class UserConfig(StrategyConfig, frozen=True):
    """A strategy's configuration as a user writes it."""

    instrument_id: InstrumentId
    trade_size: Decimal
    hedge_id: InstrumentId = "ETHUSDT.BINANCE"  # type: ignore[assignment]  # users write texts, which become ids
    spreads: tuple[float, ...] = (0.1, 0.2)
    venue_options: dict[str, int | None] = {}


class StubbornConfig(StrategyConfig, frozen=True):
    """A user's configuration with a `__post_init__` of its own that forgets ours."""

    fast: int = 10
    slow: int = 20

    def __post_init__(self) -> None:
        if self.fast >= self.slow:
            raise ValueError(f"fast must be below slow, was {self.fast} and {self.slow}")


def user_config(**settings: Any) -> UserConfig:
    return UserConfig(**{"instrument_id": "BTCUSDT.BINANCE", "trade_size": "0.5", **settings})


def test_users_settings_are_checked_by_type() -> None:
    """A subclass's own settings get the same treatment as ours, defaults included."""
    config = user_config(strategy_id="Mine-001")

    assert config.instrument_id == InstrumentId.from_str("BTCUSDT.BINANCE")
    assert config.trade_size == Decimal("0.5")
    assert config.hedge_id == InstrumentId.from_str("ETHUSDT.BINANCE")
    assert config.strategy_id == StrategyId("Mine-001")


def test_users_settings_are_refused_together_with_ours() -> None:
    """Problems of both kinds are told at once."""
    with pytest.raises(ConfigError) as raised:
        user_config(instrument_id=5, trade_size="much", spreads=[1, "x"], order_id_tag="a b", venue_optoins={})

    assert str(raised.value).splitlines() == [
        "instrument_id: must be a InstrumentId, was 5",
        "trade_size: must be a decimal number, was 'much'",
        "spreads[1]: must be a number, was 'x'",
        "order_id_tag: must be a tag without hyphen or space, such as '001', was 'a b'",
        "venue_optoins: UserConfig has no setting 'venue_optoins'; did you mean 'venue_options'?",
    ]


def test_users_settings_that_are_missing() -> None:
    """What has no default is needed."""
    with pytest.raises(ConfigError) as raised:
        UserConfig.parse({})

    assert str(raised.value).splitlines() == [
        "instrument_id: UserConfig needs this setting, was not given",
        "trade_size: UserConfig needs this setting, was not given",
    ]


def test_user_subclass_round_trip() -> None:
    """A user's configuration reads back what it writes, exactly."""
    config = user_config(trade_size=Decimal("0.10"), venue_options={"a": None, "b": 1})

    twin = UserConfig.parse(config.json())

    assert twin == config
    assert str(twin.trade_size) == "0.10"


def test_default_containers_are_not_shared() -> None:
    """Each configuration has its own empty table."""
    assert user_config().venue_options is not user_config().venue_options


class SloppyConfig(StrategyConfig, frozen=True):
    """Defaults that are not of their settings' types, as users write them."""

    name: str = None  # type: ignore[assignment]  # what this is about
    size: Decimal = None  # type: ignore[assignment]  # the same
    period: int = 1.5  # type: ignore[assignment]  # the same


class SloppyConfigWithItsOwn(SloppyConfig, frozen=True):
    """The same, with a check of its own."""

    def __post_init__(self) -> None:
        """Do nothing."""


@pytest.mark.parametrize("kind", [SloppyConfig, SloppyConfigWithItsOwn])
def test_a_default_is_what_its_author_wants_and_only_that_value_is(kind: type[SloppyConfig]) -> None:
    config = kind(name=None, order_id_tag="7")  # type: ignore[arg-type]  # given, or left out

    assert (config.name, config.size, config.period) == (None, None, 1.5)
    assert kind.parse(config.json()) == config
    with pytest.raises(ConfigError, match="name: must be a text, was 3"):
        kind(name=3)  # type: ignore[arg-type]  # what is refused here
    with pytest.raises(ConfigError, match=r"period: must be an integer, was 2\.5"):
        kind(period=2.5)  # type: ignore[arg-type]  # the same


def test_users_own_post_init() -> None:
    """A user's own check is heard, and does not switch ours off."""
    with pytest.raises(ConfigError, match="fast must be below slow, was 30 and 20"):
        StubbornConfig(fast=30)
    with pytest.raises(ConfigError, match="fast: must be an integer, was '3'"):
        StubbornConfig(fast="3")  # type: ignore[arg-type]  # what is refused here
    with pytest.raises(ConfigError, match="strategy_id: must not be one of the engine's own"):
        StubbornConfig(strategy_id=StrategyId("INTERNAL-DIFF"))


def test_frozen() -> None:
    """Settings cannot be changed, in ours or in a user's configuration."""
    for config, name in ((LiveExecEngineConfig(), "qsize"), (user_config(), "trade_size")):
        with pytest.raises(AttributeError):
            setattr(config, name, 1)


def test_containers_are_copied() -> None:
    """What was given can be used, changed and given again; what is in the configuration does not follow."""
    types: list[type | str] = [QuoteTick, TradeTick]
    limits = {"A.B": Decimal(5)}

    bus, risk = MessageBusConfig(types_filter=types), RiskEngineConfig(max_notional_per_order=limits)
    types.clear()
    limits.clear()

    assert bus.types_filter == [QuoteTick, TradeTick]
    assert risk.max_notional_per_order == {"A.B": Decimal(5)}


def test_types_by_name() -> None:
    """In a file a type is its path, or a bare name that is left as it is; a path that leads nowhere is refused."""
    config = MessageBusConfig(types_filter=[QuoteTick, "TradeTick"])

    assert config.dict()["types_filter"] == ["nautilus_live.model.data:QuoteTick", "TradeTick"]
    assert MessageBusConfig.parse(config.json()) == config
    with pytest.raises(ConfigError, match=r"types_filter\[0\]: must name something that exists"):
        MessageBusConfig.parse({"types_filter": ["nautilus_live.model.data:QuoteTik"]})


@pytest.mark.parametrize(
    "config",
    [
        TradingNodeConfig(),
        user_config(),
        MessageBusConfig(types_filter=[QuoteTick]),
        TradingNodeConfig(data_clients={"B": BinanceDataClientConfig()}),
        DatabaseConfig(timeout=2),
    ],
)
def test_copies_are_equal(config: NautilusConfig) -> None:
    """Copying and pickling give an equal configuration with the same token and hash."""
    for twin in (copy.copy(config), copy.deepcopy(config), pickle.loads(pickle.dumps(config))):
        assert type(twin) is type(config)
        assert twin == config
        assert twin.id == config.id
        assert hash(twin) == hash(config)


def test_replaced_copy() -> None:
    """A copy with one other setting is converted and checked like any configuration."""
    config = msgspec.structs.replace(TradingNodeConfig(), trader_id="OTHER-002")

    assert str(config.trader_id) == "OTHER-002"
    assert config != TradingNodeConfig()


def test_id_is_the_digest_of_the_json() -> None:
    """The token can be computed by anyone who has the JSON."""
    config = TradingNodeConfig()

    assert config.id == hashlib.sha256(config.json()).hexdigest()
    assert config.id != TradingNodeConfig(timeout_portfolio=11.0).id


def test_id_does_not_depend_on_the_order_given() -> None:
    """Equal configurations have equal tokens, however their tables and sets were written."""
    first = TradingNodeConfig.parse({"load_state": True, "data_clients": {"A": {}, "B": {}}})
    second = TradingNodeConfig.parse({"data_clients": {"B": {}, "A": {}}, "load_state": True})

    assert first == second
    assert first.id == second.id
    assert {first: 1}[second] == 1


def test_id_is_the_same_in_every_process() -> None:
    """Neither sets nor hashes of texts leak their order into the token."""
    code = (
        "from nautilus_live.config import RoutingConfig as R;"
        "print(R(venues=['V%d' % n for n in range(20)]).id, R(venues=[]).id)"
    )
    outputs = {
        children.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        ).stdout
        for seed in ("1", "2", "3")
    }

    assert len(outputs) == 1
    assert len(outputs.pop().split()) == 2


def test_client_classes_survive_a_file() -> None:
    """A client's own class is written beside its settings, and read back."""
    config = TradingNodeConfig(
        data_clients={
            "BINANCE": BinanceDataClientConfig(use_agg_trade_ticks=True),
            "PLAIN": LiveDataClientConfig(),
            "OTHER": ImportableConfig(path="a:B", factory=ImportableFactoryConfig(path="a:F")),
        }
    )

    table = config.dict()["data_clients"]

    assert table["BINANCE"]["class"] == "nautilus_live.adapters.binance.config:BinanceDataClientConfig"
    assert "class" not in table["PLAIN"]
    assert "class" not in table["OTHER"]
    assert TradingNodeConfig.parse(config.json()) == config


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (
            "nautilus_live.config:CacheConfig",
            "must name a LiveDataClientConfig, was 'nautilus_live",
        ),
        ("nautilus_live.nothing:X", "must name something that exists"),
        ("nowhere", "must be a path MODULE:NAME, was 'nowhere'"),
        (5, "must name a LiveDataClientConfig, was 5"),
    ],
)
def test_class_that_does_not_fit(path: object, message: str) -> None:
    """A class that is none, or not of the right kind, is refused with its path."""
    with pytest.raises(ConfigError) as raised:
        TradingNodeConfig.parse({"data_clients": {"B": {"class": path}}})

    assert str(raised.value).startswith(f"data_clients.B.class: {message}")


def importable(**settings: Any) -> ImportableStrategyConfig:
    here = "nautilus_live.config"
    return ImportableStrategyConfig(
        **{"strategy_path": "a:B", "config_path": f"{here}:StrategyConfig", "config": {}, **settings}
    )


def test_importable_strategy() -> None:
    """A strategy's configuration is made by the class at its path."""
    config = importable(config={"strategy_id": "EMA-001", "oms_type": "NETTING"}).create_config()

    assert config == StrategyConfig.parse({"strategy_id": "EMA-001", "oms_type": "NETTING"})


def test_importable_with_wrong_settings() -> None:
    """Its problems are told with the path from where it is written."""
    with pytest.raises(ConfigError) as raised:
        importable(config={"manage_gtd_expiry": 1, "tag": 2}).create_config()

    assert [problem.path for problem in raised.value.problems] == ["config.manage_gtd_expiry", "config.tag"]


def test_importable_with_another_class() -> None:
    """What is at the path must be a configuration of the right kind."""
    with pytest.raises(TypeError, match="config_path must name a StrategyConfig class, was 'nautilus_live"):
        importable(config_path="nautilus_live.config:CacheConfig").create_config()
    with pytest.raises(TypeError, match="path must name a configuration class, was 'os:getcwd'"):
        ImportableConfig(path="os:getcwd").create()
    with pytest.raises(ConfigError, match="config_path: must name something that exists"):
        importable(config_path="nautilus_live.config:Nothing").create_config()


def test_importable_actor_and_config() -> None:
    """Actors, single configurations and factories are made the same way."""
    actor = ImportableActorConfig(actor_path="a:B", config_path="nautilus_live.config:ActorConfig", config={})
    cache = ImportableConfig(path="nautilus_live.config:CacheConfig", config={"tick_capacity": 5})

    assert actor.create_config() == ActorConfig()
    assert cache.create() == CacheConfig(tick_capacity=5)
    assert ImportableFactoryConfig(path="builtins:dict").create() == {}
    assert resolve_path("nautilus_live.config:CacheConfig") is CacheConfig


def test_equality_is_by_class() -> None:
    """Two classes with the same settings are not equal."""
    assert StubbornConfig() != StrategyConfig()
    assert LiveExecEngineConfig() == LiveExecEngineConfig(qsize=100_000)
