"""FailWrites."""

import pytest

from nautilus_live.errors import StoreError
from scenarios.store_faults import FailWrites


def test_writes_fail_so_many_times(store):
    connection = store.connect()
    FailWrites(times=2, reason="no").begin(store)
    for _ in range(2):
        with pytest.raises(StoreError, match="no"):
            connection.apply([store.put("a", b"two")])
    connection.apply([store.put("a", b"three")])

    assert store.data["a"] == b"three"


def test_failing_ends_when_it_is_taken_back(store):
    fault = FailWrites(times=9)
    fault.begin(store)
    fault.end(store)
    store.connect().apply([store.put("a", b"two")])

    assert store.data["a"] == b"two"
