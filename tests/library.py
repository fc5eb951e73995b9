"""The library's scenarios, read once for all tests that go through them."""

from __future__ import annotations

from functools import cache

from scenarios.library import ScenarioFile, find


@cache
def library() -> tuple[ScenarioFile, ...]:
    """Return every file of the library; reading them all takes a tenth of a second and more."""
    return tuple(find())
