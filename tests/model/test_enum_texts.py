from __future__ import annotations

import pytest

from nautilus_live.model import enum_texts
from nautilus_live.model.enums import BookType, OrderSide


def test_a_name_is_read_and_written() -> None:
    assert enum_texts.book_type_from_str("L2_MBP") is BookType.L2_MBP
    assert enum_texts.order_side_to_str(OrderSide.BUY) == "BUY"
    assert BookType("L2_MBP") is BookType.L2_MBP  # type: ignore[arg-type]  # as its Rust twin takes it


def test_every_enumeration_has_both() -> None:
    read = [name for name in dir(enum_texts) if name.endswith("_from_str")]
    assert len(read) == 25
    assert all(hasattr(enum_texts, name.replace("_from_str", "_to_str")) for name in read)


def test_an_unknown_name_is_told_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="BookType must be one of L1_MBP, L2_MBP, L3_MBO, was 'L4'"):
        enum_texts.book_type_from_str("L4")
    with pytest.raises(ValueError, match="not a valid BookType"):
        BookType("L4")  # type: ignore[arg-type]  # the mistake that is tested
