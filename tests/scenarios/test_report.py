"""The report as data and as bytes: nothing of a trace is missing, nothing hostile gets out, equal runs are equal."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TypeVar

import pytest

from nautilus_live.cli import main
from scenarios.format import Scenario, load_text
from scenarios.library import LIBRARY, ScenarioFile, find
from scenarios.report.checks import EXPECTED, INVARIANT, checks_of
from scenarios.report.index import index_page, page_names, write_report
from scenarios.report.layout import APART_NS, draw
from scenarios.report.markup import milliseconds, moment, shown, span
from scenarios.report.page import page
from scenarios.report.records import (
    AnyRecord,
    EventRecord,
    FaultRecord,
    LifeRecord,
    MessageRecord,
    StateRecord,
    StepRecord,
    ViolationRecord,
)
from scenarios.run import Result, run

T = TypeVar("T")
START = 'at = "0s", do = "node.start"'
SUBMIT = 'at = "1s", do = "strategy.submit", order = "O-1", side = "BUY", quantity = "1.000", price = "50000.00"'
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)> \" ' & \u202e \x07"
SAMPLE = find([LIBRARY / "startup"], "missed_fills") + find([LIBRARY / "startup" / "procedure"], "several_venues")


def scenario_of(*steps: str, tables: str = "", story: str = "s", title: str = "t") -> Scenario:
    lines = "".join(f"  {{ {step} }},\n" for step in steps)
    return load_text(f'title = "{title}"\nstory = """{story}"""\nsteps = [\n{lines}]\n{tables}')


def recorded(*steps: str, tables: str = "") -> Result:
    return run(scenario_of(*steps, tables=tables), records=True)


def of_kind(result: Result, kind: type[T]) -> list[T]:
    return [record for record in result.records if isinstance(record, kind)]


def messages(result: Result, kind: str) -> list[MessageRecord]:
    return [record for record in result.records if isinstance(record, MessageRecord) and record.kind == kind]


def named(scenario: Scenario, name: str = "mine/t.toml") -> ScenarioFile:
    return ScenarioFile(name=name, path=Path(name), scenario=scenario)


class Elements(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "input", "br", "path", "rect", "circle", "line"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, "elements must be closed in order"

    def handle_data(self, data: str) -> None:
        self.words.append(data)


# -- records


@pytest.mark.parametrize("file", SAMPLE, ids=lambda file: file.path.stem)
def test_every_line_of_the_trace_belongs_to_exactly_one_record(file: ScenarioFile) -> None:
    result = run(file.scenario, records=True)

    assert sorted(record.line for record in result.records if record.line) == list(range(1, len(result.trace) + 1))


@pytest.mark.parametrize("file", SAMPLE, ids=lambda file: file.path.stem)
def test_a_recorded_run_is_the_same_run(file: ScenarioFile) -> None:
    plain, watched = run(file.scenario, seed=3), run(file.scenario, seed=3, records=True)

    assert plain.digest == watched.digest
    assert plain.failures == watched.failures
    assert plain.records == []


def test_a_message_has_both_its_times() -> None:
    result = recorded(START, SUBMIT)
    request, answer = messages(result, "submit")

    assert (request.at_ns, request.arrived_ns) == (1_000_000_000, 1_010_000_000)
    assert (answer.at_ns, answer.arrived_ns) == (1_010_000_000, 1_020_000_000)
    assert (request.origin, answer.origin) == ("node", "venue")


def test_a_lost_message_and_the_fault_that_lost_it_are_told() -> None:
    result = recorded(START, 'at = "500ms", do = "wire.drop", report = "ack", name = "gone"', SUBMIT)
    (ack,) = messages(result, "ack")
    (fault,) = of_kind(result, FaultRecord)

    assert ack.arrived_ns is None
    assert ack.faults == ("gone",)
    assert fault.name == "gone"


def test_a_doubled_message_arrives_twice_and_a_held_one_when_it_is_let_go() -> None:
    result = recorded(
        START,
        SUBMIT,
        'at = "2s", do = "wire.duplicate", report = "fill", by = "40ms"',
        'at = "2s", do = "venue.trade", order = "O-1", quantity = "0.400", trade = "T-1"',
        'at = "3s", do = "wire.hold", report = "fill", name = "held"',
        'at = "3s", do = "venue.trade", order = "O-1", quantity = "0.600", trade = "T-2"',
        'at = "5s", do = "wire.release", name = "held"',
    )
    arrivals = [(fill.at_ns, fill.arrived_ns) for fill in messages(result, "fill")]

    assert arrivals == [
        (2_000_000_000, 2_010_000_000),
        (2_000_000_000, 2_050_000_000),
        (3_000_000_000, 5_010_000_000),
    ]


def test_what_the_venue_says_while_nobody_is_connected_is_told_too() -> None:
    result = recorded(
        START,
        SUBMIT,
        'at = "2s", do = "node.crash"',
        'at = "3s", do = "venue.trade", order = "O-1", quantity = "1.000", trade = "T-1"',
    )
    (fill,) = messages(result, "fill")

    assert fill.heard is False
    assert fill.arrived_ns is None
    assert [(life.at_ns, life.state) for life in of_kind(result, LifeRecord)] == [(0, "up"), (2_000_000_000, "crashed")]


def test_a_changed_message_keeps_what_it_was() -> None:
    lie = 'at = "1500ms", do = "wire.lie", report = "fill", field = "last_px", to = "49000.00", of = "fill"'
    trade = 'at = "2s", do = "venue.trade", order = "O-1", quantity = "1.000", trade = "T-1"'
    (fill,) = messages(recorded(START, SUBMIT, lie, trade), "fill")

    assert "@ 50000.00" in fill.text
    assert fill.arrived_text is not None
    assert "@ 49000.00" in fill.arrived_text


def test_an_answer_that_a_fault_gives_comes_from_the_wire() -> None:
    refuse = 'at = "500ms", do = "wire.refuse", request = "submit"'
    request, answer = messages(recorded(START, refuse, SUBMIT), "submit")

    assert request.arrived_ns is None
    assert answer.origin == "wire"
    assert answer.arrived_ns == 1_020_000_000


def test_belief_and_truth_are_told_when_either_changes() -> None:
    result = recorded(
        START,
        SUBMIT,
        'at = "2s", do = "node.crash"',
        'at = "3s", do = "venue.trade", order = "O-1", quantity = "1.000", trade = "T-1"',
        'at = "5s", do = "node.start"',
    )
    states = [
        state for state in of_kind(result, StateRecord) if state.subject == "O-1" and state.at_ns >= 3_000_000_000
    ]

    assert [(state.belief, state.truth, state.agree) for state in states] == [
        ("ACCEPTED 1.000 limit 50000.00", "FILLED 1.000 @ 50000.00", False),
        ("FILLED 1.000 @ 50000.00", "FILLED 1.000 @ 50000.00", True),
    ]


def test_events_and_steps_keep_their_fields() -> None:
    result = recorded(START, SUBMIT)
    accepted = next(event for event in of_kind(result, EventRecord) if event.kind == "OrderAccepted")
    submit = of_kind(result, StepRecord)[1]

    assert (accepted.subject, accepted.provenance) == ("O-1", "stream")
    assert submit.verb == "strategy.submit"
    assert submit.fields["price"] == "50000.00"


# -- the drawing


def test_things_stand_in_the_order_in_which_they_happened_and_silence_is_folded() -> None:
    result = recorded(START, SUBMIT)
    drawing = draw(result.records, ["SIM"])
    heights = [each.y for each in drawing.moments]

    assert heights == sorted(heights)
    assert sum(fold.length_ns for fold in drawing.folds) > 29_000_000_000
    assert drawing.height < 4_000, "half a minute of nothing takes no room"
    for item in drawing.items:
        assert 0 <= item.y <= drawing.height
        if item.to_y is not None:
            assert item.to_y > item.y


def test_only_differences_that_stay_are_shown() -> None:
    drawing = draw(recorded(START, SUBMIT).records, ["SIM"])
    assert drawing.bands == [], f"node and venue differ for 10 ms only, less than {APART_NS} ns"

    missed = draw(run(SAMPLE[0].scenario, records=True).records, ["SIM"])
    shown_states = [item.record for item in missed.bands]
    assert [(state.subject, state.agree) for state in shown_states if isinstance(state, StateRecord)] == [
        ("O-1", False),
        ("BTCUSDT.SIM", False),
        ("O-1", True),
        ("BTCUSDT.SIM", True),
    ]
    assert len(missed.apart) == 1, "the wire is hatched from the first difference to the last agreement"


# -- the list of what had to hold


def test_each_expectation_and_invariant_is_ticked_or_crossed() -> None:
    scenario = scenario_of(
        START, SUBMIT, tables='[expect]\norders = { O-1 = "FILLED" }\nnode = "RUNNING"\nquiet = true'
    )
    checks = checks_of(scenario, run(scenario, records=True))
    held = {check.name: check.held for check in checks if check.group == EXPECTED}

    assert held == {"orders O-1": False, "node": True, "quiet": True}
    assert {check.held for check in checks if check.group == INVARIANT} == {True, None}
    assert next(check.failures for check in checks if check.failures)[0].startswith("orders.O-1: wanted FILLED")


def test_what_was_not_asked_is_not_ticked() -> None:
    events = '["OrderSubmitted O-1", "OrderRejected O-1", "OrderFilled O-1"]'
    scenario = scenario_of(START, SUBMIT, tables=f"[expect]\nevents = {events}")
    checks = checks_of(scenario, run(scenario, records=True))
    held = [(check.name, check.held, check.why) for check in checks if check.group == EXPECTED]

    assert held == [
        ("event 1", True, ""),
        ("event 2", False, ""),
        ("event 3", None, "not reached"),
        ("events", None, "not reached"),
    ]
    loose = load_text('title = "t"\nstory = "s"\nconverges = false\nsteps = [{ at = "0s", do = "node.start" }]')
    whys = [check.why for check in checks_of(loose, run(loose, records=True)) if check.held is None]
    assert dict.fromkeys(whys) == {"not asked: here the two need not agree": None}


def test_no_failure_is_left_out() -> None:
    scenario = scenario_of(START, 'at = "1s", do = "strategy.cancel", order = "O-9"')
    result = run(scenario, records=True)
    checks = checks_of(scenario, result)

    assert [check.wanted for check in checks if check.held is False] == result.failures


def test_all_is_ticked_where_all_holds() -> None:
    for file in SAMPLE:
        result = run(file.scenario, records=True)
        assert result.passed
        assert False not in [check.held for check in checks_of(file.scenario, result)]


def test_what_an_invariant_left_out_is_told_beside_its_tick() -> None:
    (file,) = find(containing="startup/different_fill_data.toml")
    checks = checks_of(file.scenario, run(file.scenario, records=True))

    assert [check.why for check in checks if check.held and check.why] == [
        "left out: BTCUSDT.SIM: T-1 was stated to be one thing here, another there",
        "left out: what was forgotten or stated outright is in no order's fills",
    ]


# -- the pages


def text_of(page_text: str) -> str:
    return " ".join(" ".join(Elements(page_text).words).split())


def test_every_line_of_the_trace_stands_in_the_page_word_for_word() -> None:
    scenario = scenario_of(START, 'at = "500ms", do = "wire.drop", report = "ack"', SUBMIT)
    result = run(scenario, records=True)
    text = text_of(page(scenario, result, "t.toml", "replay"))

    for line in result.trace:
        assert " ".join(line.partition(" ")[2].split()) in text


def test_every_record_has_one_line_and_what_the_diagram_links_to_exists() -> None:
    scenario = scenario_of(START, SUBMIT)
    result = run(scenario, records=True)
    elements = Elements(page(scenario, result, "t.toml", "replay")).found
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    links = [str(attributes.get("href")) for tag, attributes in elements if tag == "a" and "data-r" in attributes]

    assert [name for name in ids if re.fullmatch(r"r\d+", str(name))] == [
        f"r{number}" for number in range(1, len(result.records) + 1)
    ]
    assert len(ids) == len(dict.fromkeys(ids))
    assert [link for link in links if link[1:] not in ids] == []
    drawn = [attributes for tag, attributes in elements if tag == "a" and "message" in str(attributes.get("class"))]
    assert len(drawn) == len(of_kind(result, MessageRecord))


def test_the_page_tells_story_seed_digest_and_how_to_run_it_again() -> None:
    scenario = scenario_of(START, SUBMIT, story="Once.\n\nTwice.", title="A tale")
    result = run(scenario, seed=41, records=True)
    text = page(scenario, result, "t.toml", "nautilus-live scenarios run t.toml --seed 41")

    assert "<h1>A tale</h1>" in text
    assert "<p>Once.</p><p>Twice.</p>" in text
    assert "--seed 41" in text
    assert result.digest in text


def test_hostile_text_is_shown_and_never_taken_as_markup() -> None:
    hostile = HOSTILE.replace("\x07", "\\u0007").replace('"', '\\"')
    scenario = load_text(
        f'title = "{hostile}"\nstory = "{hostile}"\nsteps = [ {{ {START} }},\n'
        f'{{ at = "1s", do = "strategy.submit", order = "{hostile}", side = "BUY", quantity = "1", price = "5" }} ]\n'
        f'[expect]\nlog = ["{hostile}"]'
    )
    result = run(scenario, records=True)
    elements = Elements(page(scenario, result, HOSTILE, HOSTILE))
    index = Elements(index_page([(named(scenario, HOSTILE), result)], page_names([(named(scenario, HOSTILE), result)])))

    for found in (elements, index):
        tags = [tag for tag, _ in found.found]
        assert tags.count("script") == 1
        assert "img" not in tags
        assert not [name for _, attributes in found.found for name in attributes if name.startswith("on")]
        assert "\u202e" not in "".join(found.words)
        assert "\x07" not in "".join(found.words)
        assert found.open == []


def test_nothing_is_asked_of_the_network() -> None:
    scenario = scenario_of(START, SUBMIT)
    result = run(scenario, records=True)
    pages = [page(scenario, result, "t.toml", "replay"), index_page([(named(scenario), result)], ["t.html"])]

    for text in pages:
        assert "default-src 'none'" in html.unescape(text)
        for tag, attributes in Elements(text).found:
            for name in ("src", "href", "action", "srcset", "data"):
                value = attributes.get(name) or ""
                assert not value.startswith(("http:", "https:", "//")), (tag, value)
        without_names = text.replace("http://www.w3.org/2000/svg", "")  # a name in the icon, never fetched
        assert not re.search(r"https?://|@import|url\((?!#)", without_names)


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_report(tmp_path / name, [(file, run(file.scenario, seed=5, records=True)) for file in SAMPLE])
    one = {path.name: path.read_bytes() for path in (tmp_path / "one").iterdir()}
    two = {path.name: path.read_bytes() for path in (tmp_path / "two").iterdir()}

    assert one == two
    assert len(one) == len(SAMPLE) + 1


def test_a_violation_is_shown_where_it_happened() -> None:
    scenario = scenario_of(START, SUBMIT)
    result = run(scenario, records=True)
    violation = ViolationRecord(at_ns=result.records[-1].at_ns, place=10**6, text="invariant 3 (never more): boom")
    records: list[AnyRecord] = [*result.records, violation]
    result.records, result.failures, result.passed = records, [violation.text], False
    text = page(scenario, result, "t.toml", "replay")

    assert re.search(r'class="note node violation"[^>]*>\s*<span>invariant 3 \(never more\): boom', text)
    assert "Did not hold" in text


# -- the folder


def test_the_index_links_to_each_page_by_a_name_of_its_own(tmp_path: Path) -> None:
    scenario = scenario_of(START)
    result = run(scenario, records=True)
    runs = [(named(scenario, name), result) for name in ("a/b.toml", "a-b.toml", "A/B.toml", "index.toml")]
    index = write_report(tmp_path, runs)
    links = [attributes["href"] for tag, attributes in Elements(index.read_text()).found if tag == "a"]

    assert len(dict.fromkeys(str(link).lower() for link in links)) == 4
    assert sorted(str(link) for link in links) == sorted(
        path.name for path in tmp_path.iterdir() if path.name != "index.html"
    )


def test_the_command_writes_the_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["scenarios", "run", str(SAMPLE[0].path), "--report", str(tmp_path / "out")])

    assert code == 0
    assert str(tmp_path / "out" / "index.html") in capsys.readouterr().err
    assert (tmp_path / "out" / "index.html").is_file()
    assert len(list((tmp_path / "out").iterdir())) == 2


def test_a_report_needs_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "taken").write_text("mine")

    assert main(["scenarios", "run", str(SAMPLE[0].path), "--report", str(tmp_path / "taken")]) == 2
    assert "--report must name a folder" in capsys.readouterr().err
    assert (tmp_path / "taken").read_text() == "mine"


def test_a_run_that_never_began_has_a_page_too() -> None:
    trade = '{ trade = "T", quantity = "9.000" }'
    order = f'{{ order = "O", side = "BUY", quantity = "1.000", price = "5.00", fills = [{trade}] }}'
    scenario = scenario_of(START, tables=f"[given.venue]\norders = [{order}]")
    result = run(scenario, records=True)
    text = page(scenario, result, "t.toml", "replay")

    assert not result.passed
    assert html.escape(result.failures[0]) in text


# -- numbers and text


@pytest.mark.parametrize(
    ("length_ns", "text"),
    [
        (15_910_000, "15.91 ms"),
        (700, "0.7 µs"),
        (7_980_000_000, "7.98 s"),
        (90_030_000_000, "1 min 30 s"),
        (6_711_420_000_000, "1 h 51 min"),
    ],
)
def test_spans_are_told_as_people_say_them(length_ns: int, text: str) -> None:
    assert span(length_ns) == text


def test_moments_keep_their_digits_and_axes_cut_them() -> None:
    assert moment(1_015_891_065) == "1.015891065"
    assert moment(1_020_000_000) == "1.020"
    assert milliseconds(1_015_891_065) == "1.015"


def test_letters_that_cannot_be_seen_are_shown_by_number() -> None:
    assert shown("a\u202eb\x00<") == "a\\u202eb\\u0000&lt;"
