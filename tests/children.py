"""Processes that tests start: each ends with its test, whatever happens, and leaves nothing to the next one.

A limit here is what a machine may need that is busy with something else. It ends what hangs, so that the test fails by
itself and not the whole run; no test takes that long.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Timer
from typing import Any

LIMIT_S = 120.0
GRACE_S = 5.0
"""How long a process may take to end in order before it is killed."""


@contextmanager
def child(
    command: Sequence[str | Path], *, limit_s: float | None = LIMIT_S, **options: Any
) -> Iterator[subprocess.Popen[str]]:
    """Start a process, and end it with all that it started.

    After `limit_s` it is killed, so that whoever reads from it reads the end; None leaves that to the caller.
    """
    process: subprocess.Popen[str] = subprocess.Popen(
        [str(word) for word in command], text=True, start_new_session=True, **options
    )
    watch = Timer(limit_s or 0.0, _kill, [process])
    if limit_s is not None:
        watch.start()
    try:
        yield process
    finally:
        watch.cancel()
        _end(process)


def run(command: Sequence[str | Path], *, check: bool = True, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a process to its end and return what it wrote; with `check` it must have ended well."""
    with child(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options) as process:
        output, errors = process.communicate()
    assert not check or process.returncode == 0, f"{command} ended with {process.returncode}: {output}{errors}"
    return subprocess.CompletedProcess(command, process.returncode, output, errors)


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(GRACE_S)
    _kill(process)
    process.wait(LIMIT_S)
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with suppress(BrokenPipeError):  # what was still to be written to it
                pipe.close()


def _kill(process: subprocess.Popen[str]) -> None:
    """Kill it, and what it started: its session is its own."""
    with suppress(ProcessLookupError, PermissionError):  # nobody is left: so says Linux, and so says macOS
        os.killpg(process.pid, signal.SIGKILL)
