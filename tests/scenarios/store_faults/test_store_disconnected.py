"""StoreDisconnected."""

import pytest

from nautilus_live.errors import StoreError
from scenarios.store_faults import StoreDisconnected


def test_cut_off_nothing_can_be_written_or_read_until_the_connection_is_back(store):
    fault, connection = StoreDisconnected(), store.connect()
    fault.begin(store)
    with pytest.raises(StoreError, match="the connection to the store is lost"):
        connection.apply([store.put("a", b"two")])
    with pytest.raises(StoreError, match="cannot read"):
        connection.read("")
    with pytest.raises(StoreError, match="cannot read"):
        connection.delete("")
    fault.end(store)

    assert dict(connection.read("a")) == {"a": b"one"}


def test_a_write_may_arrive_and_its_answer_be_lost(store):
    fault, connection = StoreDisconnected(answer_lost=True), store.connect()
    fault.begin(store)
    with pytest.raises(StoreError, match="cannot tell whether"):
        connection.apply([store.put("a", b"two")])

    assert store.data["a"] == b"two"
