"""Identifiers: what each kind takes and refuses, and that only equal kinds with equal texts are equal."""

from __future__ import annotations

import inspect
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nautilus_live.model import identifiers
from nautilus_live.model.identifiers import (
    EXTERNAL,
    INTERNAL_DIFF,
    MAX_LENGTH,
    AccountId,
    ClientId,
    ClientOrderId,
    ComponentId,
    ExecAlgorithmId,
    Identifier,
    InstrumentId,
    OrderListId,
    PositionId,
    StrategyId,
    Symbol,
    TradeId,
    TraderId,
    Venue,
    VenueOrderId,
)

TAGGED = [TraderId, StrategyId, AccountId]
PLAIN = [
    ClientId,
    ClientOrderId,
    ComponentId,
    ExecAlgorithmId,
    OrderListId,
    PositionId,
    Symbol,
    TradeId,
    Venue,
    VenueOrderId,
]
KINDS = TAGGED + PLAIN


def reads_as_text(text: str) -> bool:
    """Return whether the rule for every identifier holds, as its docstring states it."""
    return bool(text) and text == text.strip() and text.isprintable() and len(text) <= MAX_LENGTH


def reads_as_tagged(text: str) -> bool:
    """Return whether, besides, the text is NAME-TAG however one splits it at a hyphen of its ends."""
    return reads_as_text(text) and all([*text.partition("-"), *text.rpartition("-")])


def test_every_kind_is_tested_here() -> None:
    found = {
        kind
        for _, kind in inspect.getmembers(identifiers, inspect.isclass)
        if issubclass(kind, Identifier) and not kind.__subclasses__()
    }

    assert found == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["A-1", "BTC/USDT-PERP.1", "a b-c", "Größe-1", "订单-1", "a-b", "x-" + "9" * 253])
def test_a_printable_text_is_taken_as_it_is(kind: type[Identifier], text: str) -> None:
    made = kind(text)

    assert made.value == text
    assert str(made) == text
    assert repr(made) == f"{kind.__name__}('{text}')"
    assert kind.from_str(text) == made


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "text", ["", " ", " A-1", "A-1 ", "\tA-1", "A-1\n", "A\x00-1", "A\u200b-1", "A\u00a0-1", "\u3000A-1"]
)
def test_an_empty_padded_or_unprintable_text_is_refused(kind: type[Identifier], text: str) -> None:
    with pytest.raises(ValueError) as caught:
        kind(text)

    assert str(caught.value) == f"{kind.__name__} must be a printable text without outer spaces, was {text!r}"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", [None, 1, 1.5, b"A-1", ["A-1"], Symbol("A-1")])
def test_what_is_no_text_is_refused(kind: type[Identifier], value: Any) -> None:
    with pytest.raises(ValueError) as caught:
        kind(value)

    assert str(caught.value) == f"{kind.__name__} must be a string, was {value!r}"


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_of_256_characters_is_too_long(kind: type[Identifier]) -> None:
    assert len(kind("A-" + "x" * 253).value) == MAX_LENGTH

    with pytest.raises(ValueError) as caught:
        kind("A-" + "x" * 254)

    assert str(caught.value) == f"{kind.__name__} must have at most 255 characters, was 256"


@pytest.mark.parametrize("kind", TAGGED)
@pytest.mark.parametrize("text", ["TRADER", "TRADER-", "-001", "-", "--", "-A-1", "A-1-"])
def test_a_tagged_id_needs_a_name_a_hyphen_and_a_tag(kind: type[Identifier], text: str) -> None:
    with pytest.raises(ValueError) as caught:
        kind(text)

    assert str(caught.value) == f"{kind.__name__} must be NAME-TAG with a hyphen, was {text!r}"


@pytest.mark.parametrize("kind", KINDS)
@given(text=st.text(alphabet=st.sampled_from("aB1-. \t\n\u00a0é"), max_size=8) | st.text(max_size=300))
def test_the_quick_check_decides_as_the_stated_rule_does(kind: type[Identifier], text: str) -> None:
    rule = reads_as_tagged if kind in TAGGED and text != "EXTERNAL" else reads_as_text
    try:
        taken = kind(text).value == text
    except ValueError:
        taken = False

    assert taken == rule(text)


class Text(str):
    """A text of a user's own class, as configuration libraries make them."""


def test_a_subclass_of_text_is_a_text() -> None:
    assert ClientOrderId(Text("O-1")) == ClientOrderId("O-1")
    assert TraderId(Text("TRADER-001")).get_tag() == "001"
    with pytest.raises(ValueError, match="without outer spaces"):
        ClientOrderId(Text(" "))
    with pytest.raises(ValueError, match="NAME-TAG"):
        TraderId(Text("TRADER"))
    assert len(ClientOrderId(Text("x" * MAX_LENGTH)).value) == MAX_LENGTH
    with pytest.raises(ValueError, match="at most 255 characters"):
        ClientOrderId(Text("x" * (MAX_LENGTH + 1)))


# -- what is equal -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("other", [ClientOrderId("O-2"), VenueOrderId("O-1"), "O-1", None])
def test_ids_are_equal_only_if_kind_and_text_are(other: Any) -> None:
    assert ClientOrderId("O-1") == ClientOrderId("O-1")
    assert ClientOrderId("O-1") != other
    assert other != ClientOrderId("O-1")


@pytest.mark.parametrize("kind", KINDS)
def test_equal_ids_have_one_place_in_a_dict(kind: type[Identifier]) -> None:
    assert hash(kind("A-1")) == hash(kind("A-1"))
    assert {kind("A-1"): 1}[kind("A-1")] == 1


