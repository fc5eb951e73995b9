"""List the verbs that a scenario's steps may use, each with its fields.

A field without a default must be given. Times are written 250ms, 1.5s, 1m30s, 2h; quantities and prices as strings.
"""

from __future__ import annotations

import inspect
import sys
import textwrap
from argparse import ArgumentParser, Namespace
from typing import Any, Literal, get_args, get_origin

WORDS_MAX = 6


def add_arguments(parser: ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("containing", nargs="?", default="", metavar="TEXT", help="only verbs with TEXT, such as wire.")


def run(arguments: Namespace) -> int:
    """Carry the command out."""
    from scenarios.format import VERBS

    chosen = {name: verb for name, verb in VERBS.items() if arguments.containing in name}
    for name, verb in chosen.items():
        print(f"{name}  {' '.join(_fields(verb))}".rstrip())
        print(textwrap.indent(inspect.cleandoc(verb.__doc__ or ""), "    "))
    if not chosen:
        print(f"no verb has {arguments.containing!r} in it", file=sys.stderr)
    return 0 if chosen else 2


def _fields(verb: Any) -> list[str]:
    """Return the fields of a verb, `name` where it must be given and `[name=default]` where not; `at` is understood.

    A field that takes one of a few words shows them: `[side=after: before|after]`.
    """
    from msgspec import NODEFAULT
    from msgspec.structs import fields

    from scenarios.dump import inline

    shown = []
    for field in fields(verb):
        if field.name == "at":
            continue
        words = _words(field.type)
        if field.required:
            shown.append(field.name + words)
        elif field.default is NODEFAULT or field.default is None or field.default == "":
            shown.append(f"[{field.name}{words}]")
        else:
            shown.append(f"[{field.name}={inline(field.default)}{words}]")
    return shown


def _words(kind: Any) -> str:
    """Return the words that a field takes, empty for one that takes anything; an order's types are well known."""
    for one in (kind, *get_args(kind)):
        if get_origin(one) is Literal and len(get_args(one)) <= WORDS_MAX:
            return ": " + "|".join(get_args(one))
    return ""
