"""DiskFull."""

import pytest

from nautilus_live.errors import StoreError
from nautilus_live.store.port import Operation, Write
from scenarios.store_faults import DiskFull


def test_on_a_full_disk_nothing_can_be_added_and_deleting_works(store):
    fault, connection = DiskFull(), store.connect()
    fault.begin(store)
    with pytest.raises(StoreError, match="no space left"):
        connection.apply([Write(Operation.DELETE, "a"), store.append("list", b"second")])
    connection.apply([Write(Operation.DELETE, "a")])

    assert dict(connection.read("")) == {"list": [b"first"]}
    fault.end(store)
    connection.apply([store.append("list", b"second")])
    assert store.data["list"] == [b"first", b"second"]
