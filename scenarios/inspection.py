"""Always-invariants that are held against more than the node's events: arrivals, books, the store, what was written.

May know: the stage. `inspect_step` is called after every step, `inspect_end` when the run is over. (What an action at a
venue has changed, the venue itself checks at once.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenarios.injecting import doubles_requests
from scenarios.invariants.rules import BOOKS, NO_ORDER_TWICE, NO_SECRETS
from scenarios.invariants.secrets import configurations_of, stored_texts

if TYPE_CHECKING:
    from scenarios.stage import Stage


ORDERS_A_STEP = 16
"""How many orders' worth of adding up a step may cost."""


def inspect_step(stage: Stage) -> None:
    """Hold (7) after a step. The books of a long day are looked at less often: adding them up is most of its work."""
    stage.steps_taken += 1
    orders = sum(len(link.venue.arrivals) for link in stage.links.values())
    if stage.steps_taken % (1 + orders // ORDERS_A_STEP) == 0:
        _check_books(stage)


def _check_books(stage: Stage) -> None:
    """Hold (7): the venues' own books balance; a simulation on a crooked venue proves nothing.

    Books that nothing was done to since the last look are as they were.
    """
    for link in stage.links.values():
        if stage.books_seen.get(link.name) == link.venue.turns:
            continue
        stage.books_seen[link.name] = link.venue.turns
        try:
            link.venue.check()
        except AssertionError as error:
            stage.violate(BOOKS.broken(f"{link.name}: {error}"))


def inspect_end(stage: Stage) -> None:
    """Hold (4), (7) and (8) against everything that has happened so far."""
    _check_books(stage)
    _check_sent_once(stage)
    _check_secrets(stage)


def _check_sent_once(stage: Stage) -> None:
    """Hold (4) against the venues: no order arrived twice, unless a fault doubled it."""
    if doubles_requests(stage.scenario.steps):
        return
    for link in stage.links.values():
        for name, count in link.venue.arrivals.items():
            if count > 1:
                stage.violate(NO_ORDER_TWICE.broken(f"{name} arrived {count} times at {link.name}"))


def _check_secrets(stage: Stage) -> None:
    """Hold (8): no secret of the configurations is in what the node logged, stored or shows."""
    if stage.life is None:
        return
    secrets = stage.life.secrets
    if not secrets:
        return
    parts = configurations_of(stage.life.node)
    written = {
        "the trace": stage.world.trace,
        "the log": [line.text for line in stage.log.lines],
        "the store": stored_texts(stage.store.data),
        "the configuration, shown": [repr(part) for part in parts] + [part.json().decode() for part in parts],
    }
    for where, texts in written.items():
        for secret in secrets:
            text = next((text for text in texts if secret in text), None)
            if text is not None:
                stage.violate(NO_SECRETS.broken(f"in {where}: {text.replace(secret, '***')[:80]!r}"))
