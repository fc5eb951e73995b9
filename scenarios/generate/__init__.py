"""From a seed to a scenario: `generate(seed)`.

May know: the scenario format; runs nothing. Promises: the same seed gives the same scenario on every Python; it is
valid; as TOML it is what `scenarios/dump.py` writes and `scenarios/format.py` reads.

Swarm: a seed first decides what exists at all: which faults, which of the venue's actions, how many orders, which
personality the venue has, which settings are shortened. Only then steps are drawn, with gaps between them. A few
faults that can meet often find more than all of them at once.
"""

from __future__ import annotations

from typing import Any

from msgspec import structs

from scenarios.expect import Expect
from scenarios.format import Scenario
from scenarios.generate.draws import Draws, coin
from scenarios.generate.healing import forgets, heals, names_orders, tells_trades
from scenarios.generate.linked import SECOND_ACCOUNT, TWAP
from scenarios.generate.personality import NODE, STRATEGY, settings, venue_table
from scenarios.generate.sketch import MARKETS, Market, Sketch, milliseconds, seconds
from scenarios.generate.vocabulary import (
    CLOCKWORK,
    LINKED,
    RARE,
    REPEATED,
    SITUATIONS,
    TRADING,
    TROUBLE,
    VENUE,
    Word,
)
from scenarios.values import Time
from scenarios.verbs import NodePause, Step, StrategySubscribe

__all__ = ["generate"]

GAPS_MS = (0, 0, 1, 5, 11, 20, 35, 100, 400, 900, 1_500, 3_000)
STEPS = (2, 2, 3, 3, 4, 4, 5, 6, 8, 10, 16)
"""How many things happen: mostly few, for many small scenarios meet more than few large ones in the same time."""
STEPS_WITH_STORIES_MAX = 4
"""The same where a word may tell a whole story."""
STEPS_AFTER_A_STORY_MAX = 2
"""The same after one that is told in any case."""
STORM_ENDS_S = 1.0
OPEN_CHECK_S = 3.0
POSITION_CHECK_S = 3.0
LAG_S = 5.0
"""How far the lists of a venue may lag behind: after so long they tell of everything."""
GIVES_UP_S = 12.0
"""How long a start may take until it fails, with the timeouts that are drawn."""
DOWN_S = 30.0
"""How long a node may take to stop in order."""
EARLY_S = 2.0
"""How long a fill may wait for its order, where some come early: short enough to see what becomes of it."""
NEEDS: dict[str, dict[str, Any]] = {
    "comes_and_goes": {
        "open_check_interval_secs": 3.0,
        "open_check_missing_retries": 1,
        "open_check_threshold_ms": 100,
        "open_check_open_only": True,
    },
    "many_missing": {"max_single_order_queries_per_cycle": 1, "open_check_interval_secs": 3.0},
    "changes_its_mind": {
        "inflight_check_retries": 2,
        "inflight_check_interval_ms": 1_000,
        "inflight_check_threshold_ms": 300,
    },
    "works_after_all": {"open_check_open_only": False, "open_check_interval_secs": 3.0},
    "left_pending": {"inflight_policy": "unresolved", "inflight_check_retries": 1},
    "never_right": {"position_check_interval_secs": 3.0, "position_check_retries": 1},
    "minutes_later": {
        "open_check_open_only": False,
        "open_check_lookback_mins": 1,
        "open_check_interval_secs": 3.0,
        "open_check_missing_retries": 1,
        "purge_closed_orders_interval_mins": 1,
        "purge_closed_orders_buffer_mins": 0,
        "purge_closed_positions_interval_mins": 1,
        "purge_closed_positions_buffer_mins": 0,
    },
}
"""The settings of a node in which some words show something."""
COMES_UP_S = 6.0
"""How long a node may take to be up again once nothing is wrong any more: connecting, reconciling, starting."""


