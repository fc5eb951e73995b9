"""Logging as configured: levels, components, JSON, secrets nowhere, and everything on the disk after a flush."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nautilus_live.config import LoggingConfig, TradingNodeConfig
from nautilus_live.live import logs
from nautilus_live.live.node import TradingNode
from nautilus_live.trading.log import ComponentLog, LogColor


class StillClock:
    def timestamp_ns(self) -> int:
        return 1_767_225_600_000_000_001


@pytest.fixture(autouse=True)
def put_back() -> Iterator[None]:
    logger = logging.getLogger("nautilus_live")
    before = (logger.level, logger.propagate)
    yield
    for handler in [one for one in logger.handlers if getattr(one, "is_nautilus", False)]:
        logger.removeHandler(handler)
        handler.close()
    logger.setLevel(before[0])
    logger.propagate = before[1]


def configure(tmp_path: Path, **settings: Any) -> None:
    config = LoggingConfig(log_directory=str(tmp_path), log_file_name="node", **settings)
    logs.configure(config, "TRADER-001", "instance", StillClock())


def test_screen_shows_time_level_trader_and_component(tmp_path: Path, capsys: Any) -> None:
    configure(tmp_path)
    ComponentLog("EMACross-001").info("bought %s", 3, color="BLUE")
    ComponentLog("EMACross-001").debug("unseen")
    assert capsys.readouterr().out == "2026-01-01T00:00:00.000000001Z [INFO] TRADER-001.EMACross-001: bought 3\n"


def test_a_terminal_shows_the_colour_asked_for_or_else_the_levels() -> None:
    shown, colors = list[str](), True

    class Screen(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            shown.append(logs.TextFormatter(StillClock(), "T-1", colors).format(record).partition("20")[0])

    log, screen, logger = ComponentLog("A"), Screen(), logging.getLogger("nautilus_live")
    logger.addHandler(screen)
    logger.setLevel("INFO")
    log.info("green by name", color=LogColor.GREEN)
    log.info("blue, %d behind", 1, LogColor.BLUE)
    log.warning("as its level")
    log.warning("as asked", LogColor.NORMAL, extra={"client_order_id": "O-1"})
    log.error("magenta", color=LogColor.MAGENTA)
    colors = False
    log.error("plain", color=LogColor.MAGENTA)
    logger.removeHandler(screen)
    assert shown == ["\033[32m", "\033[34m", "\033[33m", "", "\033[35m", ""]


def test_file_in_json_has_fields_and_tracebacks(tmp_path: Path) -> None:
    configure(tmp_path, log_level="OFF", log_level_file="DEBUG", log_file_format="json")
    logging.getLogger("nautilus_live.engine").error("odd", extra={"client_order_id": "O-1"}, exc_info=ValueError("x"))
    logs.flush(logging.getLogger("nautilus_live.engine"))
    line = json.loads((tmp_path / "node.json").read_text())
    assert (line["level"], line["component"], line["message"], line["client_order_id"]) == (
        "ERROR",
        "engine",
        "odd",
        "O-1",
    )
    assert "ValueError: x" in line["traceback"]
    ComponentLog("A").info("in red", LogColor.RED)
    assert "log_color" not in json.loads((tmp_path / "node.json").read_text().splitlines()[1])


def test_components_have_levels_of_their_own(tmp_path: Path, capsys: Any) -> None:
    configure(tmp_path, log_level="ERROR", log_component_levels={"Chatty-001": "DEBUG"})
    ComponentLog("Chatty-001").debug("seen")
    ComponentLog("Other-001").warning("unseen")
    assert "seen" in capsys.readouterr().out.splitlines()[0]


def test_bypass_logs_nothing_and_a_second_call_replaces_the_first(tmp_path: Path, capsys: Any) -> None:
    configure(tmp_path)
    configure(tmp_path, bypass_logging=True)
    ComponentLog("A").error("unseen")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("awaited", [False, True])
def test_a_node_logs_as_configured_however_it_is_run(capsys: Any, awaited: bool) -> None:
    async def story() -> None:
        node = TradingNode(TradingNodeConfig(logging=LoggingConfig(log_level="INFO"), timeout_post_stop=0.01))
        node.build()
        node.stop()
        await node.run_async()
        node.dispose()

    if awaited:
        asyncio.run(story())
    else:
        node = TradingNode(TradingNodeConfig(logging=LoggingConfig(log_level="INFO"), timeout_post_stop=0.01))
        node.build()
        node.stop()
        node.run()
        node.dispose()
    assert "TRADER-001: STOPPED, exit code 0" in capsys.readouterr().out
