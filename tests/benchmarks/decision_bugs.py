"""Prove the net with bugs that nobody chose: a random sample of one small mistake in each decision of the kernel.

    python -m tests.benchmarks.decision_bugs [--sample N] [--draw SEED] [--seeds N] [--from SEED] [--jobs N] [TEXT ...]

Of every function in `core/` and `engine/` that decides about orders, fills and positions, one mutant is drawn (a
condition inverted, a comparison off by one, a statement skipped, an answer swallowed), and of those a sample. Each is
planted in a process of its own, and fresh seeds are run until one fails that does not fail without it. TEXT restricts
to mutants with one of the texts in their names. Prints a line for each, the share found and the median; exits with 1
if less than `--least` percent were found.

First every seed is run once as it is, to learn which lines it comes to: a seed that never comes to the broken line is
as it was, and not run again (`--reached FILE` keeps what was learned). What a survivor's line says is how many seeds
came by: with none, the world that shows it is yet to be drawn; with many, what would be wrong there nobody looks at.
"""

from __future__ import annotations

import ast
import gc
import os
import pickle
import random
import signal
import sys
import time
from argparse import ArgumentParser, Namespace
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from importlib import import_module
from pathlib import Path
from statistics import median
from types import CodeType, FrameType, FunctionType
from typing import Any

from scenarios.campaign import COLLECTED_EVERY, run_seed
from scenarios.drawn_play import play
from scenarios.generate import generate
from tests.mutation.mutants import Mutant, find_mutants, plain

ROOT = Path(__file__).resolve().parents[2]
KERNEL = ROOT / "nautilus_live"
CORE = (
    "order_lifecycle", "order_fills", "admission", "fill_admission", "unheard", "candidates", "inflight",
    "open_orders", "position_check", "purging", "tombstones", "own_books", "book_feed", "fill_corrections",
    "foreign_fills", "placeholders",
    "reconciliation/__init__", "reconciliation/duplicates", "reconciliation/external",
    "reconciliation/fills", "reconciliation/filters", "reconciliation/late_words", "reconciliation/lifecycles",
    "reconciliation/orders", "reconciliation/whose_report", "reconciliation/position_book",
    "reconciliation/positions", "reconciliation/prices", "reconciliation/replacing", "reconciliation/taken_back",
    "reconciliation/strangers", "reconciliation/unsent", "reconciliation/windows", "reconciliation/workspace",
    "position_keeping", "contingency", "emulation", "trailing", "gtd", "conclusions", "last_news",
    "reconciliation/alignment",
)  # fmt: skip
ENGINE = (
    "commands", "execution", "order_events", "early_fills", "waiting_words", "naming", "inquiries", "reconciler",
    "reconnect", "connections", "holds", "doubts", "second_looks", "positions", "purging", "cache", "snapshots",
    "queues", "own_books", "risk", "risk_rules", "risk_money", "monitors", "position_monitor", "emulator",
    "emulator_lists", "local_orders", "participants", "graves", "cache_purging", "cache_records", "indexes",
    "handed_over", "left_out",
)  # fmt: skip
FOLDERS = (("core", CORE), ("engine", ENGINE))
DECISIONS = ("removed", "always", "never", "without", "return None", "True ->", "False ->", "and ->", "or ->")
COMPARED = tuple(f"{sign} ->" for sign in ("<", "<=", ">", ">=", "==", "!=", "is", "is not", "in", "not in", "+", "-"))
ONLY_READ = ("log.", "mark(", "assert ", "super()", "note(", "alarm(", "Level.", "text", "XX", "skipped", "'events")
"""What mutants have in their names that change what people read, and nothing else."""
Line = tuple[str, int]
Reached = dict[Line, "array[int]"]
"""Which seeds come to a line of a file, at least once."""
SEED_LIMIT_S = 20.0
"""Real seconds that one seed may take: a bug that hangs the process has been noticed."""


@dataclass(frozen=True)
class Planted:
    """A mutant in its file."""

    path: Path
    tree: ast.Module
    mutant: Mutant

    def __str__(self) -> str:
        return f"{self.path.relative_to(KERNEL)}:{self.mutant.key}"


