"""Each part is used by a scenario: `scenarios/PARTS.md` against what the platform promises, and against the files."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from nautilus_live.config import (
    DataEngineConfig,
    PortfolioConfig,
    RiskEngineConfig,
    StrategyConfig,
)
from nautilus_live.model.enums import OrderType, TimeInForce, TradingState
from nautilus_live.trading.actor_callbacks import DATA_CALLBACKS
from nautilus_live.trading.strategy_callbacks import ORDER_EVENTS, POSITION_EVENTS
from scenarios.library import LIBRARY

ROOT = LIBRARY.parent
PAGE = (LIBRARY / "PARTS.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (?P<part>.+?) \| (?P<cell>.+) \|$", re.MULTILINE)
LINK = re.compile(r"\[(\w+)\]\(((?:\w+/)+\w+)\.toml\)")
CODE = re.compile(r"`([^`]+)`")
NAMED = re.compile(r'"([\w.]+):\w+"')

PARTS = [row for row in ROW.finditer(PAGE) if row["part"] not in ("part", "---")]
SECTIONS = {
    match[1]: set(CODE.findall(" ".join(row["part"] for row in ROW.finditer(match[2]))))
    for match in re.finditer(r"^## (.+)\n((?:(?!## ).*\n)+)", PAGE, re.MULTILINE)
}
LIFE = {"on_start", "on_stop", "on_save", "on_load", "on_degrade", "on_resume", "on_event", "on_data"}
UNHEARD = {"on_option_greeks", "on_option_chain", "on_instrument_close", "on_uncertain"}
"""Callbacks for data that are beside what was promised."""


def settings(kind: type) -> set[str]:
    return set(kind.__struct_fields__) - {"debug"}


@pytest.mark.parametrize(
    ("section", "nouns"),
    [
        (
            "Instruments",
            {"CurrencyPair", "CryptoPerpetual", "CryptoFuture", "Equity", "FuturesContract", "OptionContract", "Cfd"}
            | {"Commodity", "IndexInstrument", "SyntheticInstrument", "INVERSE", "QUANTO"},
        ),
        ("Orders", {kind.name for kind in OrderType} - {"MARKET", "LIMIT"}),
        ("Orders", {tif.name for tif in TimeInForce} - {"GTC"}),
        ("Orders", {"post_only", "reduce_only", "display", "in_quote", "BASIS_POINTS", "TICKS", "tags", "params"}),
        ("StrategyConfig", settings(StrategyConfig) - {"callback_error_policy"}),
        ("StrategyConfig", {"OTO", "OCO", "OUO", "ImportableStrategyConfig", "ImportableActorConfig"}),
        ("Strategy and Actor", {"stop_strategy", "stop_node", *LIFE}),
        ("Strategy and Actor", {*ORDER_EVENTS.values(), *POSITION_EVENTS.values(), *DATA_CALLBACKS.values()} - UNHEARD),
        ("DataEngine", settings(DataEngineConfig) | {"tick_capacity", "bar_capacity", "TICK", "VOLUME", "VALUE"}),
        ("RiskEngine", settings(RiskEngineConfig) | {state.name for state in TradingState}),
        ("Portfolio and accounts", settings(PortfolioConfig)),
        ("Portfolio and accounts", {"is_flat", "is_net_long", "net_position", "equity", "fee_currency"}),
        ("Portfolio and accounts", {"cash", "BETTING"}),
        ("Venue side", {"margin_calls", "self_trade_prevention", "queue_position", "latency_ms", "venue.walk"}),
    ],
    ids=lambda value: value if isinstance(value, str) else str(len(value)),
)
def test_every_noun_has_a_row(section: str, nouns: set[str]) -> None:
    assert nouns - SECTIONS[section] == set()


@pytest.mark.parametrize("row", PARTS, ids=lambda row: row["part"])
def test_a_part_is_in_the_files_that_it_names_or_has_a_reason(row: re.Match[str]) -> None:
    links = LINK.findall(row["cell"])
    if not links:
        reason, tests = re.fullmatch(r"none: (.{20,}); `(tests/\S+\.py)`", row["cell"]).groups()
        assert reason
        assert (ROOT / tests).is_file()
        return
    assert all(label == target.rpartition("/")[2] for label, target in links)
    shown = "\n".join(words_of(target) for _, target in links)

    assert [word for word in CODE.findall(row["part"]) if word not in shown] == []


@cache
def words_of(target: str) -> str:
    """Return a file's text, and that of the modules which it names."""
    text = (LIBRARY / f"{target}.toml").read_text(encoding="utf-8")
    modules = [ROOT / Path(*name.split(".")).with_suffix(".py") for name in NAMED.findall(text)]
    return "\n".join([text, *(module.read_text(encoding="utf-8") for module in modules if module.is_file())])


def test_the_readme_leads_to_the_map() -> None:
    assert "[PARTS.md](PARTS.md)" in (LIBRARY / "README.md").read_text(encoding="utf-8")
