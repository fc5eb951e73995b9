"""README's example runs as it stands there."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from tests import children

ROOT = Path(__file__).resolve().parents[2]


def test_the_example_in_readme_runs_to_an_orderly_end() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    example = re.search(r"<!-- example -->\n```python\n(.+?)```", readme, re.DOTALL)
    assert example is not None

    done = children.run([sys.executable, "-c", example[1]], cwd=ROOT, check=False)

    assert done.stdout.splitlines() == ["works at the venue as V-1", "exit code 0"], done.stderr
