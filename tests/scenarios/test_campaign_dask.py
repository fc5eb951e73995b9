"""A campaign on a cluster: a real Dask scheduler and two workers on loopback find what one process finds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from nautilus_live.cli import main
from scenarios import campaign
from scenarios.campaign import Campaign
from scenarios.in_process import InProcess
from tests.children import child

# Not importorskip: Dask takes half a second to import, and every process that runs tests collects this file.
DASK = "the cluster needs Dask: pip install 'nautilus-live[dask]'"
pytestmark = [
    pytest.mark.skipif(find_spec("distributed") is None, reason=DASK),
    pytest.mark.usefixtures("frozen_again"),
]

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(__file__).with_name("cluster_program.py")
SEEDS = range(300, 320)


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[str]:
    """Start a scheduler and two workers in a process of their own, and end it."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((str(ROOT), *(entry for entry in sys.path if entry))),
        "DASK_TEMPORARY_DIRECTORY": str(tmp_path),
        "DASK_LOGGING__DISTRIBUTED": "error",
    }
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with child([sys.executable, PROGRAM], env=environment, cwd=tmp_path, **pipes) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address.startswith("tcp://127.0.0.1:"), "the cluster must start"
        yield address


@pytest.mark.filterwarnings("ignore")  # of Dask and what it imports
def test_a_cluster_finds_what_one_process_finds(
    scheduler: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaign, "CLUSTER_CHUNK_SEEDS", 10)  # work for both workers
    words = ["campaign", "--seeds", f"{SEEDS.start}..{SEEDS.stop}", "--scheduler", scheduler, "--json", "--keep", "0"]
    code = main([*words, "--found", str(tmp_path)])
    report = json.loads(capsys.readouterr().out)
    alone = Campaign(SEEDS, InProcess(), kept_max=0).run()

    assert report["seeds"] == len(SEEDS)
    assert {name: count for name, count in report["marks"].items() if count} == alone.marks
    assert [failed["seed"] for failed in report["failed"]] == [failure.seed for failure in alone.failures]
    assert code == (1 if alone.failures else 0)


@pytest.mark.filterwarnings("ignore")  # of Dask and what it imports
def test_a_scheduler_that_is_not_there_is_said_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nautilus_live.cli.campaign.CONNECT_S", 0.1)
    code = main(["campaign", "--seeds", "0..2", "--scheduler", "tcp://127.0.0.1:1"])

    assert code == 2
    assert "--scheduler tcp://127.0.0.1:1: there is no scheduler" in capsys.readouterr().err
