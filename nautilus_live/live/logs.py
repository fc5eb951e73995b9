"""Logging of a node that owns its process: handlers on the `nautilus_live` logger, as `LoggingConfig` says.

Library code logs with the standard library and never configures anything. Times come from the node's clock, in UTC
with nanoseconds, so that a log of a simulation reads the same in every run.
"""

from __future__ import annotations

import logging
import os
import sys
from datetime import timedelta
from typing import Any

from nautilus_live.adapters.ports import Clock
from nautilus_live.config.output import LoggingConfig
from nautilus_live.model.timestamps import EPOCH
from nautilus_live.trading.log import COLOR_FIELD, ROOT, LogColor

LEVELS = {"OFF": logging.CRITICAL + 10, "TRACE": 5, "DEBUG": 10, "INFO": 20, "WARNING": 30, "ERROR": 40}
COLORS = {logging.WARNING: "\033[33m", logging.ERROR: "\033[31m", logging.CRITICAL: "\033[1;31m"}
ASKED_COLORS = {
    LogColor.NORMAL: "",
    LogColor.GREEN: "\033[32m",
    LogColor.BLUE: "\033[34m",
    LogColor.MAGENTA: "\033[35m",
    LogColor.CYAN: "\033[36m",
    LogColor.YELLOW: "\033[33m",
    LogColor.RED: "\033[31m",
}
RESET = "\033[0m"
_STANDARD_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", COLOR_FIELD}


def time_text(time_ns: int) -> str:
    """Return a time as `2026-01-01T00:00:00.000000000Z`."""
    seconds, nanoseconds = divmod(time_ns, 1_000_000_000)
    return f"{(EPOCH + timedelta(seconds=seconds)).strftime('%Y-%m-%dT%H:%M:%S')}.{nanoseconds:09d}Z"


class TextFormatter(logging.Formatter):
    """One line a record: time, level, trader, component, message."""

    def __init__(self, clock: Clock, trader_id: str, colors: bool) -> None:
        super().__init__()
        self._clock = clock
        self._trader_id = trader_id
        self._colors = colors

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as text; a traceback follows on lines of its own."""
        name = record.name.removeprefix(ROOT + ".")
        time = time_text(self._clock.timestamp_ns())
        text = f"{time} [{record.levelname}] {self._trader_id}.{name}: {record.getMessage()}"
        if record.exc_info:
            text = f"{text}\n{self.formatException(record.exc_info)}"
        color = self._color_of(record) if self._colors else ""
        return f"{color}{text}{RESET}" if color else text

    def _color_of(self, record: logging.LogRecord) -> str:
        asked = getattr(record, COLOR_FIELD, None)
        return COLORS.get(record.levelno, "") if asked is None else ASKED_COLORS[asked]


class JsonFormatter(logging.Formatter):
    """One JSON object a record; ids and whatever else a call gave as `extra` are fields."""

    def __init__(self, clock: Clock, trader_id: str, instance_id: str) -> None:
        super().__init__()
        self._clock = clock
        self._common = {"trader_id": trader_id, "instance_id": instance_id}

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON."""
        fields: dict[str, Any] = {
            "timestamp": time_text(self._clock.timestamp_ns()),
            "level": record.levelname,
            "component": record.name.removeprefix(ROOT + "."),
            "message": record.getMessage(),
            **self._common,
        }
        fields |= {name: value for name, value in vars(record).items() if name not in _STANDARD_FIELDS}
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        import json  # only for those who ask for it

        return json.dumps(fields, default=str)


class ComponentFilter(logging.Filter):
    """Lets single components log at levels of their own."""

    def __init__(self, level: int, component_levels: dict[str, int], components_only: bool) -> None:
        super().__init__()
        self._level = level
        self._component_levels = component_levels
        self._components_only = components_only

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record is to be written."""
        name = record.name.removeprefix(ROOT + ".")
        level = self._component_levels.get(name, self._component_levels.get(name.rpartition(".")[2]))
        if level is None:
            return not self._components_only and record.levelno >= self._level
        return record.levelno >= level


def configure(config: LoggingConfig, trader_id: str, instance_id: str, clock: Clock) -> list[logging.Handler]:
    """Set up the `nautilus_live` logger in place of what an earlier call set up. Returns the handlers."""
    logger = logging.getLogger(ROOT)
    for handler in [one for one in logger.handlers if getattr(one, "is_nautilus", False)]:
        logger.removeHandler(handler)
        handler.close()
    handlers = [] if config.bypass_logging else _handlers(config, trader_id, instance_id, clock)
    for handler in handlers:
        handler.is_nautilus = True  # type: ignore[attr-defined]  # how the next call knows its own handlers
        logger.addHandler(handler)
    logger.propagate = False
    logger.setLevel(min((handler.level for handler in handlers), default=LEVELS["OFF"]))
    return handlers


def flush(logger: logging.Logger) -> None:
    """Get what was logged out of the process, before anything else can go wrong."""
    current: logging.Logger | None = logger
    while current is not None:
        for handler in current.handlers:
            handler.flush()
        current = current.parent if current.propagate else None


def _handlers(config: LoggingConfig, trader_id: str, instance_id: str, clock: Clock) -> list[logging.Handler]:
    screen = logging.StreamHandler(sys.stdout)
    screen.setFormatter(TextFormatter(clock, trader_id, config.log_colors and sys.stdout.isatty()))
    handlers = [_limited(screen, config, config.log_level)]
    if config.log_level_file is not None:
        file = _file_handler(config, trader_id, instance_id, clock)
        as_json = config.log_file_format == "json"
        file.setFormatter(
            JsonFormatter(clock, trader_id, instance_id) if as_json else TextFormatter(clock, trader_id, False)
        )
        handlers.append(_limited(file, config, config.log_level_file))
    return handlers


def _limited(handler: logging.Handler, config: LoggingConfig, level_name: str) -> logging.Handler:
    level = LEVELS[level_name]
    components = {name: LEVELS[text] for name, text in (config.log_component_levels or {}).items()}
    handler.setLevel(min([level, *components.values()]))
    handler.addFilter(ComponentFilter(level, components, config.log_components_only))
    return handler


def _file_handler(config: LoggingConfig, trader_id: str, instance_id: str, clock: Clock) -> logging.Handler:
    directory = config.log_directory or "."
    os.makedirs(directory, exist_ok=True)
    day = time_text(clock.timestamp_ns())[:10]
    name = config.log_file_name or f"{trader_id}_{instance_id}_{day}"
    path = os.path.join(directory, f"{name}.{'json' if config.log_file_format == 'json' else 'log'}")
    from logging.handlers import RotatingFileHandler  # loads sockets and pickling, for the file alone

    class SyncedFileHandler(RotatingFileHandler):
        """A file whose flushes reach the disk."""

        def flush(self) -> None:
            super().flush()
            if self.stream is not None and not self.stream.closed:
                os.fsync(self.stream.fileno())

    kind = SyncedFileHandler if config.fileout_sync_on_flush else RotatingFileHandler
    return kind(
        path,
        mode="w" if config.clear_log_file else "a",
        maxBytes=config.log_file_max_size or 0,
        backupCount=config.log_file_max_backup_count,
        encoding="utf-8",
    )
