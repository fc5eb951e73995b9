"""LoseEverything."""

from scenarios.store_faults import LoseEverything


def test_everything_is_lost(store):
    LoseEverything().begin(store)

    assert store.data == {}
