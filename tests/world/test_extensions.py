"""Extension modules imported while the wall clock is simulated: pandas would crash the process without this."""

from __future__ import annotations

import datetime as dt
import importlib
import sys
from importlib.machinery import ExtensionFileLoader
from types import ModuleType

import freezegun.api
import pytest

from scenarios.world import extensions, frozen

COMPILED = "_testbuffer"
"""A module of Python's own tests: compiled, and imported by nobody else here."""


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[type]:
    """Let compiled modules note which `datetime` they find; start the simulated clock."""
    frozen.start()
    found: list[type] = []
    exec_module = ExtensionFileLoader.exec_module

    def noting(self: ExtensionFileLoader, module: ModuleType) -> None:
        found.append(dt.datetime)
        exec_module(self, module)

    monkeypatch.setattr(ExtensionFileLoader, "exec_module", noting)
    monkeypatch.delitem(sys.modules, COMPILED, raising=False)
    return found


def test_a_compiled_module_finds_the_real_types_and_everybody_else_the_simulated_ones(seen: list[type]) -> None:
    simulated = dt.datetime
    assert simulated is not freezegun.api.real_datetime
    importlib.import_module(COMPILED)
    assert seen == [freezegun.api.real_datetime]
    assert dt.datetime is simulated


def test_the_simulated_types_are_back_after_an_import_that_fails() -> None:
    frozen.start()
    simulated = dt.datetime
    inside: list[type] = []

    def broken() -> None:
        inside.append(dt.datetime)
        raise ImportError("broken")

    with pytest.raises(ImportError, match="broken"), extensions.real_types():
        broken()
    assert inside == [freezegun.api.real_datetime]
    assert dt.datetime is simulated


def test_modules_of_python_are_left_to_python() -> None:
    assert extensions.ExtensionFinder().find_spec("colorsys") is None
