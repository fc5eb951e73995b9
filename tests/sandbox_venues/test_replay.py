"""Recorded prices: what each column does, in CSV and in Parquet, and that memory does not grow with the recording."""

from __future__ import annotations

import builtins
import tracemalloc
from decimal import Decimal
from itertools import islice

import pytest

from sandbox_venues.instruments import instrument
from sandbox_venues.replay import Replay

BTC = instrument("BTCUSDT")


def steps(tmp_path, text, **settings):
    path = tmp_path / "prices.csv"
    path.write_text(text, encoding="utf-8")
    return list(Replay(path=path, **settings).steps(BTC))


def shown(found):
    return [
        (step.after_secs, step.action, {k: v for k, v in step.arguments.items() if k != "instrument"})
        for step in found
    ]


def test_quotes_have_as_many_levels_as_the_recording(tmp_path):
    found = steps(
        tmp_path,
        "ts,bid,bid_size,ask,ask_size,bid_1,bid_size_1\n"
        "1000000000,99.5,2,100.5,3,99,4\n"
        "1500000000,99.5,2,,,,\n",
    )

    assert shown(found) == [
        (0.0, "set_book", {"bids": [(Decimal("99.50"), Decimal(2)), (Decimal(99), Decimal(4))],
                           "asks": [(Decimal("100.5"), Decimal(3))]}),
        (0.5, "set_book", {"bids": [(Decimal("99.5"), Decimal(2))], "asks": []}),
    ]  # fmt: skip
    assert found[0].arguments["instrument"] == "BTCUSDT.SANDBOX"


def test_one_row_may_say_everything(tmp_path):
    found = steps(
        tmp_path,
        "ts,phase,mark,index,funding_rate,bid,ask,price,size,side\n"
        "2026-01-01T00:00:00Z,open,100,101,0.0001,99,100,100,0.5,buyer\n"
        "2026-01-01T00:00:02.5+00:00,,102,,,,,99,1,\n",
    )

    assert [(after, action) for after, action, _ in shown(found)] == [
        (0.0, "set_phase"), (0.0, "set_price"), (0.0, "set_funding"), (0.0, "set_book"), (0.0, "print_trade"),
        (2.5, "set_price"), (0.0, "print_trade"),
    ]  # fmt: skip
    assert shown(found)[4][2] == {"price": Decimal(100), "quantity": Decimal("0.5"), "side": "BUY"}
    assert shown(found)[6][2]["side"] is None


def test_bars_are_four_books_a_quarter_of_their_time_apart(tmp_path):
    text = "ts,open,high,low,close,volume\n0,100,110,90,105,8\n60,105,106,80,90,8\n"
    found = shown(steps(tmp_path, text, unit="s", spread_ticks=2))

    assert [after for after, _, _ in found] == [0.0, 15.0, 15.0, 15.0, 15.0, 15.0, 15.0, 15.0]
    assert [book["bids"][0][0] for _, _, book in found] == [100, 90, 110, 105, 105, 106, 80, 90]
    assert found[0][2]["asks"] == [(Decimal("100.02"), Decimal(2))]


def test_units_speed_and_other_instruments(tmp_path):
    text = "ts,instrument,bid,ask\n1000,BTCUSDT,99,100\n1500,ETHUSDT,9,10\n3000,BTCUSDT.SANDBOX,99,100\n"
    found = shown(steps(tmp_path, text, unit="ms", speed=Decimal(4)))

    assert [after for after, _, _ in found] == [0.0, 0.5]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("time,bid,ask\n1,2,3\n", "must have a column ts and one of"),
        ("ts,nothing\n1,2\n", "must have a column ts and one of"),
        ("ts,bid,ask\nyesterday,2,3\n", "line 2: ts must be a number of ns or a time in ISO 8601, was 'yesterday'"),
        ("ts,bid,ask\n,2,3\n", "line 2: ts must be a time, was empty"),
        ("ts,bid,ask\n2,2,3\n1,2,3\n", "line 3: ts must not be before what came before it (2), was 1"),
        ("ts,bid,ask\n2,3,3\n", "line 2: bid must be below ask, was 3.00 / 3.00"),
        ("ts,bid,ask\n2,x,3\n", "line 2: bid must be a number, was 'x'"),
        ("ts,price,size\n2,1,\n", "line 2: a trade must have a positive size, was None"),
        ("ts,price,size,side\n2,1,1,up\n", "side must be one of"),
        ("ts,phase\n2,lunch\n", "phase must be one of"),
        ("ts,open,high,low,close\n2,1,2,1.5,2\n", "all prices between its low and its high"),
        ("ts,open,high,low,close\n2,1,2,,2\n", "a bar must have open, high, low and close"),
        ("ts,open,high,low,close\n0,1,2,1,2\n5,1,2,1,2\n", "line 3: ts must not be before what came before it (45000"),
        ("ts,bid,ask\n\n1,2,3\n1,2\n", "line 4: must have 3 cells like the header, was 2"),
        ("ts,bid,ask\n1,1,000,2\n", "line 2: must have 3 cells like the header, was 4"),
        ("ts,bid,ask,bid\n1,2,3,4\n", "every column must be there once, was bid again"),
        ("ts,bid,ask\n1,0,3\n", "line 2: bid must be positive, was 0"),
        ("ts,bid,ask\n1,inf,3\n", "line 2: bid must be a number, was 'inf'"),
        ("ts,bid,bid_size,ask\n1,2,-1,3\n", "line 2: bid_size must be positive, was -1"),
        ("ts,mark\n1,-1\n", "line 2: mark must be positive, was -1"),
        ("ts,price,size\n1,-1,2\n", "line 2: price must be positive, was -1"),
        ("ts,bid,ask,ask_1\n1,2,4,3\n", "line 2: ask_1 must be further away than the level before, 4.00, was 3.00"),
        ("ts,bid,bid_1,ask\n1,2,2,3\n", "line 2: bid_1 must be further away than the level before, 2.00, was 2.00"),
        ("ts,instrument,bid,ask\n1,BTC/USDT,2,3\n", "rows of BTCUSDT.SANDBOX that say something, had rows of BTC/USDT"),
        ("ts,bid,ask\n", "must have rows of BTCUSDT.SANDBOX that say something, had none"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path, text, message):
    with pytest.raises(ValueError) as caught:
        steps(tmp_path, text)
    assert message in str(caught.value)
    assert "prices.csv" in str(caught.value)


