"""Rules of the repository: what lies at the top, README's commands, and nothing of a machine in it."""

from __future__ import annotations

import re
from pathlib import Path

from tests import children

ROOT = Path(__file__).resolve().parents[2]
TOP_LEVEL = {
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "nautilus_live",
    "pyproject.toml",
    "sandbox_venues",
    "scenarios",
    "tests",
}


def tracked_files() -> list[str]:
    listing = children.run(["git", "ls-files"], cwd=ROOT, check=False)
    names = listing.stdout.splitlines()
    if listing.returncode or not names:  # an export without its history: look at what is there
        names = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*.py") if ".venv" not in path.parts]
    return names


def test_the_top_level_is_as_designed() -> None:
    found = {name.split("/")[0] for name in tracked_files()}

    assert {name for name in found if not name.startswith(".")} <= TOP_LEVEL


def test_readme_shows_the_two_commands_each_with_all_its_set_up() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    several_cores = "-m pytest -n logical --maxprocesses 4 --dist loadfile --quiet"
    for marker, ending in (("run-command", "scenarios run"), ("test-command", several_cores)):
        shown = re.search(rf"<!-- {marker} -->\n```bash\n(.+?)\n```", readme, re.DOTALL)
        assert shown is not None, marker
        assert shown[1].startswith("python3 -m venv .venv && ")
        assert shown[1].endswith(ending)


def test_every_dependency_has_its_reason_beside_it() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = re.search(r"^dependencies = \[\n(.+?)^\]", text, re.DOTALL | re.MULTILINE)

    assert block is not None
    assert all("#" in line for line in block[1].splitlines() if line.strip())


def test_no_path_of_a_machine_is_committed() -> None:
    pattern = re.compile(r"(/work/(main|shared)|/root/|/home/\w+/|/Users/\w+/|/tmp/venv)")
    wrong = []
    for name in tracked_files():
        path = ROOT / name
        if path == Path(__file__) or path.suffix not in {".py", ".md", ".toml", ".json", ""} or not path.is_file():
            continue
        if pattern.search(path.read_text(encoding="utf-8", errors="replace")):
            wrong.append(name)
    assert wrong == []
