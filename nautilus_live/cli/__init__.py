"""The command line: one console script, one file a command.

This is the composition root: the only place of the kernel that may import the packages above it (`scenarios`,
`sandbox_venues`), and only inside a command's `run`, so that a node in production never loads them. A command is a
module with `add_arguments(parser)` and `run(arguments) -> int`, named in `COMMANDS`; only the module of the command
that was asked for is imported.

Exit codes: 0 all well, 1 something did not hold, 2 wrong use or a bad file.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from importlib import import_module

PROGRAM = "nautilus-live"
DESCRIPTION = (
    "A live trading node, venues that can be told to misbehave, and a library of scenarios in which they meet."
)

COMMANDS: dict[str, tuple[str, str]] = {
    "scenarios run": ("nautilus_live.cli.scenarios_run", "run scenarios and say which hold"),
    "scenarios list": (
        "nautilus_live.cli.scenarios_list",
        "list the rows of the guide and the files that stand for them",
    ),
    "scenarios show": ("nautilus_live.cli.scenarios_show", "show one scenario as it was understood"),
    "scenarios verbs": ("nautilus_live.cli.scenarios_verbs", "list what the steps of a scenario may do"),
    "campaign replay": ("nautilus_live.cli.campaign_replay", "show what happened at one seed of a campaign"),
    "campaign crash": ("nautilus_live.cli.campaign_crash", "kill the node at every callback of a scenario"),
    "campaign": ("nautilus_live.cli.campaign", "run scenarios that nobody thought of, one for each seed"),
}
"""Command words, the module that carries it out, and one line of help."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    command = next((name for name in COMMANDS if words[: len(name.split())] == name.split()), None)
    if command is None:
        return _no_command(words)
    module_name, summary = COMMANDS[command]
    module = import_module(module_name)
    parser = ArgumentParser(
        prog=f"{PROGRAM} {command}",
        description=module.__doc__ or summary,
        formatter_class=RawDescriptionHelpFormatter,
    )
    module.add_arguments(parser)
    try:
        arguments = parser.parse_args(words[len(command.split()) :])
        return int(module.run(arguments))
    except SystemExit as leaving:  # argparse leaves this way after --help and after wrong use
        return leaving.code if isinstance(leaving.code, int) else 2
    except BrokenPipeError:  # the reader (head, less) has seen enough
        sys.stderr.close()
        return 0


def _no_command(words: list[str]) -> int:
    asked = [word for word in words if not word.startswith("-")]
    if words[:1] == ["--version"]:
        from importlib.metadata import version

        print(PROGRAM, version(PROGRAM))
        return 0
    if asked and not any(name.split()[0] == asked[0] for name in COMMANDS):
        from difflib import get_close_matches

        near = get_close_matches(" ".join(asked[:2]), list(COMMANDS), n=1) or get_close_matches(
            asked[0], list(COMMANDS), n=1
        )
        hint = f"; did you mean {near[0]!r}?" if near else ""
        print(f"{PROGRAM}: there is no command {' '.join(asked[:2])!r}{hint}", file=sys.stderr)
        return 2
    helped = not words or "-h" in words or "--help" in words
    print(_overview(asked[0] if asked else ""), file=sys.stdout if helped else sys.stderr)
    return 0 if helped else 2


def _overview(group: str) -> str:
    names = [name for name in COMMANDS if name.split()[0] == group or not group]
    width = max(len(name) for name in names)
    lines = [f"usage: {PROGRAM} {group + ' ' if group else ''}COMMAND [OPTIONS]", "", DESCRIPTION, "", "commands:"]
    lines += [f"  {name:<{width}}  {COMMANDS[name][1]}" for name in names]
    lines += ["", f"`{PROGRAM} COMMAND --help` explains one; --version prints the version."]
    return "\n".join(lines)
