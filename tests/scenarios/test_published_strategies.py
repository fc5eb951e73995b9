"""The tool that runs published strategies for a day: it finds, configures, plays and judges them, and explains itself.

Our own examples stand for published ones, written to a folder with the ecosystem's import paths; their days last a few
minutes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))

import published_strategies
from published_parts import PartError, files_in, parts_in
from published_strategies import Day, main, play, wishes_of

from nautilus_live import compat, examples
from nautilus_live.trading.exec_algorithm import ExecAlgorithm
from scenarios import watch
from scenarios.watch import NodeWatch

EXAMPLES = Path(examples.__file__).parent
PATHS = {
    "nautilus_live.model.bars": "nautilus_trader.model.data",
    "nautilus_live.trading.clock": "nautilus_trader.common.events",
    "nautilus_live.trading.exec_algorithm": "nautilus_trader.execution.algorithm",
    "nautilus_live.": "nautilus_trader.",
}
FIVE_SECONDS = {"bar_type": "BTCUSDT.SIM-5-SECOND-LAST-INTERNAL", "fast_ema_period": 2, "slow_ema_period": 4}
ACTOR = """
from nautilus_trader.common.actor import Actor
from nautilus_trader.config import ActorConfig
from nautilus_trader.model.identifiers import InstrumentId

class ListenerConfig(ActorConfig, frozen=True):
    instrument_id: InstrumentId
    subscribe_quotes: bool = False

class Listener(Actor):
    def __init__(self, config: ListenerConfig) -> None:
        super().__init__(config)

    def on_start(self) -> None:
        if self.config.subscribe_quotes:
            self.subscribe_quote_ticks(self.config.instrument_id)

    def on_quote_tick(self, tick) -> None:
        raise ArithmeticError("too much for me")
"""
BUYER = """
from decimal import Decimal
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.objects import Quantity
from nautilus_trader.trading.strategy import Strategy

class Buyer(Strategy):
    def __init__(self, instrument_id: InstrumentId, trade_size: Decimal) -> None:
        super().__init__()
        self.instrument_id, self.size = instrument_id, trade_size

    def on_start(self) -> None:
        quantity = Quantity.from_str(str(self.size))
        self.submit_order(self.order_factory.market(self.instrument_id, OrderSide.BUY, quantity))
"""
THINKER = """
from datetime import timedelta
from nautilus_trader.trading.strategy import Strategy

class Thinker(Strategy):
    def on_start(self) -> None:
        self.thoughts = []
        self.clock.set_timer("think", timedelta(seconds=5), callback=self.think)

    def think(self, event) -> None:
        self.run_in_executor(self.thoughts.append, (event.ts_event,))
        self.queue_for_executor(self.thoughts.append, (event.ts_event,))

    def on_stop(self) -> None:
        if len(self.thoughts) < 4 or self.has_any_tasks():
            raise RuntimeError(f"thought {len(self.thoughts)} times, {self.active_task_ids()}")
"""
STRANGE = """
from nautilus_trader.config import StrategyConfig
from nautilus_trader.trading.strategy import Strategy

class StrangeConfig(StrategyConfig, frozen=True):
    oracle: bytes

class Strange(Strategy):
    def __init__(self, config: StrangeConfig) -> None:
        super().__init__(config)
