"""`scenarios list --markdown`: the table of rows and files, printed or brought up to date in a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from nautilus_live.cli import main

MARKED = "before\n<!-- guide-table -->\nold\n<!-- /guide-table -->\nafter\n"


def test_the_table_is_printed_with_a_line_for_each_row(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenarios", "list", "--markdown"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["| | row | scenarios |", "|---|---|---|"]
    assert sum("| Missed fills | [Missed fills](scenarios/startup/missed_fills.toml), [" in line for line in lines) == 1
    assert all(line.startswith("|") and line.endswith("|") for line in lines)


def test_the_table_in_a_file_is_brought_up_to_date_and_the_rest_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "READ.md"
    file.write_text(MARKED, encoding="utf-8")

    assert main(["scenarios", "list", "--markdown", str(file)]) == 0
    assert capsys.readouterr().out == f"{file}: brought up to date\n"
    text = file.read_text(encoding="utf-8")
    assert text.startswith("before\n<!-- guide-table -->\n| | row |")
    assert text.endswith(" |\n<!-- /guide-table -->\nafter\n")
    assert "old" not in text.splitlines()

    assert main(["scenarios", "list", "--markdown", str(file)]) == 0
    assert capsys.readouterr().out == f"{file}: current\n"


@pytest.mark.parametrize(
    "text", ["no marks at all", "<!-- /guide-table --><!-- guide-table -->", MARKED + MARKED, "<!-- guide-table -->"]
)
def test_a_file_without_its_marks_is_left_as_it_is(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "READ.md"
    file.write_text(text, encoding="utf-8")

    assert main(["scenarios", "list", "--markdown", str(file)]) == 2
    assert "must have <!-- guide-table --> and <!-- /guide-table -->, once each" in capsys.readouterr().err
    assert file.read_text(encoding="utf-8") == text
