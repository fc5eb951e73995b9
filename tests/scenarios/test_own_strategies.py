"""`[strategy] path`: a user's own strategy in a scenario file, its configuration, its market, and what mistakes say."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nautilus_live import compat
from scenarios.format import load_text
from scenarios.problems import ScenarioError
from scenarios.run import Result, run

DESK = '''
from __future__ import annotations
from decimal import Decimal
from nautilus_live.config import StrategyConfig
from nautilus_live.model.data import QuoteTick
from nautilus_live.model.enums import OrderSide
from nautilus_live.model.identifiers import InstrumentId
from nautilus_live.secrets import Secret
from nautilus_live.trading.strategy import Strategy


class DipConfig(StrategyConfig, frozen=True):
    instrument_id: InstrumentId
    size: Decimal
    below: Decimal = Decimal(0)
    key: Secret | None = None


class Dip(Strategy):
    """Buys once the ask is below a price."""

    def __init__(self, config: DipConfig) -> None:
        super().__init__(config)
        self.bought = False

    def on_start(self) -> None:
        self.subscribe_quote_ticks(self.config.instrument_id)

    def on_quote_tick(self, tick: QuoteTick) -> None:
        if self.bought or tick.ask_price.value >= self.config.below:
            return
        self.bought = True
        instrument = self.cache.instrument(self.config.instrument_id)
        size = instrument.make_qty(self.config.size)
        self.submit_order(self.order_factory.market(instrument.id, OrderSide.BUY, size))


class Chatty(Dip):
    def on_start(self) -> None:
        super().on_start()
        self.log.debug(f"my key is {self.config.key.reveal()}")


class Careless(Dip):
    def on_save(self) -> dict[str, bytes]:
        return {"key": self.config.key.reveal().encode()}


class Untyped(Strategy):
    def __init__(self, config):
        super().__init__(config)


class Plain(Strategy):
    """Configured with what every strategy has."""


class Broken(Strategy):
    def __init__(self, config: StrategyConfig) -> None:
        raise RuntimeError("no licence")


HELPER = 1
'''
HEAD = 'title = "t"\nstory = "s"\n'
FALLING = """steps = [
  { at = "0s", do = "node.start" },
  { at = "1s", do = "venue.path", prices = ["50000.00", "49990.00", "49900.00", "49950.00"], every = "1s" },
]
[expect]
by = "9s"
"""
DIP = """[strategy]
path = "my_desk:Dip"
config = { instrument_id = "BTCUSDT", size = "0.500", below = "49950" }
"""


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "my_desk.py").write_text(DESK)
    (tmp_path / "desk_that_fails.py").write_text("import nothing_of_that_name\n")
    (tmp_path / "desk_that_raises.py").write_text("1 / 0\n")
    (tmp_path / "sys.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    yield
    for name in ("my_desk", "desk_that_fails", "desk_that_raises"):
        sys.modules.pop(name, None)


def played(tables: str, steps: str = FALLING) -> Result:
    return run(load_text(HEAD + steps + tables))


def problems(tables: str, steps: str = FALLING) -> tuple[str, ...]:
    with pytest.raises(ScenarioError) as caught:
        load_text(HEAD + steps + tables, origin="x.toml")
    assert caught.value.origin == "x.toml"
    return caught.value.problems


def test_it_trades_in_the_market_that_the_steps_move() -> None:
    result = played('position = { BTCUSDT = "LONG 0.500 @ 49900.02" }\nstarted = true\nquiet = true\n' + DIP)

    assert result.passed, result.failures


def test_it_has_the_default_id_unless_its_configuration_says_otherwise() -> None:
    held = 'positions = { %s = "LONG 0.500 @ 49900.02" }\n'

    assert played(held % "S-001" + DIP).passed
    assert played(held % "DIP-7" + DIP.replace("size =", 'strategy_id = "DIP-7", size =')).passed


def test_several_of_them_trade_side_by_side() -> None:
    tables = (
        'position = { BTCUSDT = "LONG 0.700 @ 49925.73" }\n[strategies.one]\n'
        + DIP.partition("\n")[2]
        + '[strategies.two]\npath = "my_desk:Dip"\n'
        + 'config = { instrument_id = "BTCUSDT.SIM", size = "0.200", below = "49999" }\n'
    )
    result = played(tables)

    assert result.passed, result.failures


def test_a_scripted_strategy_can_trade_beside_it() -> None:
    steps = FALLING.replace(
        "]\n[expect]",
        '  { at = "8s", do = "strategy.submit", strategy = "hand", order = "O-1", side = "BUY", quantity = "1.000",'
        ' price = "40000.00" },\n]\n[expect]',
    )
    result = played('orders = { O-1 = "ACCEPTED by hand-000" }\n' + DIP + "[strategies.hand]\n", steps)

    assert result.passed, result.failures


def test_a_walk_is_drawn_from_the_seed() -> None:
    steps = """steps = [
  { at = "0s", do = "node.start" },
  { at = "1s", do = "venue.walk", start = "50000.00", ticks = 500, every = "500ms", lasts = "59900ms" },
]
[expect]
by = "2m"
"""
    scenario = load_text(HEAD + steps + DIP)
    digests = [run(scenario, seed=seed).digest for seed in (1, 1, 2)]
    quotes = [line for line in run(scenario, seed=1).trace if "set_book" in line]

    assert digests[0] == digests[1] != digests[2]
    assert len(quotes) == 120  # every half second for almost a minute, the first at once
    assert run(scenario, seed=1).passed


def test_a_movement_needs_an_instrument_of_the_venue() -> None:
    steps = FALLING.replace("every =", 'instrument = "BTCUSDT.OTHER", every =')

    assert "steps[1]: there is no instrument 'BTCUSDT.OTHER' at SIM; did you mean 'BTCUSDT.SIM'?" in (
        played("", steps).failure or ""
    )


def test_a_later_movement_takes_the_instrument_over() -> None:
    steps = """steps = [
  { at = "0s", do = "node.start" },
  { at = "1s", do = "venue.path", prices = ["50000.00", "50001.00"], repeat = true },
  { at = "5500ms", do = "venue.path", prices = ["100.00"] },
]
[expect]
by = "9s"
"""
    books = [line for line in played("", steps).trace if "set_book" in line]

    assert [line.split("Decimal('")[1].split("'")[0] for line in books] == [
        "50000.00", "50001.00", "50000.00", "50001.00", "50000.00", "100.00",
    ]  # fmt: skip


def test_settings_of_the_default_strategy_in_the_node_table_reach_it() -> None:
    steps = FALLING.replace(
        "]\n[expect]",
        '  { at = "8s", do = "venue.external_order", order = "X-1", side = "BUY", quantity = "1.000",'
        ' price = "40000.00" },\n]\n[expect]',
    )
    node = '[node]\nexternal_order_claims = ["BTCUSDT"]\nopen_check_interval_secs = 0.5\n'
    result = played('orders = { X-1 = "ACCEPTED by S-001" }\n' + DIP + node, steps)

    assert result.passed, result.failures


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ('path = "my_desk.Dip"', "$.strategy.path: must be written package.module:Class, was 'my_desk.Dip'"),
        ("path = 3", "$.strategy.path: must be written package.module:Class, was 3"),
        ('path = "my_dekk:Dip"', "$.strategy.path: there is no module 'my_dekk' on sys.path, which ends with *"),
        ('path = "shelf/none.py:Dip"', "$.strategy.path: there is no file 'shelf/none.py', looked for it from *"),
        ('path = "sys.py:Dip"', "$.strategy.path: 'sys.py' must not be called like a module that there is, "),
        ('path = "desk_that_fails:X"', "$.strategy.path: 'desk_that_fails' cannot be imported, it needs a module"),
        ('path = "desk_that_raises:X"', "$.strategy.path: 'desk_that_raises' cannot be imported: ZeroDivisionError"),
        ('path = "my_desk:Dap"', "module 'my_desk' has no 'Dap'; did you mean 'Dip'?"),
        ('path = "my_desk:DipConfig"', "must name a class derived from nautilus_live.trading.strategy.Strategy"),
        ('path = "my_desk:HELPER"', "was 'my_desk:HELPER', a int"),
        ('path = "my_desk:Untyped"', "Untyped does not say what it is configured with; annotate it as"),
        (
            'path = "my_desk:Dip"\nconfig = { instrument_id = "BTCUSDT", size = "1", belwo = "3" }',
            "$.strategy.config.belwo: ",
        ),
        ('path = "my_desk:Dip"\nconfig = { size = "1" }', "$.strategy.config.instrument_id: "),
        ('path = "my_desk:Dip"\nconfig = 3', "$.strategy.config: must be a table of settings, was 3"),
        ('path = "my_desk:Dip"\nlog_events = true', "$.strategy.log_events: belongs into `config`"),
        ('path = "my_desk:Dip"\nconfg = {}', "$.strategy.confg: there is no such field; did you mean 'config'?"),
        ('path = "my_desk:Dip"\nconfig_path = "my_desk:Dip"', "$.strategy.config_path: must name a class"),
        ("config = {}", "$.strategy: `config` is for a strategy of your own, and needs its `path`"),
    ],
)  # fmt: skip
def test_a_mistake_says_where_it_is_and_what_would_be_right(table: str, problem: str) -> None:
    found = problems(f"[strategy]\n{table}\n")

    assert any(problem.rstrip("*") in text for text in found), found


def test_a_step_cannot_command_it() -> None:
    steps = FALLING.replace("]\n[expect]", '  { at = "5s", do = "strategy.cancel_all" },\n]\n[expect]')

    (problem,) = problems(DIP, steps)
    wanted = "$.steps[2]: strategy.cancel_all must be for a scripted strategy, was for 'S-001', which is my_desk:Dip"
    assert problem == wanted + ' and acts on its own (add [strategies.hand] and say strategy = "hand")'


@pytest.mark.parametrize("path", ["published_dip:Dip", "shelf/published_dip.py:Dip"])
def test_a_published_strategy_runs_as_it_is_by_name_or_by_file(tmp_path: Path, path: str) -> None:
    published = DESK.replace("nautilus_live.secrets", "published_secrets").replace("nautilus_live.", "nautilus_trader.")
    folder = tmp_path / path.rpartition("/")[0]
    folder.mkdir(exist_ok=True)
    (folder / "published_dip.py").write_text(published)
    (folder / "published_secrets.py").write_text("class Secret: ...\n")  # what lies beside it is found, too
    assert not compat.is_installed()
    try:
        result = played('position = { BTCUSDT = "LONG 0.500 @ 49900.02" }\n' + DIP.replace("my_desk:Dip", path))
        assert result.passed, result.failures
        assert compat.is_installed()  # for what it imports while it runs
    finally:
        compat.uninstall()
        for name in ("published_dip", "published_secrets"):
            sys.modules.pop(name, None)
        if str(folder) in sys.path:
            sys.path.remove(str(folder))


def test_a_class_without_its_own_configuration_takes_the_common_one() -> None:
    result = played('started = true\n[strategy]\npath = "my_desk:Plain"\nconfig = { order_id_tag = "9" }\n')

    assert result.passed, result.failures


def test_the_type_of_the_configuration_can_be_named() -> None:
    table = '[strategy]\npath = "my_desk:Untyped"\nconfig_path = "nautilus_live.config:StrategyConfig"\n'

    assert played("started = true\n" + table).passed


def test_a_class_that_cannot_be_made_fails_the_run_by_name() -> None:
    result = played('[strategy]\npath = "my_desk:Broken"\n')

    assert "$.strategy: my_desk:Broken cannot be made: RuntimeError: no licence" in (result.failure or "")


def test_an_error_in_its_callbacks_fails_the_run() -> None:
    result = played(DIP.replace("Dip", "Chatty"))  # it has no key to tell of

    assert any("AttributeError" in failure for failure in result.failures)


def test_a_secret_of_its_configuration_that_it_logs_is_noticed() -> None:
    result = played(DIP.replace("Dip", "Chatty").replace('below = "49950"', 'key = "k-123456"'))

    assert [failure for failure in result.failures if failure.startswith("invariant 8 (no secrets): in the log")]
    assert "k-123456" not in str(result.failures)
    assert "k-123456" not in str(played(DIP.replace('below = "49950"', 'key = "k-123456"')).failures)


def test_a_secret_in_the_log_is_noticed_where_no_trace_is_kept() -> None:
    table = DIP.replace("Dip", "Chatty").replace('below = "49950"', 'key = "k-123456"')
    result = run(load_text(HEAD + FALLING + table), traced=False)

    assert (result.trace, result.alarms) == ([], [])
    assert [failure for failure in result.failures if failure.startswith("invariant 8 (no secrets): in the log")]


def test_a_secret_that_it_stores_is_noticed() -> None:
    table = DIP.replace("Dip", "Careless").replace('below = "49950"', 'key = "k-123456"')
    result = played(table + "[node]\nsave_state = true\n")

    assert [failure for failure in result.failures if failure.startswith("invariant 8 (no secrets): in the store")]
