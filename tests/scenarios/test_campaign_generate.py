"""From a seed to a scenario: always the same one, always valid, and everything in the vocabulary comes up."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from nautilus_live.config import LiveExecEngineConfig
from sandbox_venues.profiles import PROFILES, VenueProfile, profile
from scenarios.dump import dump
from scenarios.format import VERBS, Scenario, load_text
from scenarios.generate import generate
from scenarios.generate.draws import Draws, coin
from scenarios.generate.healing import forgets, heals, names_orders
from scenarios.generate.personality import NODE, QUIRKS, made_profile, venue_table
from scenarios.generate.personality import PROFILES as DRAWN_PROFILES
from scenarios.generate.vocabulary import TRADING, TROUBLE, VENUE
from scenarios.settings import WORLD_SETTINGS, known_settings
from scenarios.values import Number, Size, Time
from scenarios.verbs import NodeCrash, NodeStart, StrategySubmit, StrategySubscribe, VenueSetPosition, VenueTrade
from scenarios.verbs_faults import WireDrop, WireEnd
from scenarios.verbs_market import VenueBook
from tests import children

ROOT = Path(__file__).resolve().parents[2]
SEEDS = range(400)

PROGRAM = """
import hashlib
from scenarios.dump import dump
from scenarios.generate import generate
print(hashlib.sha256("".join(dump(generate(seed)) for seed in range(40)).encode()).hexdigest())
"""


@given(st.integers(0, 2**40))
@settings(max_examples=60, deadline=None)
def test_what_is_drawn_is_a_valid_file_and_reads_back_as_itself(seed: int) -> None:
    scenario = generate(seed)

    assert load_text(dump(scenario)) == scenario


def test_a_seed_means_the_same_in_another_process_with_another_hash_seed() -> None:
    here = hashlib.sha256("".join(dump(generate(seed)) for seed in range(40)).encode()).hexdigest()
    environment = {"PYTHONHASHSEED": "4711", "PYTHONPATH": str(ROOT), "PATH": ""}
    there = children.run([sys.executable, "-c", PROGRAM], cwd=ROOT, env=environment)

    assert there.stdout.strip() == here


def test_draws_mean_the_same_for_ever() -> None:
    draws = Draws("campaign:1")

    assert [draws.below(1_000) for _ in range(6)] == [390, 781, 540, 527, 952, 824]
    assert [draws.between(3, 5) for _ in range(4)] == [5, 5, 3, 5]
    assert [coin(f"coin:{number}", 50) for number in range(8)] == [True, True, True, True, True, False, False, True]


def test_weights_say_how_often() -> None:
    draws = Draws("weights")
    counts = [0, 0, 0]
    for _ in range(3_000):
        counts[draws.weighted([1, 0, 2])] += 1

    assert counts[1] == 0
    assert 850 < counts[0] < 1_150


def test_every_word_comes_up_and_every_verb_it_uses_exists() -> None:
    spoken = {str(step.__struct_config__.tag) for seed in range(1_500) for step in generate(seed).steps}

    assert spoken <= set(VERBS)
    assert len(spoken) > 50
    assert len(TRADING) + len(VENUE) + len(TROUBLE) > 55


def test_the_tables_name_settings_and_profiles_that_exist() -> None:
    assert set(DRAWN_PROFILES) <= set(PROFILES)
    assert {name for name, _, _ in QUIRKS} <= {*VenueProfile.__struct_fields__, *WORLD_SETTINGS}
    assert {name for name, _, _ in NODE} <= set(known_settings())


def test_seeds_differ_in_what_exists_at_all() -> None:
    """Swarm: most seeds know a few faults only, some know none."""
    faults = []
    for seed in SEEDS:
        tags = {str(step.__struct_config__.tag) for step in generate(seed).steps}
        faults.append(len({tag for tag in tags if tag.startswith("wire.") and tag not in ("wire.end", "wire.release")}))

    assert faults.count(0) > 40
    assert max(faults) >= 4


def test_every_node_is_up_in_the_end_and_has_a_way_to_learn_what_it_missed() -> None:
    for seed in SEEDS:
        scenario = generate(seed)

        assert scenario.expect.node == "RUNNING"
        acts = [step for step in scenario.steps if not isinstance(step, StrategySubscribe | VenueBook)]
        assert isinstance(acts[-1], NodeStart)
        assert heals(scenario)


def _scenario(*steps: object, **tables: object) -> Scenario:
    return Scenario(title="t", story="s", steps=list(steps), **tables)  # type: ignore[arg-type]  # test data


START = NodeStart(at=Time(0))
SUBMIT = StrategySubmit(at=Time(1), order="O-1", side="BUY", quantity=Size("1.000"), price=Number("50000.00"))
TRADE = VenueTrade(at=Time(2), order="O-1", quantity=Size("1.000"))
DROP = WireDrop(at=Time(1), report="fill")
QUICK = {"inflight_check_retries": 1}
OPEN = {**QUICK, "open_check_interval_secs": 2.0, "open_check_missing_retries": 1}
BOTH = {**OPEN, "position_check_interval_secs": 2.0}
RESTART = (WireEnd(at=Time(3)), NodeCrash(at=Time(4)), NodeStart(at=Time(5)))


def test_nothing_lost_nothing_to_heal() -> None:
    assert heals(_scenario(START, SUBMIT, TRADE, node=QUICK))


def test_a_lost_fill_needs_a_look_at_the_venue() -> None:
    assert not heals(_scenario(START, DROP, SUBMIT, TRADE, node=QUICK))
    assert heals(_scenario(START, DROP, SUBMIT, TRADE, *RESTART, node=QUICK))
    assert heals(_scenario(START, DROP, SUBMIT, TRADE, node=BOTH))


def test_a_look_that_comes_too_late_does_not_count() -> None:
    assert LiveExecEngineConfig().inflight_check_retries == 5
    assert not heals(_scenario(START, SUBMIT, TRADE))


def test_a_lost_balance_is_asked_for_at_a_start_only() -> None:
    lost = WireDrop(at=Time(1), report="account")

    assert not heals(_scenario(START, lost, SUBMIT, TRADE, node=BOTH))
    assert heals(_scenario(START, lost, SUBMIT, TRADE, *RESTART, node=BOTH))


def test_a_venue_that_forgets_needs_the_open_order_check() -> None:
    forgetful = {"profile": "forgetful"}
    quiet = _scenario(START, SUBMIT, node=QUICK, venue=forgetful)

    assert forgets(quiet)
    assert not heals(quiet)
    assert heals(_scenario(START, SUBMIT, node=OPEN, venue=forgetful))


def test_what_a_filter_leaves_out_needs_a_look_at_the_venue() -> None:
    leaves_out = QUICK | {"filter_unclaimed_external_orders": True}

    assert not heals(_scenario(START, SUBMIT, TRADE, node=leaves_out))
    assert heals(_scenario(START, SUBMIT, TRADE, *RESTART, node=leaves_out))


def test_no_order_is_left_out_where_orders_alone_tell_what_was_filled() -> None:
    """Seed 1132183 drew such a filter, and a venue that told trades until a word of the vocabulary forbade it that."""
    drawn = generate(1132183)

    assert drawn.venue["reports_fills"] is False
    assert "filtered_client_order_ids" not in drawn.node


def test_a_trigger_that_moves_in_silence_needs_a_look_at_the_venue() -> None:
    trails = StrategySubmit(at=Time(1), order="O-1", side="BUY", quantity=Size("1.000"), trail=Number("200.00"))
    held = structs.replace(trails, emulate="BID_ASK")

    assert not heals(_scenario(START, trails, node=QUICK))
    assert heals(_scenario(START, trails, *RESTART, node=QUICK))
    assert heals(_scenario(START, trails, node=QUICK, venue={"streams_trails": True}))
    assert heals(_scenario(START, held, node=QUICK))


def test_where_no_order_is_named_no_end_of_a_leg_is_listed() -> None:
    tables = [venue_table(Draws(f"names {number}"), f"names {number}") for number in range(400)]
    nameless = [table for table in tables if not names_orders([table])]

    assert nameless
    assert not any(made_profile(table).lists_replaced_legs for table in nameless)


def test_a_start_heals_what_is_over_at_every_venue() -> None:
    two = _scenario(START, DROP, SUBMIT, TRADE, *RESTART, node=QUICK, venues={"ALT": {}})
    over = [*two.steps[:-2], WireEnd(at=Time(3), venue="ALT"), *two.steps[-2:]]

    assert not heals(two)
    assert heals(structs.replace(two, steps=over))


def test_where_flat_positions_are_left_out_a_change_that_nobody_tells_needs_a_start() -> None:
    stated = VenueSetPosition(at=Time(1), quantity=Number("1.000"))
    leaves_out = {"reports_flat_positions": False}

    assert heals(_scenario(START, stated, SUBMIT, TRADE, node=BOTH))
    assert not heals(_scenario(START, stated, SUBMIT, TRADE, node=BOTH, venue=leaves_out))
    assert heals(_scenario(START, stated, SUBMIT, TRADE, *RESTART, node=BOTH, venue=leaves_out))


def test_a_start_can_read_all_pages_in_its_time() -> None:
    for seed in SEEDS:
        table = venue_table(Draws(f"far {seed}"), f"far {seed}")
        page_size = table.get("page_size", profile(table.get("profile", "default")).page_size)
        round_trip_ms = 2 * (table.get("latency_ms", 10) + table.get("jitter_ms", 0))

        assert 40 / page_size * round_trip_ms <= 2_000, table
