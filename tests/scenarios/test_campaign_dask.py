"""A campaign on a cluster: a real Dask scheduler and two workers on loopback find what one process finds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nautilus_live.cli import main
from scenarios import campaign
from scenarios.campaign import Campaign, InProcess

pytest.importorskip("distributed", reason="the cluster needs Dask: pip install 'nautilus-live[dask]'")

ROOT = Path(__file__).resolve().parents[2]
SEEDS = range(300, 330)


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a scheduler and two workers, each a process of its own, and end them."""
    folder = tmp_path_factory.mktemp("cluster")
    address_file = folder / "scheduler.json"
    path = os.pathsep.join((str(ROOT), *(entry for entry in sys.path if entry)))
    environment = {**os.environ, "PYTHONPATH": path, "DASK_DISTRIBUTED__ADMIN__LOG_LEVEL": "error"}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": environment, "cwd": folder}
    common = ["--scheduler-file", str(address_file)]
    head = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0"]
    hand = [sys.executable, "-m", "distributed.cli.dask_worker", "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny"]
    processes = [subprocess.Popen([*head, "--no-dashboard", *common], **quiet)]  # type: ignore[call-overload]  # a table
    try:
        processes += [subprocess.Popen([*hand, "--no-dashboard", *common], **quiet) for _ in range(2)]  # type: ignore[call-overload]  # the same
        yield _address(address_file)
    finally:
        for process in reversed(processes):
            process.terminate()
        for process in processes:
            process.wait(timeout=20)


def _address(file: Path) -> str:
    """Wait until the scheduler runs and both workers are there; return where."""
    from distributed import Client

    with Client(scheduler_file=str(file), timeout="60s", set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
        address: str = client.scheduler.address
        return address


@pytest.mark.filterwarnings("default")
def test_a_cluster_finds_what_one_process_finds(
    scheduler: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaign, "CLUSTER_CHUNK_SEEDS", 10)  # work for both workers
    alone = Campaign(SEEDS, InProcess(), kept_max=0).run()
    words = ["campaign", "--seeds", f"{SEEDS.start}..{SEEDS.stop}", "--scheduler", scheduler, "--json", "--keep", "0"]
    code = main([*words, "--found", str(tmp_path)])
    report = json.loads(capsys.readouterr().out)

    assert scheduler.startswith("tcp://127.0.0.1:")
    assert report["seeds"] == len(SEEDS)
    assert {name: count for name, count in report["marks"].items() if count} == alone.marks
    assert [failed["seed"] for failed in report["failed"]] == [failure.seed for failure in alone.failures]
    assert code == (1 if alone.failures else 0)


@pytest.mark.filterwarnings("default")
def test_a_scheduler_that_is_not_there_is_said_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nautilus_live.cli.campaign.CONNECT_S", 0.5)
    code = main(["campaign", "--seeds", "0..2", "--scheduler", "tcp://127.0.0.1:1"])

    assert code == 2
    assert "--scheduler tcp://127.0.0.1:1: there is no scheduler" in capsys.readouterr().err
