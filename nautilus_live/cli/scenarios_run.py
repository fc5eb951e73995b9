"""Run scenarios and say which hold.

Each one runs the whole node against a sandbox venue in virtual time, with one seed: the same seed gives the same run,
line by line.

  nautilus-live scenarios run                              the library, on every transport
  nautilus-live scenarios run my_tests/ -k fills           own files, those with "fills" in name or title
  nautilus-live scenarios run x.toml --seed 7 --trace      one file, with everything that happened
  nautilus-live scenarios run --report out/                a page for each run to look at: out/index.html

Exits with 0 if all hold, 1 if any does not, 2 if a file cannot be read (all of them are listed, nothing is run).
"""

from __future__ import annotations

import json
import shlex
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scenarios.library import ScenarioFile
    from scenarios.run import Result

TRACE_LINES_SHOWN = 10
Job = tuple["ScenarioFile", str, "int | None"]


def add_arguments(parser: ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="files or folders (default: the library)")
    parser.add_argument(
        "-k", dest="containing", default="", metavar="TEXT", help="only those with TEXT in name or title"
    )
    parser.add_argument("--seed", type=int, metavar="N", help="the seed (default: the one in the file, else 0)")
    parser.add_argument(
        "--transport", metavar="NAME", help="only this transport: direct, binance-spot, binance-futures"
    )
    parser.add_argument(
        "--jobs", type=int, default=1, metavar="N", help="processes to run in (default 1; 0: one per core)"
    )
    parser.add_argument("--junit", type=Path, metavar="FILE", help="also write the results as JUnit XML")
    parser.add_argument(
        "--report", type=Path, metavar="DIR", help="also write a page for each run, and an index, as HTML into DIR"
    )
    parser.add_argument("--trace", action="store_true", help="print everything that happened, with virtual times")
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="print what became of each invariant: what was left out, and why"
    )
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="print one JSON object instead of the table")
    shape.add_argument(
        "--digest", action="store_true", help="print a line per run: FILE TRANSPORT SHA256 (of the trace)"
    )


def run(arguments: Namespace) -> int:
    """Carry the command out."""
    from scenarios.library import find
    from scenarios.problems import ScenarioError
    from scenarios.run import transports_for

    try:
        files = find(arguments.paths, arguments.containing)
        jobs: list[Job] = [
            (file, transport, arguments.seed)
            for file in files
            for transport in transports_for(file.scenario, arguments.transport)
        ]
    except ScenarioError as error:
        print(error, file=sys.stderr)
        return 2
    if not jobs:
        print("there is nothing to run: no scenario matches", file=sys.stderr)
        return 2
    if arguments.report is not None and arguments.report.exists() and not arguments.report.is_dir():
        print(f"--report must name a folder, was the file {arguments.report}", file=sys.stderr)
        return 2
    started = perf_counter()
    outcomes = _run_all(jobs, arguments.jobs, records=arguments.report is not None)
    results = list(_with_progress(outcomes, len(jobs), quiet=arguments.json or arguments.digest))
    wall_s = perf_counter() - started
    pairs = list(zip(jobs, results, strict=True))
    if arguments.junit is not None:
        _write_junit(arguments.junit, pairs, wall_s)
    if arguments.report is not None:
        _write_report(arguments.report, pairs)
    if arguments.json:
        print(json.dumps(_as_json(pairs, wall_s)))
    elif arguments.digest:
        for (file, transport, _), result in pairs:
            print(file.name, transport, result.digest)
    else:
        _print_table(pairs, wall_s, arguments.trace, arguments.verbose)
    return 0 if all(result.passed for result in results) else 1


def run_job(job: Job, *, records: bool = False) -> Result:
    """Run one scenario; at module level, so that another process can."""
    from scenarios.run import run as run_scenario

    file, transport, seed = job
    return run_scenario(file.scenario, seed=seed, transport=transport, records=records)


def _run_all(jobs: Sequence[Job], processes: int, *, records: bool) -> Iterator[Result]:
    run_one = partial(run_job, records=records)
    if processes == 1 or len(jobs) == 1:
        yield from map(run_one, jobs)
        return
    with ProcessPoolExecutor(max_workers=processes or None) as pool:
        yield from pool.map(run_one, jobs, chunksize=4)


def _with_progress(results: Iterator[Result], total: int, *, quiet: bool) -> Iterator[Result]:
    if quiet or not sys.stderr.isatty():
        yield from results
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("scenarios", total=total)
        for result in results:
            progress.advance(task)
            yield result