def test_ids_of_two_kinds_do_not_collide_in_a_dict() -> None:
    table: dict[Identifier, int] = {kind("A-1"): number for number, kind in enumerate(KINDS)}

    assert [table[kind("A-1")] for kind in KINDS] == list(range(len(KINDS)))


@pytest.mark.parametrize("kind", KINDS)
def test_ids_of_a_kind_are_ordered_by_their_text(kind: type[Identifier]) -> None:
    texts = ["b-1", "a-2", "a-10", "B-1"]

    assert [made.value for made in sorted(map(kind, texts))] == sorted(texts)
    assert kind("a-1") < kind("a-2") <= kind("a-2")


def test_ids_of_two_kinds_have_no_order() -> None:
    with pytest.raises(TypeError):
        assert ClientOrderId("O-1") < VenueOrderId("O-2")  # type: ignore[operator]  # that it cannot is the test


@pytest.mark.parametrize("made", [ClientOrderId("O-1"), InstrumentId.from_str("A.B")])
def test_an_id_cannot_be_changed(made: Any) -> None:
    for name in made.__struct_fields__:
        with pytest.raises(AttributeError):
            setattr(made, name, "X-1")


# -- parts -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "tag"), [("TRADER-001", "001"), ("EMACross-ETH-007", "007"), ("A--1", "1")])
def test_the_tag_is_what_follows_the_last_hyphen(text: str, tag: str) -> None:
    assert TraderId(text).get_tag() == tag
    assert StrategyId(text).get_tag() == tag


@pytest.mark.parametrize(
    ("text", "issuer", "number"),
    [("BINANCE-001", "BINANCE", "001"), ("BINANCE-SPOT-master", "BINANCE", "SPOT-master"), ("IB-U1--2", "IB", "U1--2")],
)
def test_an_account_is_an_issuer_and_its_number_split_at_the_first_hyphen(text: str, issuer: str, number: str) -> None:
    account = AccountId(text)

    assert account.get_issuer() == issuer
    assert account.get_id() == number


def test_the_engines_own_strategies_are_told_apart() -> None:
    assert (EXTERNAL.is_external(), EXTERNAL.is_internal()) == (True, False)
    assert (INTERNAL_DIFF.is_external(), INTERNAL_DIFF.is_internal()) == (False, True)
    own = StrategyId("EXTERNAL-001")
    assert (own.is_external(), own.is_internal()) == (False, False)
    assert StrategyId("EXTERNAL") == EXTERNAL
    assert INTERNAL_DIFF.get_tag() == "DIFF"


# -- instruments -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "symbol", "venue"),
    [
        ("BTCUSDT.BINANCE", "BTCUSDT", "BINANCE"),
        ("BRK.B.NYSE", "BRK.B", "NYSE"),
        ("AUD/USD.SIM", "AUD/USD", "SIM"),
        ("BTC.USDT-PERP.SIM", "BTC.USDT-PERP", "SIM"),
        (".A.B", ".A", "B"),
    ],
)
def test_an_instrument_is_a_symbol_and_a_venue_split_at_the_last_dot(text: str, symbol: str, venue: str) -> None:
    made = InstrumentId.from_str(text)

    assert (made.symbol, made.venue) == (Symbol(symbol), Venue(venue))
    assert made.value == str(made) == text
    assert repr(made) == f"InstrumentId('{text}')"
    assert made == InstrumentId(Symbol(symbol), Venue(venue))
    assert hash(made) == hash(InstrumentId.from_str(text))


@pytest.mark.parametrize("text", ["", "BTCUSDT", "BTCUSDT.", ".BINANCE", "."])
def test_an_instrument_without_symbol_or_venue_is_refused(text: str) -> None:
    with pytest.raises(ValueError) as caught:
        InstrumentId.from_str(text)

    assert str(caught.value) == f"InstrumentId must be SYMBOL.VENUE, was {text!r}"


def test_an_instrument_that_is_no_text_is_refused() -> None:
    not_a_text: Any = 7
    with pytest.raises(ValueError, match=r"^InstrumentId must be a string SYMBOL\.VENUE, was 7$"):
        InstrumentId.from_str(not_a_text)


def test_an_instrument_with_a_malformed_part_names_the_part() -> None:
    with pytest.raises(ValueError, match="Symbol must be a printable text without outer spaces, was 'BTC '"):
        InstrumentId.from_str("BTC .SIM")


def test_instruments_are_ordered_by_symbol_then_venue() -> None:
    texts = ["B.A", "A.B", "A.A"]

    assert [str(made) for made in sorted(map(InstrumentId.from_str, texts))] == ["A.A", "A.B", "B.A"]


# -- written down ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("codec", [msgspec.msgpack, msgspec.json])
@pytest.mark.parametrize("kind", KINDS)
def test_an_id_survives_encoding(kind: type[Identifier], codec: Any) -> None:
    made = kind("é-1")
    read = codec.decode(codec.encode(made), type=kind)

    assert read == made
    assert type(read) is kind


@pytest.mark.parametrize("codec", [msgspec.msgpack, msgspec.json])
def test_an_instrument_survives_encoding(codec: Any) -> None:
    made = InstrumentId.from_str("BTC.USDT-PERP.SIM")

    assert codec.decode(codec.encode(made), type=InstrumentId) == made


@pytest.mark.parametrize(("kind", "text"), [(ClientOrderId, " "), (TraderId, "TRADER")])
def test_what_is_read_is_checked_again(kind: type[Identifier], text: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=f"{kind.__name__} must be"):
        msgspec.msgpack.decode(msgspec.msgpack.encode([text]), type=kind)
