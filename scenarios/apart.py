"""Work in a process of its own, for executors whose workers are busy with more than us.

May know: pickle and subprocesses. A simulation rules its process while it runs: what a task is, what the clock says,
what chance brings. A Dask worker is a live event loop with threads beside it, so a chunk of a campaign is run in a
child of it, started for the chunk. Run as a module this is that child: it takes a call on stdin and gives the result
on stdout.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any


def call_apart(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """Call a function of a module in a new process and return its result.

    Raises:
        RuntimeError: if the process fails, with what it said.

    """
    child = subprocess.run(
        [sys.executable, "-m", "scenarios.apart"],
        input=pickle.dumps((function, arguments)),
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)},
    )
    if child.returncode:
        raise RuntimeError(f"{function.__name__}: the process must end well, was {child.stderr.decode()[-2_000:]}")
    return pickle.loads(child.stdout)


class Apart(Executor):
    """Passes work on to another executor, each call to be made in a process of its own there."""

    def __init__(self, inner: Executor) -> None:
        self._inner = inner

    def submit(self, fn: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        """Pass a call on."""
        if named:
            raise TypeError(f"{fn.__name__}: arguments must be given by position, was {', '.join(named)}")
        return self._inner.submit(call_apart, fn, arguments)


def main() -> None:
    """Make the call that stdin asks for, and write what it returned to stdout."""
    function, arguments = pickle.load(sys.stdin.buffer)
    result = function(*arguments)
    sys.stdout.buffer.write(pickle.dumps(result))


if __name__ == "__main__":
    main()
