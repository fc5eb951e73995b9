"""The CI script runs the test command that README.md shows, and says what is missing if there is none."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests import children

SCRIPT = Path(__file__).resolve().parents[2] / ".ci" / "run"


def run_in(folder: Path, readme: str) -> subprocess.CompletedProcess[str]:
    (folder / ".ci").mkdir()
    shutil.copy(SCRIPT, folder / ".ci" / "run")
    (folder / "README.md").write_text(readme)
    return children.run([folder / ".ci" / "run"], check=False)


def test_the_documented_command_is_the_one_that_runs(tmp_path: Path) -> None:
    done = run_in(tmp_path, "# x\n\n<!-- test-command -->\n```bash\necho it ran > proof\nexit 3\n```\n")

    assert (tmp_path / "proof").read_text() == "it ran\n"
    assert done.returncode == 3
    assert "== echo it ran" in done.stderr


def test_a_readme_without_the_command_fails_and_says_so(tmp_path: Path) -> None:
    done = run_in(tmp_path, "# x\n\n```bash\nexit 0\n```\n")

    assert done.returncode != 0
    assert "there must be a fenced block after <!-- test-command -->" in done.stderr
