"""Strategies are tested on a whole node: the same stage as in `tests/live`."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

_spec = importlib.util.spec_from_file_location("node_stage", Path(__file__).parents[1] / "live" / "conftest.py")
assert _spec is not None
assert _spec.loader is not None
_module = importlib.util.module_from_spec(_spec)
sys.modules["node_stage"] = _module
_spec.loader.exec_module(_module)

stage = _module.stage
make_stage = _module.make_stage
without_freezing = _module.without_freezing
