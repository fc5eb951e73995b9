"""A repository of a user's own, as `scenarios/README.md` shows it, with nothing but the built wheel and pytest.

The wheel is built and installed into a new virtual environment. Its dependencies are not downloaded again: the new
environment sees the site-packages of this one, behind its own. Of this checkout it sees nothing.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests import children

ROOT = Path(__file__).resolve().parents[2]
NO_INDEX = ("No matching distribution found for hatchling", "Could not find a version that satisfies", "Connection")


def shell(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST"))}
    return children.run(command, check=False, cwd=cwd, env=environment)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    done = shell(sys.executable, "-m", "pip", "wheel", ROOT, "--no-deps", "--quiet", "-w", folder, cwd=folder)
    if done.returncode and any(text in done.stderr for text in NO_INDEX):
        pytest.skip("the build backend (hatchling) cannot be fetched: no package index is reachable")
    assert done.returncode == 0, done.stderr
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def binaries(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel in it; returns the folder of its programs."""
    folder = tmp_path_factory.mktemp("environment") / "venv"
    assert shell(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder.parent).returncode == 0
    (packages,) = folder.glob("lib/python*/site-packages")
    # A path in a .pth file is searched, but .pth files in it (an editable install of this checkout) are not obeyed.
    (packages / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    program = folder / "bin" / "python"
    install = ("-m", "pip", "--python", program, "install", "--no-deps", "--no-index", "--quiet", wheel)
    done = shell(sys.executable, *install, cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "bin"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    text = (ROOT / "scenarios" / "README.md").read_text(encoding="utf-8")
    files = re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.+?)```", text, re.DOTALL)
    assert [name for name, _ in files] == [
        "desk/makers.py", "tests/lost_fill.toml", "tests/crash.toml", "tests/conftest.py", "tests/test_maker.py",
    ]  # fmt: skip
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "desk"\nversion = "1"\n')
    for name, content in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    return tmp_path


def test_the_wheel_has_everything_and_the_plugin(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (entries,) = [name for name in names if name.endswith("entry_points.txt")]
        points = archive.read(entries).decode()

    for wanted in (
        "nautilus_live/live/node.py", "sandbox_venues/venue.py", "scenarios/testing.py", "scenarios/py.typed",
        "scenarios/invariants/__init__.py", "scenarios/startup/missed_fills.toml", "scenarios/README.md",
    ):  # fmt: skip
        assert wanted in names
    assert any(name.startswith("scenarios/report/assets/") for name in names)
    assert "[pytest11]\nscenarios.pytest_plugin = scenarios.pytest_plugin" in points
    assert "nautilus-live = nautilus_live.cli:main" in points
    assert not [name for name in names if name.startswith("tests/")]


def test_a_repository_of_ones_own_passes_with_wheel_and_pytest(binaries: Path, repository: Path) -> None:
    where = shell(binaries / "python", "-c", "import scenarios; print(scenarios.__file__)", cwd=repository)
    done = shell(binaries / "python", "-m", "pytest", "-q", "-p", "no:hypothesispytest", cwd=repository)

    assert where.stdout.startswith(str(binaries.parent)), where
    assert done.returncode == 0, done.stdout + done.stderr
    assert "12 passed" in done.stdout  # two files, one test with ten seeds


def test_the_command_runs_its_files_from_the_current_directory(binaries: Path, repository: Path) -> None:
    done = shell(binaries / "nautilus-live", "scenarios", "run", "tests", cwd=repository)

    assert "2 passed, 0 failed" in done.stdout, done.stdout + done.stderr


def test_its_own_rule_fails_it_by_name(binaries: Path, repository: Path) -> None:
    conftest = repository / "tests" / "conftest.py"
    conftest.write_text(conftest.read_text().replace("<= 1.5", "<= 0.25"))
    done = shell(binaries / "python", "-m", "pytest", "-q", "tests/lost_fill.toml", cwd=repository)

    assert done.returncode == 1
    assert "invariant (never holds more than 1.5): assert" in done.stdout, done.stdout
    assert "replay: pytest tests/lost_fill.toml::direct --scenario-seed 0 --trace-scenarios" in done.stdout
