"""Questions that nobody answers: told, and not told for ever (FIELD J8)."""

from __future__ import annotations

import asyncio
import logging
from types import SimpleNamespace
from typing import Any, cast

import pytest

from nautilus_live.engine.inquiries import Inquiries, Unanswered
from nautilus_live.errors import UnreadableRecords, WireError

LOG = logging.getLogger("tests.inquiries")


def asked(inquiries: Inquiries, results: list[object], what: str = "SIM: the list") -> list[object]:
    """Ask once for each result, an exception for no answer; return the answers, None for none."""

    async def one(result: object) -> object:
        if isinstance(result, Exception):
            raise result
        return result

    async def story() -> list[object]:
        answers: list[object] = []
        for result in results:
            try:
                answers.append(await inquiries.answer(one(result), what))
            except Unanswered:
                answers.append(None)
        return answers

    return asyncio.run(story())


@pytest.fixture(name="inquiries")
def make() -> Inquiries:
    nobody = cast(Any, None)  # a question that is put from outside needs none of them, but that no event waits
    return Inquiries(cast(Any, SimpleNamespace(event_qsize=0)), nobody, nobody, LOG)


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def test_the_first_the_tenth_and_the_hundredth_silence_are_told(
    inquiries: Inquiries, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, LOG.name):
        assert asked(inquiries, [WireError("away")] * 150) == [None] * 150

    assert len(caplog.records) == 150
    assert [line.partition(": away")[2] for line in told(caplog)] == [
        "",
        " (10 times in a row)",
        " (100 times in a row)",
    ]


def test_an_answer_ends_the_row(inquiries: Inquiries, caplog: pytest.LogCaptureFixture) -> None:
    assert asked(inquiries, [WireError("away"), WireError("away"), "here", WireError("away")]) == [
        None,
        None,
        "here",
        None,
    ]
    assert len(told(caplog)) == 2


def test_each_question_has_a_row_of_its_own(inquiries: Inquiries, caplog: pytest.LogCaptureFixture) -> None:
    asked(inquiries, [WireError("away")], "SIM: orders")
    asked(inquiries, [WireError("away")], "SIM: positions")
    assert len(told(caplog)) == 2


def test_what_is_a_bug_is_told_with_its_traceback(inquiries: Inquiries, caplog: pytest.LogCaptureFixture) -> None:
    asked(inquiries, [ZeroDivisionError("a bug"), ZeroDivisionError("a bug")])
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [bool(record.exc_info) for record in errors] == [True]


def test_records_that_cannot_be_read_are_left_out_and_told_once(
    inquiries: Inquiries, caplog: pytest.LogCaptureFixture
) -> None:
    async def partly() -> list[Any]:
        raise UnreadableRecords("one is garbled", ["a report"], ["garbled O-2"])

    async def story() -> list[Any]:
        return [await inquiries.orders(partly(), "SIM: the orders") for _ in range(3)]

    assert asyncio.run(story()) == [["a report"]] * 3
    assert told(caplog) == ["SIM: the orders: unreadable: 1 records are left out: one is garbled"]


def test_a_list_of_orders_without_an_answer_is_none(inquiries: Inquiries) -> None:
    async def away() -> list[Any]:
        raise WireError("away")

    with pytest.raises(Unanswered):
        asyncio.run(inquiries.orders(away(), "SIM: the orders"))