def _as_json(pairs: list[tuple[Job, Result]], wall_s: float) -> dict[str, Any]:
    passed = sum(result.passed for _, result in pairs)
    return {
        "scenarios": [
            {
                "file": file.name,
                "title": file.scenario.title,
                "guide": file.scenario.guide,
                "transport": transport,
                "passed": result.passed,
                "digest": result.digest,
                "virtual_s": result.virtual_s,
                "wall_s": round(result.wall_s, 6),
                "failure": result.failure,
            }
            for (file, transport, _), result in pairs
        ],
        "passed": passed,
        "failed": len(pairs) - passed,
        "wall_s": round(wall_s, 6),
    }


def _print_table(pairs: list[tuple[Job, Result]], wall_s: float, with_trace: bool, with_invariants: bool) -> None:
    rows = [
        (
            file.scenario.guide or "-",
            file.name,
            transport,
            "passed" if result.passed else "FAILED",
            f"{result.virtual_s:.1f} s",
            f"{result.wall_s * 1000:.1f} ms",
        )
        for (file, transport, _), result in pairs
    ]
    _print_rows(("row", "file", "transport", "result", "virtual", "wall"), rows)
    for job, result in pairs:
        if with_trace or with_invariants:
            print(f"\n{job[0].name} {job[1]}")
        if with_trace:
            print("\n".join(result.trace))
        if with_invariants:
            for verdict in result.invariants_checked:
                print(f"  {verdict}")
        if not result.passed:
            _print_failure(job, result, show_trace=not with_trace)
    failed = sum(not result.passed for _, result in pairs)
    print(
        f"\n{len(pairs) - failed} passed, {failed} failed,"
        f" {sum(result.virtual_s for _, result in pairs):.0f} virtual s in {wall_s:.2f} s"
    )


def _print_rows(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    widths = [max(len(row[column]) for row in (heads, *rows)) for column in range(len(heads))]
    paint: Callable[[str], str] = _painted if sys.stdout.isatty() else str
    for row in (heads, *rows):
        print(paint("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()))


def _painted(line: str) -> str:
    return line.replace("FAILED", "\x1b[31mFAILED\x1b[0m").replace("  passed", "  \x1b[32mpassed\x1b[0m")


def _print_failure(job: Job, result: Result, *, show_trace: bool) -> None:
    file, transport, _ = job
    print(f"\n{file.name} on {transport}: {file.scenario.title}")
    print(f"  {result.failure}")
    if show_trace and result.trace:
        print(f"  the last {min(TRACE_LINES_SHOWN, len(result.trace))} of {len(result.trace)} trace lines:")
        for line in result.trace[-TRACE_LINES_SHOWN:]:
            print(f"    {line}")
    print(f"  replay: {replay_command(file.path, transport, result.seed)}")


def replay_command(path: Path, transport: str, seed: int) -> str:
    """Return the command that shows the same run again."""
    return f"nautilus-live scenarios run {shlex.quote(str(path))} --transport {transport} --seed {seed} --trace"


def _write_report(folder: Path, pairs: list[tuple[Job, Result]]) -> None:
    from scenarios.report.index import write_report

    index = write_report(folder, [(file, result) for (file, _, _), result in pairs])
    print(f"the report is in {index}", file=sys.stderr)


def _write_junit(path: Path, pairs: list[tuple[Job, Result]], wall_s: float) -> None:
    from xml.etree import ElementTree as ET

    failed = sum(not result.passed for _, result in pairs)
    counts = {"tests": str(len(pairs)), "failures": str(failed), "errors": "0", "time": f"{wall_s:.6f}"}
    suites = ET.Element("testsuites", counts)
    suite = ET.SubElement(suites, "testsuite", {"name": "scenarios", **counts})
    for (file, transport, _), result in pairs:
        name = f"{file.scenario.title} [{transport}]"
        case = ET.SubElement(suite, "testcase", {"classname": file.name, "name": name, "time": f"{result.wall_s:.6f}"})
        if not result.passed:
            failure = ET.SubElement(case, "failure", {"message": _printable(result.failure or "")})
            lines = [
                result.failure or "",
                *result.trace[-TRACE_LINES_SHOWN:],
                replay_command(file.path, transport, result.seed),
            ]
            failure.text = _printable("\n".join(lines))
    path.parent.mkdir(parents=True, exist_ok=True)
    ET.ElementTree(suites).write(path, encoding="utf-8", xml_declaration=True)


def _printable(text: str) -> str:
    """Return a text without the control characters that XML cannot hold."""
    return "".join(letter if letter >= " " or letter in "\n\t" else "?" for letter in text)