def test_a_bad_row_does_nothing_of_what_it_says(tmp_path):
    path = tmp_path / "prices.csv"
    path.write_text("ts,bid,ask,price,size\n1,99,100,,\n2,98,99,98,0\n", encoding="utf-8")
    found = Replay(path=path).steps(BTC)

    assert next(found).action == "set_book"
    with pytest.raises(ValueError, match="line 3: a trade must have a positive size"):
        next(found)


def test_files_as_spreadsheets_and_number_tools_write_them(tmp_path):
    found = steps(tmp_path, "\ufeffts, bid, ask\n1.7e9, 99, 100\n1.7000000005e9, 98, 99\n", unit="s")

    assert [(step.after_secs, step.arguments["bids"][0][0]) for step in found] == [(0.0, 99), (0.5, 98)]


def test_text_that_is_not_utf_8_is_named(tmp_path):
    path = tmp_path / "prices.csv"
    path.write_bytes(b"ts,bid,ask\n1,\xff,2\n")
    with pytest.raises(ValueError, match=r"prices\.csv: must be text in UTF-8"):
        list(Replay(path=path).steps(BTC))


def test_a_file_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="cannot be read"):
        list(Replay(path=tmp_path / "none.csv").steps(BTC))
    with pytest.raises(ValueError, match="must be positive"):
        Replay(path=tmp_path / "none.csv", speed=Decimal(0))


def test_memory_does_not_grow_with_the_recording(tmp_path):
    path = tmp_path / "long.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("ts,bid,ask,bid_size,ask_size\n")
        file.writelines(f"{number},99,100,1,{number % 7 + 1}\n" for number in range(60_000))

    def peak(rows):
        tracemalloc.start()
        count = sum(1 for _ in islice(Replay(path=path).steps(BTC), rows))
        kept = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert count == rows
        return kept

    peak(100)  # what is made once
    assert peak(2_000) < peak(200) + 50_000


def test_parquet_without_pyarrow_says_what_to_install(tmp_path, monkeypatch):
    found = builtins.__import__

    def without(name, *arguments, **more):
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return found(name, *arguments, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=r"Parquet needs pyarrow: pip install 'nautilus-live\[parquet\]'"):
        list(Replay(path=tmp_path / "x.parquet").steps(BTC))


def test_parquet_says_the_same_as_csv(tmp_path):
    arrow = pytest.importorskip("pyarrow", reason="the extra `parquet` is not installed")
    from pyarrow import parquet

    table = arrow.table(
        {"ts": [1_000_000_000, 2_000_000_000], "bid": [99.5, float("nan")], "ask": [100.5, None],
         "price": [None, 100.1], "size": [None, 0.25], "side": [None, "SELL"]}
    )  # fmt: skip
    parquet.write_table(table, tmp_path / "prices.parquet")
    found = list(Replay(path=tmp_path / "prices.parquet").steps(BTC))
    text = "ts,bid,ask,price,size,side\n1000000000,99.5,100.5,,,\n2000000000,,,100.1,0.25,SELL\n"

    assert found == steps(tmp_path, text)
    assert [step.action for step in found] == ["set_book", "print_trade"]