def main() -> int:
    """Run the program; return its exit code."""
    options = _options()
    chosen = _sample(options)
    seeds = range(options.first, options.first + options.seeds)
    run_seed(options.first)  # whatever is made at the first use is made once, before the forks
    reached = _reached(seeds, options.reached)
    counts: list[int | None] = []
    for planted, count, text in _search(chosen, seeds, reached, options):
        counts.append(count)
        came = len(_seeds_that_reach(planted, reached))
        print(f"{'-' if count is None else count:>6}  {planted} [{came}]\n        {text[:160]}", flush=True)
    found = [count for count in counts if count is not None]
    share = 100 * len(found) / max(1, len(counts))
    print(f"{len(found)} of {len(counts)} found ({share:.0f} %), median {median(found) if found else '-'} seeds")
    return 0 if share >= options.least else 1


def _options() -> Namespace:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("containing", nargs="*", metavar="TEXT")
    parser.add_argument("--sample", type=int, default=100, metavar="N")
    parser.add_argument("--draw", type=int, default=1, metavar="SEED", help="which sample")
    parser.add_argument("--all", action="store_true", help="every mutant of a decision, not one of each function")
    parser.add_argument("--from", dest="first", type=int, default=2_000_000, metavar="SEED")
    parser.add_argument("--seeds", type=int, default=500, metavar="N", help="seeds to try for each bug")
    parser.add_argument("--most", type=int, default=400, metavar="N", help="seeds to try of those that come by")
    parser.add_argument("--reached", type=Path, metavar="FILE", help="where what seeds come to is kept, or to be kept")
    parser.add_argument("--jobs", type=int, default=2, metavar="N")
    parser.add_argument("--least", type=float, default=0.0, metavar="PERCENT")
    return parser.parse_args()


def _sample(options: Namespace) -> list[Planted]:
    by_function: dict[tuple[Path, str], list[Planted]] = {}
    for folder, names in FOLDERS:
        for name in names:
            for planted in _mutants_of(KERNEL / folder / f"{name}.py"):
                if not options.containing or any(text in str(planted) for text in options.containing):
                    by_function.setdefault((planted.path, planted.mutant.scope), []).append(planted)
    draws = random.Random(options.draw)
    groups = list(by_function.values())
    chosen = [one for group in groups for one in group] if options.all else [draws.choice(group) for group in groups]
    draws.shuffle(chosen)
    return chosen[: options.sample]


def _mutants_of(path: Path) -> Iterator[Planted]:
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    for mutant in find_mutants(tree, _enums()):
        decides = mutant.what.startswith((*DECISIONS, *COMPARED)) and not any(word in mutant.what for word in ONLY_READ)
        said = mutant.scope.endswith(("__init__", "_note", "_text", "_shown", "__repr__"))
        if decides and not said and _is_in_function(tree, mutant):
            yield Planted(path, tree, mutant)


def _is_in_function(tree: ast.Module, mutant: Mutant) -> bool:
    owner: Any = tree
    for name in mutant.scope.split("."):
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        owner = next((one for one in owner.body if isinstance(one, kinds) and one.name == name), None)
        if isinstance(owner, ast.FunctionDef | ast.AsyncFunctionDef):
            return bool(mutant.line >= owner.body[0].lineno)
        if owner is None:
            return False
    return False


def _enums() -> dict[str, type[Enum]]:
    module = import_module("nautilus_live.model.enums")
    found = {name: value for name, value in vars(module).items() if isinstance(value, type) and issubclass(value, Enum)}
    return {name: value for name, value in found.items() if value.__members__}


def _reached(seeds: range, kept: Path | None) -> Reached:
    """Return which seeds come to which lines of the kernel's decisions."""
    if kept is not None and kept.exists():
        read: Reached = pickle.loads(kept.read_bytes())
        return read
    files = {str(KERNEL / folder / f"{name}.py") for folder, names in FOLDERS for name in names}
    reached: Reached = {}
    lines: dict[Line, None] = {}

    def at_line(frame: FrameType, event: str, _: object) -> Any:
        if event == "line":
            lines[frame.f_code.co_filename, frame.f_lineno] = None
        return at_line

    def at_call(frame: FrameType, *_: object) -> Any:
        if frame.f_code.co_filename not in files:
            return None
        lines[frame.f_code.co_filename, frame.f_lineno] = None
        return at_line

    for seed in seeds:
        lines.clear()
        sys.settrace(at_call)
        try:
            play(generate(seed), "direct", quick=True)
        finally:
            sys.settrace(None)
        for line in lines:
            reached.setdefault(line, array("I")).append(seed)
    if kept is not None:
        kept.write_bytes(pickle.dumps(reached))
    return reached


