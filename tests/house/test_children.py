"""Processes of tests end with their test: those that do not want to, those that hang, and those that they started."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests import children

STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(600)
"""


def test_a_process_that_does_not_end_in_order_is_killed_and_its_pipes_are_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(children, "GRACE_S", 0.05)
    with children.child([sys.executable, "-S", "-c", STUBBORN], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"

    assert process.returncode == -9
    assert process.stdout.closed


def test_one_that_hangs_is_killed_at_its_limit_so_that_its_reader_goes_on() -> None:
    with children.child(["sleep", "600"], limit_s=0.05, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.read() == ""
    assert process.returncode == -9


def test_what_it_started_ends_with_it() -> None:
    ours, theirs = os.pipe()  # whoever holds the other end keeps ours from reading the end
    try:
        command = ["sh", "-c", "sleep 600 & echo started; wait"]
        with children.child(command, stdout=subprocess.PIPE, pass_fds=[theirs]) as process:
            os.close(theirs)
            assert process.stdout is not None
            assert process.stdout.readline() == "started\n"
        assert os.read(ours, 1) == b""
    finally:
        os.close(ours)


def test_one_that_fails_tells_what_it_said() -> None:
    with pytest.raises(AssertionError, match="ended with 3: out\nerr\n"):
        children.run(["sh", "-c", "echo out; echo err >&2; exit 3"])
    assert children.run(["sh", "-c", "exit 3"], check=False).returncode == 3
