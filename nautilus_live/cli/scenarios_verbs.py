"""List the verbs that a scenario's steps may use, each with its fields.

A field without a default must be given. Times are written 250ms, 1.5s, 1m30s, 2h; quantities and prices as strings.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from typing import Any


def add_arguments(parser: ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("containing", nargs="?", default="", metavar="TEXT", help="only verbs with TEXT, such as wire.")


def run(arguments: Namespace) -> int:
    """Carry the command out."""
    from scenarios.format import VERBS

    chosen = {name: verb for name, verb in VERBS.items() if arguments.containing in name}
    for name, verb in chosen.items():
        print(f"{name}  {' '.join(_fields(verb))}".rstrip())
        print(f"    {verb.__doc__}")
    if not chosen:
        print(f"no verb has {arguments.containing!r} in it", file=sys.stderr)
    return 0 if chosen else 2


def _fields(verb: Any) -> list[str]:
    """Return the fields of a verb, `name` where it must be given and `[name=default]` where not; `at` is understood."""
    from msgspec import NODEFAULT
    from msgspec.structs import fields

    from scenarios.dump import inline

    shown = []
    for field in fields(verb):
        if field.name == "at":
            continue
        if field.required:
            shown.append(field.name)
        elif field.default is NODEFAULT or field.default is None or field.default == "":
            shown.append(f"[{field.name}]")
        else:
            shown.append(f"[{field.name}={inline(field.default)}]")
    return shown
