"""The kinds of values that settings are made of, beyond what Python and the model have."""

from __future__ import annotations

from enum import Enum, unique
from typing import Annotated, Final, Literal

from msgspec import Meta

from nautilus_live.config.values import Refused, Rule, convert_type, nearest
from nautilus_live.model.identifiers import InstrumentId

PositiveInt = Annotated[int, Meta(gt=0)]
NonNegativeInt = Annotated[int, Meta(ge=0)]
PositiveFloat = Annotated[float, Meta(gt=0)]
NonNegativeFloat = Annotated[float, Meta(ge=0)]
Port = Annotated[int, Meta(ge=1, le=65535)]
NonEmptyText = Annotated[str, Meta(min_length=1)]
Encoding = Literal["msgpack", "json"]

LOG_LEVELS: Final = ("OFF", "TRACE", "DEBUG", "INFO", "WARNING", "ERROR")
NANOSECONDS_PER_SECOND: Final = 1_000_000_000


@unique
class Environment(Enum):
    """Where a node trades: against recorded data, a simulated venue, or the real one."""

    BACKTEST = "backtest"
    SANDBOX = "sandbox"
    LIVE = "live"


@unique
class RotationMode(Enum):
    """When a streaming writer starts its next file."""

    SIZE = 0
    INTERVAL = 1
    SCHEDULED_DATES = 2
    NO_ROTATION = 3


def parse_rate(text: str) -> tuple[int, int]:
    """Return the limit and the interval in nanoseconds of a rate written `LIMIT/HH:MM:SS`, such as `100/00:00:01`.

    Raises:
        ValueError: if it is not written so, or either part is zero.

    """
    limit_text, slash, interval_text = text.partition("/")
    parts = interval_text.split(":")
    digits = [limit_text, *parts]
    # `isdecimal` alone would let other scripts' digits through.
    if not slash or len(parts) != 3 or not all(part.isascii() and part.isdecimal() for part in digits):
        raise ValueError(f"must be a rate LIMIT/HH:MM:SS, was {text!r}")
    limit, (hours, minutes, seconds) = int(limit_text), map(int, parts)
    interval_secs = hours * 3600 + minutes * 60 + seconds
    if limit <= 0 or interval_secs <= 0 or minutes > 59 or seconds > 59:
        raise ValueError(f"must be a rate LIMIT/HH:MM:SS with neither part zero, was {text!r}")
    return limit, interval_secs * NANOSECONDS_PER_SECOND


def _rate(text: str) -> str:
    parse_rate(text)
    return text


def _log_level(text: str) -> str:
    level = {"WARN": "WARNING"}.get(text.upper(), text.upper())
    if level not in LOG_LEVELS:
        raise Refused(f"must be one of {', '.join(LOG_LEVELS)}", nearest(text.upper(), LOG_LEVELS))
    return level


def _log_format(text: str) -> str:
    if text.lower() != "json":
        raise ValueError
    return "json"


def _import_path(text: str) -> str:
    module_name, colon, name = text.partition(":")
    parts = [*module_name.split("."), *name.split(".")]
    if not colon or not all(part.isidentifier() for part in parts):
        raise ValueError
    return text


def _instrument_id_text(text: str) -> str:
    return str(InstrumentId.from_str(text))


def _instance_id(text: str) -> str:
    lowered = text.lower()
    groups = lowered.split("-")
    if [len(group) for group in groups] != [8, 4, 4, 4, 12] or set(lowered) - set("0123456789abcdef-"):
        raise ValueError
    # The version and variant digits are what make it a random one; any other kind carries a clock or a network address.
    if groups[2][0] != "4" or groups[3][0] not in "89ab":
        raise ValueError
    return lowered


def _order_id_tag(text: str) -> str:
    if not text or not text.isprintable() or set(text) & {" ", "-"}:
        raise ValueError
    return text


def _timezone(text: str) -> str:
    if text != "UTC":
        import zoneinfo  # Reads the time zone database: only for those who ask for one.

        try:
            zoneinfo.ZoneInfo(text)
        except (zoneinfo.ZoneInfoNotFoundError, OSError) as error:
            raise ValueError from error
    return text


TypeOrName = Annotated[type | str, Rule("a type, its path MODULE:NAME or its name", convert_type)]
Rate = Annotated[str, Rule("a rate LIMIT/HH:MM:SS with neither part zero, such as '100/00:00:01'", _rate)]
LogLevel = Annotated[str, Rule(f"one of {', '.join(LOG_LEVELS)}", _log_level)]
LogFormat = Annotated[str, Rule("'json'", _log_format)]
ImportPath = Annotated[str, Rule("a path MODULE:NAME", _import_path)]
InstrumentIdText = Annotated[str, Rule("an instrument id SYMBOL.VENUE", _instrument_id_text)]
InstanceId = Annotated[str, Rule("a version 4 UUID", _instance_id)]
OrderIdTag = Annotated[str, Rule("a tag without hyphen or space, such as '001'", _order_id_tag)]
TimeZoneName = Annotated[str, Rule("the name of a time zone, such as 'UTC'", _timezone)]
