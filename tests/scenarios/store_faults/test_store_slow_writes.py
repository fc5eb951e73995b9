"""SlowWrites."""

from nautilus_live.store.memory import MemoryStore
from nautilus_live.store.port import Operation, Write
from scenarios.store_faults import SlowWrites


def test_writes_take_long_until_it_ends():
    waits = []
    slow, store = SlowWrites(by_secs=0.5), MemoryStore(wait=waits.append)
    slow.begin(store)
    store.connect().apply([Write(Operation.PUT, "a", b"one")])
    slow.end(store)
    store.connect().apply([Write(Operation.PUT, "a", b"two")])

    assert waits == [0.5]
    assert store.data == {"a": b"two"}
