"""The docstrings are the reference of the settings, so they are held to the code."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from decimal import Decimal
from enum import Enum
from typing import Any

import msgspec
import pytest

import nautilus_live.config
from nautilus_live.adapters.binance import BinanceDataClientConfig, BinanceExecClientConfig
from nautilus_live.adapters.binance.config import NOT_YET as BINANCE_NOT_YET
from nautilus_live.config import NO_EFFECT, NOT_YET, NautilusConfig

CLASSES: list[type[NautilusConfig]] = [
    *(
        kind
        for name in nautilus_live.config.__all__
        if isinstance(kind := getattr(nautilus_live.config, name), type)
        and issubclass(kind, NautilusConfig)
        and kind is not NautilusConfig
    ),
    BinanceDataClientConfig,
    BinanceExecClientConfig,
]


def documented(kind: type[NautilusConfig]) -> dict[str, tuple[str, str]]:
    """Return the default and the text that the docstring gives for each setting."""
    items: dict[str, tuple[str, str]] = {}
    name = ""
    for line in (kind.__doc__ or "").splitlines():
        item = re.match(r" {8}(\w+) \((.*?)\): (.*)", line)
        if item:
            name = item.group(1)
            items[name] = (item.group(2), item.group(3))
        elif name and line.startswith(" " * 12):
            default, text = items[name]
            items[name] = (default, f"{text} {line.strip()}")
    return items


def own_settings(kind: type[NautilusConfig]) -> Iterator[str]:
    yield from inspect.get_annotations(kind)


def shown(info: msgspec.structs.FieldInfo) -> str:
    if info.required:
        return "required"
    value: Any = info.default if info.default is not msgspec.NODEFAULT else info.default_factory()
    if isinstance(value, NautilusConfig):
        return f"{type(value).__name__}()"
    if isinstance(value, Enum):
        return value.name
    return repr(value) if isinstance(value, str) else str(value)


SETTINGS = [(kind, name) for kind in CLASSES for name in own_settings(kind) if not name.startswith("_")]


def test_settings_were_found() -> None:
    """All classes and settings: the tests below do not pass for want of them."""
    assert len(CLASSES) == 32
    assert len(SETTINGS) > 250


@pytest.mark.parametrize(("kind", "name"), SETTINGS)
def test_setting_is_documented_with_its_default(kind: type[NautilusConfig], name: str) -> None:
    """Each class describes each setting it declares, with the default it has."""
    infos = {info.name: info for info in msgspec.structs.fields(kind)}

    default, text = documented(kind)[name]

    assert default == shown(infos[name])
    assert text.endswith(".")


@pytest.mark.parametrize("kind", CLASSES)
def test_nothing_else_is_documented(kind: type[NautilusConfig]) -> None:
    """No docstring describes a setting that is gone or misspelt."""
    assert set(documented(kind)) == {name for name in own_settings(kind) if not name.startswith("_")}


@pytest.mark.parametrize(("kind", "name"), SETTINGS)
def test_marks_agree_with_the_docstring(kind: type[NautilusConfig], name: str) -> None:
    """A setting says that it waits for its feature, or has none, exactly if the lists say so."""
    key = f"{kind.__name__}.{name}"
    text = documented(kind)[name][1].lower()

    waits = NOT_YET.get(key)
    if key in BINANCE_NOT_YET:
        assert "arrives with the Binance adapter; all settings wait for it" in (kind.__doc__ or "")
    else:
        assert ("accepted and validated; takes effect with" in text) == (waits is not None)
    assert waits is None or waits in text
    assert ("accepted for compatibility; has no effect" in text) == (key in NO_EFFECT)
    assert not (key in NOT_YET and key in NO_EFFECT)


@pytest.mark.parametrize("key", [*NOT_YET, *NO_EFFECT])
def test_marks_name_settings(key: str) -> None:
    """A mark names a class and a setting that it declares itself."""
    owner, _, name = key.partition(".")

    assert name in set(own_settings(getattr(nautilus_live.config, owner)))


def test_values_behind_marks_are_decimal_not_float() -> None:
    """The commission tolerance multiplies money, so it is no float."""
    assert type(nautilus_live.config.LiveExecEngineConfig().fill_commission_tolerance) is Decimal