def generate(seed: int) -> Scenario:
    """Return the scenario of a seed."""
    name = f"campaign:{seed}"
    draws = Draws(name)
    venue = venue_table(draws, f"{name}:venue")
    venues = {"ALT": venue_table(draws, f"{name}:alt")} if coin(f"{name}:two venues", 12) else {}
    strategies = {"S-002": settings(STRATEGY, f"{name}:S-002")} if coin(f"{name}:two strategies", 20) else {}
    strategies.get("S-002", {}).pop("external_order_claims", None)  # an instrument has one owner
    markets = list(MARKETS[: draws.pick((1, 1, 1, 2, 3))])
    strategy = settings(STRATEGY, f"{name}:S-001")
    node = settings(NODE, f"{name}:node")
    words = _words(name)
    if any(name.startswith("purge_") and name.endswith("_interval_mins") for name in node):
        words = [*words, CLOCKWORK]
        # A trade of a purged order that is stated anew is alarmed, and in no record by the next start.
        for table in (venue, *venues.values()):
            table.pop("fills_lookback_secs", None)
    believed = {
        "reuse_id": node.get("duplicate_order_ids") == "dedupe",
        "impossible_fill": node.get("allow_overfills") is True,
    }
    words = [word for word in words if not believed.get(word.name)]  # the node is set to believe that lie
    if any(word.name in ("changes_its_mind", "known_but_unmoved") for word in words):
        node.pop("duplicate_order_ids", None)  # where old legs are listed too, it would choose among untruths
    _make_room(node, venue, {word.name for word in words})
    if not (tells_trades([venue, *venues.values()]) and names_orders([venue, *venues.values()])):
        # Where the venue does not name an order, nobody can tell that it is one to leave out. And what is known by its
        # order alone is not known of a filtered one.
        node.pop("filtered_client_order_ids", None)
    sketch = Sketch(
        draws,
        list(venues),
        list(strategies),
        markets,
        hedging=venue.get("profile") == "hedging",
        goes_on=lambda sketch: _write_one([word for word in words if word in VENUE], sketch),
    )
    _write_steps(sketch, words)
    scenario = Scenario(
        title=f"Seed {seed}",
        story=f"Drawn from seed {seed} of the campaign.",
        seed=seed,
        steps=sketch.steps,
        node=node,
        venue={**venue, "instruments": [market.symbol for market in markets]} if len(markets) > 1 else venue,
        venues={key: _with_markets(table, markets) for key, table in venues.items()},
        strategy=strategy,
        strategies=strategies,
        # That policy leaves orders pending of which the venue knows nothing, and says so.
        converges=node.get("inflight_policy") != "unresolved",
    )
    if any(word.name == "untold_position" for word in words):
        node.setdefault("position_check_interval_secs", POSITION_CHECK_S)
        node.setdefault("open_check_interval_secs", OPEN_CHECK_S)
    if forgets(scenario):
        node.setdefault("open_check_interval_secs", OPEN_CHECK_S)
        node.pop("filter_position_reports", None)  # nothing else would show what was forgotten
    restart = draws.pick(("crash", "stop", "none", "none", "none"))
    _end_storm(sketch, "crash" if restart == "none" and not heals(scenario) else restart)
    _listen_again(sketch, scenario)
    expect = Expect(by=Time(sketch.now_ns + seconds(COMES_UP_S)), node="RUNNING")
    return structs.replace(scenario, steps=sketch.steps, expect=expect)


def _make_room(node: dict[str, Any], venue: dict[str, Any], words: set[str]) -> None:
    """Give the node and the venue what some words cannot do without."""
    if "worked" in words:
        node["exec_algorithms"] = [TWAP]
    if "elsewhere" in words:
        venue["accounts"] = [SECOND_ACCOUNT]
    if "after_it_was_forgotten" in words:
        node |= {"purge_closed_orders_interval_mins": 1, "purge_closed_orders_buffer_mins": 0}
    if "told_by_totals" in words and venue.get("profile") != "forgetful":
        venue["reports_fills"] = False
    if "history_too_short" in words:
        node["reconciliation_lookback_mins"] = 1
    if "fill_by_another_name" in words:
        node.setdefault("early_fill_expiry_secs", EARLY_S)
    if "works_after_all" in words:  # what was purged on the venue's word is gone
        for name in [name for name in node if name.startswith("purge_")]:
            del node[name]
    for word, wanted in NEEDS.items():
        if word in words:
            node |= wanted


