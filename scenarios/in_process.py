"""An executor that is no other place at all: what it is given it does at once, here.

May know: `concurrent.futures`. The campaign runs on it where there is one process; in a scenario, components give it
the work that a live node hands to threads: it takes no virtual time, and happens in the same order in every run.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any


class InProcess(Executor):
    """An executor that does everything at once, here."""

    def submit(self, fn: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        """Run `fn` now."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*arguments, **named))
        except Exception as error:
            future.set_exception(error)
        return future
