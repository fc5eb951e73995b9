"""LoseTail."""

import pytest

from nautilus_live.store.port import Operation, Write
from scenarios.store_faults import Journal, LoseTail


def test_the_tail_is_lost_batch_by_batch(store):
    now = [10]
    store.troubles[Journal(store, lambda: now[0])] = None
    connection = store.connect()
    connection.apply([store.put("a", b"two"), store.put("new", b"x")])
    now[0] = 20
    connection.apply([store.put("a", b"three"), store.append("list", b"second")])
    now[0] = 30
    connection.apply([store.append("list", b"third"), Write(Operation.DELETE, "new")])

    LoseTail(since_ns=20).begin(store)
    assert store.data == {"a": b"two", "list": [b"first"], "new": b"x"}
    LoseTail(since_ns=0).begin(store)
    assert store.data == {"a": b"one", "list": [b"first"]}


def test_a_tail_without_a_journal_cannot_be_lost(store):
    with pytest.raises(ValueError, match="must have kept a journal"):
        LoseTail(since_ns=0).begin(store)
