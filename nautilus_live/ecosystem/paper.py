"""Trading on paper (the ecosystem's `adapters.sandbox`): its names are found in `sandbox_venues.paper`.

The kernel knows no venue. A script that asks for one by the ecosystem's path gets it here, by name, when it asks.
"""

from __future__ import annotations

import importlib
from typing import Any

_WHERE = "sandbox_venues.paper"
_NAMES = ("SandboxExecutionClient", "SandboxExecutionClientConfig", "SandboxLiveExecClientFactory")


def __getattr__(name: str) -> Any:
    if name not in _NAMES:
        raise AttributeError(name)
    return getattr(importlib.import_module(_WHERE), name)
