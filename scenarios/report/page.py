"""The page of one run: the story, the diagram, what had to hold, every line.

May know: a scenario, its result. Promises: one file that needs nothing else, no network (its content policy forbids
it), the same bytes for the same run.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

from scenarios.format import Scenario
from scenarios.report.checks import EXPECTED, INVARIANT, Check, checks_of
from scenarios.report.diagram import diagram
from scenarios.report.layout import draw
from scenarios.report.markup import counted, shown, span
from scenarios.report.records import FaultRecord, MessageRecord
from scenarios.report.transcript import transcript
from scenarios.run import Result
from scenarios.settings import VENUE_DEFAULT

ASSETS = Path(__file__).parent / "assets"
DIGEST_LETTERS = 12
SIGNS = {True: ("held", "✓"), False: ("failed", "✗"), None: ("open", "–")}


def page(scenario: Scenario, result: Result, name: str, replay: str) -> str:
    """Return a run as HTML; `name` is the scenario's file, `replay` the command that runs it again."""
    venues = [VENUE_DEFAULT, *(venue for venue in scenario.venues if venue != VENUE_DEFAULT)]
    checks = checks_of(scenario, result)
    drawing = draw(result.records, venues)
    held = {
        "expectations": _all_held(checks, (EXPECTED,)),
        "the storm is over": _all_held(checks, (INVARIANT,)),
    }
    body = [
        masthead('<a class="back" href="index.html">← All scenarios</a>'),
        *_front(scenario, result, name, replay),
        '<section id="happened"><h2>What happened</h2>',
        LEGEND,
        diagram(drawing, held),
        "</section>",
        *_checks(checks),
        (
            '<section id="lines"><h2>Every line</h2><p class="aside">The whole trace, word for word, with what it'
            " leaves out: the other end of each message, and where belief and truth parted.</p>"
        ),
        *transcript(result.records, result.trace),
        "</section>",
        INSPECTOR,
        FOOT,
    ]
    return document(f"{scenario.title} · {'held' if result.passed else 'FAILED'}", "\n".join(body))


def document(title: str, body: str) -> str:
    """Return a whole HTML document with our style and script in it."""
    script = asset("report.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; img-src data:"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f'<link rel="icon" href="{ICON}">\n'
        f"<title>{shown(title)}</title>\n<style>\n{asset('report.css')}</style>\n</head>\n"
        f"<body>\n{body}\n<script>{script}</script>\n</body>\n</html>\n"
    )


