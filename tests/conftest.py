"""Properties are tried with the same examples every time: a run that was green stays green until somebody changes code.

Fifty each, where a test asks for no other number: the same ones again prove nothing new. To look for others:
`HYPOTHESIS_PROFILE=explore pytest tests/core` (and `PROPERTY_EXAMPLES=2000` for the properties of reconciliation).
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import pytest
from hypothesis import Phase, settings

# What fails is made small, but not explained: that takes minutes, and a run must end in three.
PHASES = [Phase.explicit, Phase.generate, Phase.target, Phase.shrink]

settings.register_profile("steady", derandomize=True, database=None, deadline=None, max_examples=50, phases=PHASES)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Keep what was collected out of the garbage collector's sight: thousands of tests, and all that they import.

    Every test that collects garbage to see that none complains would look through half a million of these objects.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module")
def frozen_again() -> Iterator[None]:
    """For tests of what unfreezes when it is done: the collector's sight is as before when they are through."""
    yield
    gc.collect()
    gc.freeze()