def _with_markets(table: dict[str, object], markets: list[Market]) -> dict[str, object]:
    return {**table, "instruments": [market.symbol for market in markets]}


def _words(name: str) -> list[Word]:
    """Return the words that the seed knows; one in ten knows no trouble at all."""
    fair = coin(f"{name}:fair weather", 10)
    groups = [TRADING, VENUE, LINKED] if fair else [TRADING, VENUE, TROUBLE, SITUATIONS, LINKED, RARE, REPEATED]
    return [word for group in groups for word in group if coin(f"{name}:{word.name}", word.percent)]


def _write_steps(sketch: Sketch, words: list[Word]) -> None:
    draws = sketch.draws
    sketch.add("node.start")
    if any(word.name == "quote" for word in words) and draws.chance(60):
        for market in sketch.markets:
            sketch.add("venue.quote", bid=market.price_at(-1), ask=market.price_at(1), instrument=market.symbol)
    sketch.wait(seconds(1))
    steps = draws.pick(STEPS)
    if any(word in group for group in (LINKED, RARE) for word in words):
        steps = min(steps, STEPS_WITH_STORIES_MAX)
    told = [word for word in words if word in REPEATED]
    for word in told:
        word.write(sketch)
        steps = min(steps, STEPS_AFTER_A_STORY_MAX)
    for _ in range(steps):
        _write_one([word for word in words if word not in told] if told else words, sketch)
        gap_ms = draws.pick(GAPS_MS)
        sketch.wait(milliseconds(gap_ms))


def _write_one(words: list[Word], sketch: Sketch) -> None:
    if words:
        words[sketch.draws.weighted([word.weight for word in words])].write(sketch)


def _end_storm(sketch: Sketch, restart: str) -> None:
    """End the faults and see to it that the node is up: as it is, or started once more on what it has stored."""
    sketch.now_ns = max(sketch.now_ns, sketch.until_ns) + seconds(STORM_ENDS_S)
    for venue in sketch.venues:
        sketch.add("wire.end", venue=venue)
    if any(isinstance(step, NodePause) for step in sketch.steps):
        sketch.add("node.resume")
    if restart == "none":
        # It may be starting just now, or have failed to.
        sketch.wait(seconds(GIVES_UP_S if any(map(_is_trouble, sketch.steps)) else 1))
    else:
        sketch.wait(seconds(sketch.draws.pick((1, 4)) + LAG_S))
        sketch.add(f"node.{restart}")
        sketch.wait(seconds(DOWN_S if restart == "stop" else 2))
    sketch.add("node.start")


def _listen_again(sketch: Sketch, scenario: Scenario) -> None:
    """Let the last life listen to the books that an earlier one listened to, so that there is one to look at.

    Not where what the last word about a book makes trade would be missed.
    """
    count = len(sketch.steps)
    listened = {step.instrument: step for step in sketch.steps if isinstance(step, StrategySubscribe)}
    if listened:
        sketch.wait(seconds(COMES_UP_S))
    for instrument, step in listened.items():
        sketch.add("strategy.subscribe", what=step.what, instrument=instrument)
        sketch.wait(seconds(1))
        market = next(one for one in sketch.markets if instrument in (None, one.symbol))
        # A message that is lost shows in the next one alone.
        bid, ask, size = market.price_at(-1), market.price_at(1), market.size_of(3)
        sketch.add("venue.book", bids=[f"{bid} x {size}"], asks=[f"{ask} x {size}"], instrument=market.symbol)
    if not heals(structs.replace(scenario, steps=sketch.steps)):
        del sketch.steps[count:]


def _is_trouble(step: Step) -> bool:
    tag = str(step.__struct_config__.tag)
    return (tag.startswith(("wire.", "store.", "clock.")) and tag != "wire.end") or tag == "venue.restart"