@cache
def asset(name: str) -> str:
    """Return a file of the package's assets."""
    return (ASSETS / name).read_text(encoding="utf-8")


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a text."""
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", text) if part.strip()]


def masthead(left: str, hint: str = "Find an order, an event, a message") -> str:
    """Return the head of every page, with `left` on its left and `hint` in the search field."""
    return (
        f'<header class="masthead">{left}<span class="tools">'
        '<label class="search"><span>/</span><input type="search" placeholder="'
        f'{shown(hint)}" aria-label="{shown(hint)}"></label><output class="found"></output>'
        '<button class="theme" type="button" aria-label="Light or dark">◐</button></span></header>'
    )


def _front(scenario: Scenario, result: Result, name: str, replay: str) -> list[str]:
    messages = [record for record in result.records if isinstance(record, MessageRecord)]
    lost = sum(message.arrived_ns is None for message in messages)
    faults = sum(isinstance(record, FaultRecord) for record in result.records)
    facts = [
        ("Transport", shown(result.transport)),
        ("Seed", str(result.seed)),
        ("Virtual time", span(round(result.virtual_s * 1e9))),
        ("Messages", f"{len(messages):,}" + (f", {lost:,} never arrived" if lost else "")),
        ("Faults", f"{faults:,}" if faults else "none"),
        ("Trace", f'<code title="SHA-256 {shown(result.digest)}">{shown(result.digest[:DIGEST_LETTERS])}</code>'),
    ]
    told = "".join(f"<p>{shown(part)}</p>" for part in paragraphs(scenario.story))
    verdict, sign = ("held", "✓ Everything held") if result.passed else ("failed", "✗ Did not hold")
    lines = [
        '<section class="front">',
        f'<p class="eyebrow">{shown(scenario.guide or name)}</p>',
        f"<h1>{shown(scenario.title)}</h1>",
        f'<div class="story">{told}</div>',
        f'<p class="verdict {verdict}">{sign}</p>',
    ]
    if result.failures:
        lines.append(f'<ul class="failures">{"".join(f"<li>{shown(text)}</li>" for text in result.failures)}</ul>')
    lines += [
        f'<dl class="facts">{"".join(f"<div><dt>{label}</dt><dd>{value}</dd></div>" for label, value in facts)}</dl>',
        (
            f'<p class="replay"><span>Replay</span><code>{shown(replay)}</code>'
            '<button class="copy" type="button">Copy</button></p>'
        ),
        "</section>",
    ]
    return lines


def _checks(checks: list[Check]) -> list[str]:
    lines = ['<section id="held"><h2>What had to hold</h2><div class="checks">']
    for group in dict.fromkeys((EXPECTED, INVARIANT, *(check.group for check in checks))):
        members = [check for check in checks if check.group == group]
        if not members:
            continue
        held = sum(check.held is True for check in members)
        lines.append(f'<div class="group"><h3>{shown(group)} <small>{held} of {len(members)}</small></h3><ul>')
        for check in members:
            kind, sign = SIGNS[check.held]
            failures = "".join(f'<span class="failure">{shown(text)}</span>' for text in check.failures)
            name = f"<b>{shown(check.name)}</b> " if check.name else ""
            unreached = f'<em class="unreached">{shown(check.why)}</em>' if check.why else ""
            lines.append(
                f'<li class="{kind}"><span class="tick">{sign}</span><span>{name}{shown(check.wanted)} {unreached}'
                f"{failures}</span></li>"
            )
        lines.append("</ul></div>")
    lines.append("</div></section>")
    return lines


def _all_held(checks: list[Check], groups: tuple[str, ...]) -> bool | None:
    found = [check.held for check in checks if check.group in groups]
    return False if False in found else None if None in found else True


ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='M3 1v14' "
    "stroke='%234c5fd5' stroke-width='2.5'/%3E%3Cpath d='M13 1v14' stroke='%230b7f77' stroke-width='2.5'/%3E%3Cpath "
    "d='M4 5C8 5 8 11 12 11' fill='none' stroke='%23888' stroke-width='1.6'/%3E%3C/svg%3E"
)
LEGEND = (
    '<p class="legend"><span class="node">the node</span><span class="venue">the venue</span>'
    '<span class="fault">a fault</span><span class="lost">a message that never arrived</span>'
    '<span class="unheard">said while nobody was connected</span>'
    '<span class="hatched">belief and truth differ for more than 100 ms</span></p>'
)
INSPECTOR = (
    '<aside class="inspector" hidden aria-live="polite"><button class="close" type="button" aria-label="Close">×'
    '</button><p class="times"></p><p class="full"></p></aside>'
)
FOOT = (
    '<footer class="foot"><span class="keys"><kbd>j</kbd> <kbd>k</kbd> next, previous <kbd>n</kbd> <kbd>p</kbd> step'
    " <kbd>/</kbd> find <kbd>t</kbd> light or dark <kbd>esc</kbd> close</span></footer>"
)


def summary(results: list[Result]) -> str:
    """Return how many runs held, in words."""
    failed = sum(not result.passed for result in results)
    total = span(round(sum(result.virtual_s for result in results) * 1e9))
    ending = "all of them held" if not failed else f"{failed} did not hold"
    return f"{counted(len(results), 'run')}, {total} of virtual time: {ending}."