"""


@pytest.fixture(autouse=True)
def nothing_stays() -> Iterator[None]:
    before = set(sys.modules)
    yield
    compat.uninstall()
    for name in set(sys.modules) - before:
        if name.startswith("published_"):
            del sys.modules[name]


def written(folder: Path, name: str, text: str) -> Path:
    file = folder / f"{name}.py"
    file.write_text(text)
    return file


def published(folder: Path, example: str) -> Path:
    """Write one of our examples as somebody would have published it."""
    text = next(EXAMPLES.rglob(f"{example}.py")).read_text()
    for ours, theirs in PATHS.items():
        text = text.replace(ours, theirs)
    assert "nautilus_live" not in text
    return written(folder, example, text)


def day_of(file: Path, weather: str, *more: Path, **wishes: object) -> Day:
    part, *others = parts_in([file, *more], wishes)
    algorithms = [one for one in (part, *others) if issubclass(one.kind, ExecAlgorithm)]
    hours = 0.05 if weather == "storm" else 0.03
    return play(part, algorithms, hours=hours, weather=weather, seed=0, traced=True)


@pytest.mark.parametrize("weather", ["fair", "storm"])
@pytest.mark.parametrize("example", ["ema_cross", "market_maker", "twap"])
def test_examples_trade_for_a_while_and_the_truth_survives(tmp_path: Path, example: str, weather: str) -> None:
    wishes = FIVE_SECONDS if example == "ema_cross" else {}
    day = day_of(published(tmp_path, example), weather, **wishes)
    assert day.failures == []
    assert day.raised == []
    assert day.counts["OrderFilled"] > 0
    assert sum("step node.restart" in line for line in day.trace) == (2 if weather == "storm" else 0)


def test_a_day_without_a_trace_is_the_same_day(tmp_path: Path) -> None:
    (part,) = parts_in([published(tmp_path, "market_maker")])
    with_one, without = (play(part, [], hours=0.02, weather="fair", seed=0, traced=traced) for traced in (True, False))
    assert without.trace == []
    assert (with_one.counts, with_one.alarms, with_one.failures) == (without.counts, without.alarms, [])
    assert without.counts["OrderFilled"] > 0


def test_what_the_node_has_purged_is_forgotten_around_it_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left: list[tuple[int, int]] = []
    forget = NodeWatch._forget_purged

    def forgetting(watch: NodeWatch, oldest_ns: int) -> None:
        forget(watch, oldest_ns)
        left.append((len(watch.told), len(watch.spoken_of())))

    minutely = {name: 1 for name in published_strategies.NODE if name.startswith("purge_closed")}
    monkeypatch.setattr(published_strategies, "NODE", {**published_strategies.NODE, **minutely})
    monkeypatch.setattr(watch, "FORGETS_EVERY", 20)
    monkeypatch.setattr(watch, "FORGETS_AFTER_NS", 60 * 1_000_000_000)
    monkeypatch.setattr(NodeWatch, "_forget_purged", forgetting)
    (part,) = parts_in([published(tmp_path, "market_maker")])
    day = play(part, [], hours=0.1, weather="fair", seed=0)
    assert day.held
    assert day.counts["OrderSubmitted"] > 3 * left[-1][1]
    assert day.counts.total() > 3 * left[-1][0]


def test_what_a_callback_raises_is_told_and_fails_the_day(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(tmp_path, "listener", ACTOR)
    assert main([str(file), "--hours", "0.01", "--weather", "fair", "--trace", str(tmp_path / "traces")]) == 1
    told = capsys.readouterr().out.splitlines()
    assert len(told) == 2
    assert "too much for me" in told[1]
    assert "ArithmeticError" in (tmp_path / "traces" / "listener.Listener.fair.txt").read_text()
    # Without what it does not bear it is well; its switch was turned on because it was there.
    assert main([str(file), "--hours", "0.01", "--weather", "fair", "--set", "Listener.subscribe_quotes=false"]) == 0


def test_settings_may_come_one_by_one(tmp_path: Path) -> None:
    day = day_of(written(tmp_path, "buyer", BUYER), "fair")
    assert (day.name, day.failures, day.counts["OrderFilled"]) == ("buyer:Buyer", [], 1)


def test_work_given_to_threads_is_done_at_once(tmp_path: Path) -> None:
    day = day_of(written(tmp_path, "thinker", THINKER), "fair")
    assert (day.failures, day.raised) == ([], [])


def test_every_part_of_a_folder_is_found_and_configured_by_type_and_name(tmp_path: Path) -> None:
    for example in ("ema_cross", "twap_user", "twap"):
        published(tmp_path, example)
    written(tmp_path, "_helper", "raise RuntimeError('not a part')")
    found = {part.name: part.config for part in parts_in(files_in([tmp_path]), wishes_of(["every_secs=60.0"]))}
    assert found == {
        "ema_cross:EMACross": {
            "instrument_id": "BTCUSDT.SIM",
            "bar_type": "BTCUSDT.SIM-1-MINUTE-LAST-INTERNAL",
            "trade_size": "0.010",
        },
        "twap:TWAPExecAlgorithm": {},
        "twap_user:TWAPUser": {"instrument_id": "BTCUSDT.SIM", "trade_size": "0.010", "every_secs": 60.0},
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import nowhere_at_all", r"odd\.py: cannot be imported: ModuleNotFoundError"),
        ("from nautilus_trader.nowhere import X", r"odd\.py: cannot be imported: .*nautilus_trader\.nowhere"),
        ("def broken(:", r"odd\.py: cannot be imported: SyntaxError"),
        ("x = 1", r"odd\.py: must define a Strategy, an Actor or an ExecAlgorithm"),
        (STRANGE, r"odd:Strange: nothing sensible is known for its setting oracle: bytes; say --set oracle=VALUE"),
    ],
)
def test_a_file_that_cannot_be_run_is_told_with_its_reason(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(PartError, match=said):
        parts_in([written(tmp_path, "odd", text)])


def test_bad_arguments_are_answered_with_an_error_and_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(published(tmp_path, "ema_cross"))
    (tmp_path / "empty").mkdir()
    for arguments, said in (
        ([str(tmp_path / "nothing")], "must be a Python file or a folder, was not there"),
        ([str(tmp_path / "empty")], "must hold Python files, holds none"),
        ([file, "--only", "bracket"], "--only bracket: must be in the name of one of ['ema_cross:EMACross']"),
        ([file, "--set", "trade_size"], "--set must be written FIELD=VALUE"),
    ):
        assert main(arguments) == 2
        assert said in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main([file, "--hours", "0"])


def test_a_configuration_that_is_refused_is_the_verdict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(published(tmp_path, "ema_cross"))
    assert main([file, "--weather", "fair", "--set", "fast_ema_period=-1"]) == 1
    assert "FAILED: $.strategy.config.fast_ema_period" in capsys.readouterr().out
