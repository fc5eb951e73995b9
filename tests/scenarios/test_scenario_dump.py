"""A dumped scenario reads back as the same scenario, whatever is in it."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scenarios.dump import dump
from scenarios.expect import Expect, LogWanted
from scenarios.format import VERBS, Given, GivenFill, GivenOrder, GivenPosition, GivenSide, Scenario, load_text
from scenarios.library import LIBRARY, find
from scenarios.update import update_events
from scenarios.values import Number, Offset, Size, Time
from scenarios.verbs import ListedOrder, NodeStart, Step
from scenarios.verbs_faults import REPORTS, REQUESTS
from scenarios.verbs_market import MarketMove
from tests.library import library

names = st.text(min_size=1, max_size=8).filter(str.strip)
times = st.integers(0, 10**15).map(Time)
numbers = st.decimals(-(10**6), 10**6, places=3).map(Number)
sizes = st.decimals("0.001", 10**6, places=3).map(Size)
VALUES: dict[Any, st.SearchStrategy[Any]] = {
    Time: times,
    Offset: st.integers(-(10**12), 10**12).map(Offset),
    Number: numbers,
    Size: sizes,
    str: names,
    ListedOrder: st.builds(
        ListedOrder, order=names, side=st.sampled_from(["BUY", "SELL"]), quantity=sizes, parent=st.none() | names
    ),
}


def fitting(step: type[Step], name: str, kind: Any) -> st.SearchStrategy[Any]:
    if name == "report":
        return st.none() | st.sampled_from(REPORTS)
    if name in ("request", "answer"):
        return st.none() | st.sampled_from((*REQUESTS, "query.*"))
    if kind is float:
        return st.floats(0.01, 1.0)
    if name == "settings":
        return st.just({"inflight_check_retries": 2, "external_order_claims": ["BTCUSDT"]})
    arguments = [item for item in getattr(kind, "__args__", ()) if item is not type(None)]
    if kind in VALUES:
        return VALUES[kind]
    if getattr(kind, "__origin__", None) is dict:
        return st.dictionaries(names, st.floats(0.01, 1.0), max_size=2)
    if getattr(kind, "__origin__", None) is list:
        return st.lists(VALUES.get(arguments[0], names), max_size=2)
    if arguments and all(isinstance(item, str) for item in arguments):
        return st.sampled_from(arguments)
    if hasattr(kind, "__metadata__"):
        if getattr(kind.__origin__, "__origin__", None) is list:
            return st.lists(VALUES.get(kind.__origin__.__args__[0], names), min_size=1, max_size=3)
        return {str: names, int: st.integers(2, 9), float: st.floats(0.01, 1.0)}[kind.__origin__]
    if arguments:
        return st.none() | fitting(step, name, arguments[0])
    return {str: names, bool: st.booleans(), int: st.integers(1, 9)}[kind]


@cache
def steps_of(step: type[Step]) -> st.SearchStrategy[Step]:
    # The dumper does not look at meanings: any verb with any values will do, but for those that want one of several
    # fields.
    fields = {
        item.name: fitting(step, item.name, item.type) for item in msgspec.structs.fields(step) if item.name != "at"
    }
    if step.__struct_config__.tag == "wire.lie":
        fields |= {"to": names, "add": st.none(), "missing": st.just(False)}
    if step.__struct_config__.tag == "wire.reorder":
        fields |= {"window": times, "count": st.none()}
    if step.__struct_config__.tag == "strategy.subscribe":
        fields |= {"what": st.just("quotes"), "bars": st.none()}
    if step.__struct_config__.tag == "strategy.request":
        fields |= {"what": st.just("bars"), "bars": names}
    if step.__struct_config__.tag == "wire.misname":
        fields |= {"client_order": names}
    if step.__struct_config__.tag == "node.crash":
        fields |= {"moment": st.just("after_send"), "callbacks": st.none()}
    if step.__struct_config__.tag == "clock.drift":
        fields |= {"per": times.filter(bool)}
    if issubclass(step, MarketMove):
        fields |= {"every": times.filter(bool)}
    return st.builds(step, at=times, **fields)


any_step = st.sampled_from(list(VERBS.values())).flatmap(steps_of)
fills = st.builds(GivenFill, trade=names, quantity=sizes, price=st.none() | numbers)
orders = st.builds(
    GivenOrder,
    side=st.sampled_from(["BUY", "SELL"]),
    quantity=sizes,
    order=st.none() | names,
    fills=st.lists(fills, max_size=2),
)
sides = st.builds(
    GivenSide,
    orders=st.lists(orders, max_size=2),
    positions=st.lists(st.builds(GivenPosition, quantity=numbers), max_size=2),
)
expects = st.builds(
    Expect,
    orders=st.dictionaries(names, st.just("FILLED 1.000 @ 2.00 by EXTERNAL"), max_size=2),
    made=st.none() | st.lists(st.just("ACCEPTED"), max_size=2),
    events=st.none() | st.lists(names, max_size=3),
    since=times,
    log=st.lists(names | st.builds(LogWanted, text=names), max_size=2),
    started=st.none() | st.booleans(),
    balance=st.dictionaries(names, numbers, max_size=2),
)
scenarios = st.builds(
    Scenario,
    title=names,
    story=names,
    guide=st.none() | st.just("startup: Missed fills"),
    transports=st.just([]) | st.just(["direct"]),
    seed=st.integers(0, 2**40),
    converges=st.booleans(),
    steps=st.lists(any_step, max_size=5).map(
        lambda found: [NodeStart(at=Time(0)), *sorted(found, key=lambda step: step.at)]
    ),
    node=st.just({}) | st.just({"open_check_interval_secs": 5.0, "generate_missing_orders": False}),
    venues=st.just({}) | st.just({"OTHER X": {"page_size": 3}}),
    given=st.none() | st.builds(Given, node=sides, venue=sides),
    expect=expects,
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scenarios)
def test_loading_what_was_dumped_gives_the_same_scenario(scenario: Scenario) -> None:
    assert load_text(dump(scenario)) == scenario


def test_every_library_file_survives_dumping() -> None:
    files = library()
    assert files
    for file in files:
        assert load_text(dump(file.scenario)) == file.scenario, file.name


def test_a_step_is_dumped_on_one_line_and_defaults_are_left_out() -> None:
    text = dump(find([LIBRARY / "startup" / "missed_fills.toml"])[0].scenario)
    assert '  { at = "2s", do = "node.crash" },\n' in text
    assert "tif" not in text


def test_updating_events_rewrites_them_and_nothing_else(tmp_path: Any) -> None:
    path = tmp_path / "x.toml"
    path.write_text('# kept\n[expect]\nby = "1s"  # kept too\nevents   = ["A ]", "B"]\nnode = "RUNNING"\n')
    assert update_events(path, ["OrderSubmitted O-1", "OrderAccepted O-1"])
    text = path.read_text()
    assert tomllib.loads(text)["expect"] == {
        "by": "1s",
        "events": ["OrderSubmitted O-1", "OrderAccepted O-1"],
        "node": "RUNNING",
    }
    assert text.startswith('# kept\n[expect]\nby = "1s"  # kept too\n')
    assert not update_events(path, ["OrderSubmitted O-1", "OrderAccepted O-1"])


@pytest.mark.parametrize("value", [object(), None])
def test_what_a_file_cannot_say_is_refused(value: object) -> None:
    scenario = Scenario(title="t", story="s", node={"x": value})
    with pytest.raises(TypeError, match="no way to write"):
        dump(scenario)