def _seeds_that_reach(planted: Planted, reached: Reached) -> Sequence[int]:
    """Return the seeds that come to what the mutant changes: its line, or another of the same statement."""
    found: dict[int, None] = {}
    for line in _lines_of(planted):
        found.update(dict.fromkeys(reached.get((str(planted.path), line), ())))
    return sorted(found)


def _lines_of(planted: Planted) -> range:
    """Return the lines of the innermost statement around the mutant, without those of a body."""
    line = planted.mutant.line
    found = range(line, line + 1)
    for node in ast.walk(planted.tree):  # from the outside in: the last one that has the line is the innermost
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            end = max(node.lineno, body[0].lineno - 1) if isinstance(body, list) and body else node.end_lineno or line
            if node.lineno <= line <= end:
                found = range(node.lineno, end + 1)
    return found


def _search(
    chosen: Sequence[Planted], seeds: range, reached: Reached, options: Namespace
) -> Iterator[tuple[Planted, int | None, str]]:
    """Yield what became of each bug, as they are done; a seed that fails without the bug does not count."""
    sound: dict[int, bool] = {}
    waiting = [(planted, seeds.start) for planted in reversed(chosen)]
    running: dict[int, tuple[Planted, int]] = {}
    while waiting or running:
        while waiting and len(running) < options.jobs:
            planted, start = waiting.pop()
            tried = [seed for seed in _seeds_that_reach(planted, reached)[: options.most] if seed >= start]
            pid, answer = _forked(planted, tried)
            running[pid] = (planted, answer)
        pid, _ = os.waitpid(-1, 0)
        planted, answer = running.pop(pid)
        with os.fdopen(answer, "rb") as pipe:
            told = pipe.read()
        at, text = pickle.loads(told) if told else (None, "the process died")
        if at is None:
            yield planted, None, text
            continue
        if at not in sound:
            sound[at] = run_seed(at) is None
        if sound[at]:
            yield planted, at - seeds.start + 1, text
        else:
            waiting.append((planted, at + 1))


def _forked(planted: Planted, seeds: Sequence[int]) -> tuple[int, int]:
    """Return a new process that runs seeds on the mutant until one fails, and where it writes that seed."""
    sys.stdout.flush()
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return pid, reading
    try:
        os.close(reading)
        told = _first_failure(planted, seeds)
        os.write(writing, pickle.dumps(told))
    finally:
        os._exit(0)


def _first_failure(planted: Planted, seeds: Sequence[int]) -> tuple[int | None, str]:
    try:
        plant(planted)
    except LookupError as error:
        return None, f"not planted: {error}"

    def late(*_: object) -> None:
        raise TimeoutError(f"one seed takes longer than {SEED_LIMIT_S} s")

    signal.signal(signal.SIGALRM, late)
    gc.disable()
    for count, seed in enumerate(seeds):
        if count % COLLECTED_EVERY == 0:
            gc.collect()
        signal.setitimer(signal.ITIMER_REAL, SEED_LIMIT_S)
        started = time.monotonic()
        try:
            failure = run_seed(seed)
        except BaseException as error:
            return seed, f"{type(error).__name__}: {error}"
        if failure is not None:
            return seed, f"seed {seed}: {failure.text}"
        if time.monotonic() - started > SEED_LIMIT_S:
            return seed, "it hangs"
    return None, ""


def plant(planted: Planted) -> None:
    """Give every function object of the mutant's function the mutant's code.

    Raises:
        LookupError: if there is no such function in this process.

    """
    import_module(_module_of(planted.path))
    planted.mutant.edit()
    code = compile(plain(planted.tree), str(planted.path), "exec", dont_inherit=True)
    wanted = {(one.co_qualname, one.co_firstlineno): one for one in _codes(code)}
    done = 0
    for function in gc.get_objects():
        if type(function) is FunctionType and function.__code__.co_filename == str(planted.path):
            was = function.__code__
            new = wanted.get((was.co_qualname, was.co_firstlineno))
            if new is not None and new != was and new.co_freevars == was.co_freevars:
                function.__code__ = new
                done += 1
    if not done:
        raise LookupError("no function of this process has that code")


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)


def _module_of(path: Path) -> str:
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


if __name__ == "__main__":
    sys.exit(main())
