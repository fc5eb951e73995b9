"""CorruptRecord."""

import pytest

from scenarios.store_faults import CorruptRecord


def test_a_record_is_damaged_and_others_are_not(store):
    store.data["table"] = {"x": b"1234"}
    CorruptRecord(key="li*").begin(store)
    CorruptRecord(key="table").begin(store)

    assert store.data["a"] == b"one"
    assert store.data["list"] == [b"\xc1\xc1rst"]
    assert store.data["table"] == {"x": b"\xc1\xc134"}


def test_a_record_to_damage_must_be_there(store):
    with pytest.raises(ValueError, match="was none under 'nothing'"):
        CorruptRecord(key="nothing").begin(store)
