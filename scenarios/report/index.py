"""The folder of a report: a page for each run, and an index of them.

May know: the file system, scenario files and their results. Promises: the same runs give the same bytes; a page is
called after its scenario and transport.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from scenarios.library import ScenarioFile
from scenarios.report.markup import counted, px, shown, span
from scenarios.report.page import document, masthead, page, paragraphs, summary
from scenarios.report.records import EventRecord, FaultRecord, MessageRecord, VenueRecord, ViolationRecord
from scenarios.run import Result

Run = tuple[ScenarioFile, Result]
STRIP_WIDTH, STRIP_HEIGHT = 190.0, 28.0
HEADINGS = {
    "startup": "When the node starts",
    "runtime": "While the node runs",
    "procedure": "Step by step",
    "lookback": "How far back it looks",
    "issue": "Known troubles",
}
"""What the families of the guide's rows are called here, in this order; others follow by the name of their folder."""


def write_report(folder: Path, runs: Sequence[Run]) -> Path:
    """Write a page for each run, which must have records, and an index; return the index.

    Raises:
        OSError: if the folder cannot be written to.

    """
    folder.mkdir(parents=True, exist_ok=True)
    names = page_names(runs)
    for (file, result), name in zip(runs, names, strict=True):
        text = page(file.scenario, result, file.name, replay_command(file, result))
        (folder / name).write_text(text, encoding="utf-8")
    index = folder / "index.html"
    index.write_text(index_page(runs, names), encoding="utf-8")
    return index


def replay_command(file: ScenarioFile, result: Result) -> str:
    """Return the command that runs a scenario again; it names the file as the library does, so no machine's path."""
    return (
        f"nautilus-live scenarios run {shlex.quote(file.name)} --transport {result.transport} --seed {result.seed}"
        " --trace"
    )


def page_names(runs: Sequence[Run]) -> list[str]:
    """Return the file names of the pages, all different."""
    names: list[str] = []
    taken = {"index.html"}
    for file, result in runs:
        stem = file.name.removeprefix("scenarios/").removesuffix(".toml")
        base = re.sub(r"[^A-Za-z0-9_]+", "-", f"{stem}-{result.transport}").strip("-")
        name, count = f"{base}.html", 1
        while name.lower() in taken:  # some file systems know no capitals
            count += 1
            name = f"{base}-{count}.html"
        taken.add(name.lower())
        names.append(name)
    return names


def index_page(runs: Sequence[Run], names: Sequence[str]) -> str:
    """Return the index as HTML; `names` are the pages' file names."""
    sections: dict[str, list[tuple[Run, str]]] = {}
    for run, name in zip(runs, names, strict=True):
        guide = run[0].scenario.guide
        heading = guide.partition(":")[0] if guide else Path(run[0].name).parent.name
        sections.setdefault(heading, []).append((run, name))
    body = [
        masthead("<span>nautilus-live</span>", "Find a scenario"),
        '<section class="front"><h1>What went wrong, and what the node did about it</h1>',
        (
            f'<p class="counts">{shown(summary([result for _, result in runs]))} Each one is a whole node against an'
            " exchange that misbehaves, replayed in virtual time from a seed.</p></section>"
        ),
    ]
    order = [heading for heading in HEADINGS if heading in sections]
    for heading in dict.fromkeys((*order, *sections)):
        members = sections[heading]
        body.append(f'<section class="rows"><h2>{shown(HEADINGS.get(heading, heading.capitalize()))}</h2>')
        body.append('<ul class="runs">')
        body += [_entry(run, name) for run, name in members]
        body.append("</ul></section>")
    body.append('<footer class="foot"><span class="keys"><kbd>j</kbd> <kbd>k</kbd> next, previous <kbd>/</kbd> find')
    body.append(" <kbd>t</kbd> light or dark</span></footer>")
    return document("Scenarios · nautilus-live", "\n".join(body)).replace("<body>", '<body class="index">', 1)


def _entry(run: Run, name: str) -> str:
    file, result = run
    scenario = file.scenario
    tale = (paragraphs(scenario.story) or [""])[0]
    row = scenario.guide.partition(": ")[2] if scenario.guide else ""
    shown_row = f'<span class="row">{shown(row)}</span>' if row and not scenario.title.startswith(row) else ""
    messages = sum(isinstance(record, MessageRecord) for record in result.records)
    transport = f"<br>{shown(result.transport)}" if result.transport != "direct" else ""
    kind, sign = ("held", "✓") if result.passed else ("failed", "✗")
    return (
        f'<li class="{kind}"><a href="{shown(name)}"><span class="tick">{sign}</span>'
        f'<span><span class="name">{shown(scenario.title)}</span>{shown_row}'
        f'<span class="tale">{shown(tale)}</span></span>'
        f"{fingerprint(result)}"
        f'<span class="size">{counted(messages, "message")}<br>{span(round(result.virtual_s * 1e9))}{transport}</span>'
        "</a></li>"
    )


def fingerprint(result: Result) -> str:
    """Return a run as a strip of ticks, in the order in which things happened: the node's above, the venue's below."""
    ticks = list(_ticks(result))
    base = f'<path class="print-base" d="M0 {px(STRIP_HEIGHT / 2)}H{px(STRIP_WIDTH)}"/>'
    marks = []
    for index, (kind, up, length) in enumerate(ticks):
        x = px(2 + index * (STRIP_WIDTH - 4) / max(len(ticks) - 1, 24))
        start = STRIP_HEIGHT / 2
        end = start - length if up else start + length
        marks.append(f'<path class="print-tick {kind}" d="M{x} {px(start)}V{px(end)}"/>')
    size = f'width="{px(STRIP_WIDTH)}" height="{px(STRIP_HEIGHT)}"'
    return f'<svg {size} aria-hidden="true">{base}{"".join(marks)}</svg>'


def _ticks(result: Result) -> Iterator[tuple[str, bool, float]]:
    for record in result.records:
        match record:
            case MessageRecord():
                yield ("node", True, 5.0) if record.origin == "node" else ("venue", False, 5.0)
            case EventRecord(family="order"):
                yield "node", True, 13.0
            case VenueRecord():
                yield "venue", False, 13.0
            case FaultRecord():
                yield "fault", False, 13.0
            case ViolationRecord():
                yield "bad", True, 13.0
