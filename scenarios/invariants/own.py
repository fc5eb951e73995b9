"""Invariants of one's own: functions that say what must hold for *your* strategies, checked like ours.

    @invariant("never more than 2 BTC", when="always")
    def small(belief: Belief) -> None:
        assert abs(belief.net("BTCUSDT")) <= 2

    @invariant("ends flat")
    def flat(belief: Belief, truth: Truth) -> Iterator[str]:
        for report in truth.positions():
            yield f"{report.instrument_id}: {report.signed_qty} is left"

A function takes what it names: `belief` (what the node holds), `truth` (the venues' books), `event` (what was just
published; `None` after the storm). It tells a violation by an `assert`, by returning or yielding texts, or by returning
`False`. `when="always"` is asked after every event that the node publishes, `"eventually"` (the default) when the storm
is over.

There is no registry: an invariant is in force where it can be seen. In a `conftest.py`, for everything below that
folder; in a test module (defined or imported), for its tests with `world`; for a scenario file, where the file says
`invariants = ["package.module"]`, or `"package.module:name"` for one of them.
"""

from __future__ import annotations

import inspect
import linecache
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, get_args

from scenarios.importing import import_named
from scenarios.invariants.views import Belief, Truth
from scenarios.problems import ScenarioError, nearest

When = Literal["always", "eventually"]
TAKES = ("belief", "truth", "event")


class OwnInvariant:
    """A rule of somebody's own. Made by `invariant`; calling it calls the function.

    Attributes:
        name: what it is called in failures.
        when: `always` or `eventually`.
        rule: the function's docstring.

    """

    def __init__(self, function: Callable[..., Any], name: str, when: When) -> None:
        takes = tuple(inspect.signature(function).parameters)
        unknown = [taken for taken in takes if taken not in TAKES]
        if unknown:
            raise TypeError(f"invariant {name!r}: may take {', '.join(TAKES)}, was {', '.join(unknown)}")
        self.name = name
        self.when = when
        self.rule = (function.__doc__ or "").strip()
        self._function = function
        self._takes = takes

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return self._function(*arguments, **named)

    def __repr__(self) -> str:
        return f"<invariant {self.name!r}, {self.when}>"

    @property
    def kind(self) -> str:
        """How its violations begin, up to the colon."""
        return f"invariant ({self.name})"

    def violations(self, belief: Belief, truth: Truth, event: object = None) -> list[str]:
        """Ask the function; return what violates the rule, each text naming it. Never raises."""
        given = {"belief": belief, "truth": truth, "event": event}
        try:
            answer = self._function(**{name: given[name] for name in self._takes})
            texts = _texts(answer)
        except AssertionError as error:
            texts = [_assertion(error)]
        except Exception as error:
            texts = [f"cannot be asked: {_place(error)}: {type(error).__name__}: {error}"]
        return [f"{self.kind}: {text}" for text in texts]


def invariant(name: str, *, when: When = "eventually") -> Callable[[Callable[..., Any]], OwnInvariant]:
    """Make an invariant of a function; see this module for what it may take and how it tells.

    Raises:
        ValueError: if `when` is neither `always` nor `eventually`, or there is no name.
        TypeError: if the function takes something else than belief, truth and event.

    """
    if not isinstance(name, str) or not name:
        raise ValueError(f'an invariant must have a name, as @invariant("ends flat"), was {name!r}')
    if when not in get_args(When):
        raise ValueError(f"invariant {name!r}: when must be always or eventually, was {when!r}")
    return lambda function: OwnInvariant(function, name, when)


def own_in(namespace: Mapping[str, object]) -> list[OwnInvariant]:
    """Return the invariants of a module's namespace, in the order they stand there."""
    return [value for value in namespace.values() if isinstance(value, OwnInvariant)]


def load_own(paths: Sequence[str], path: str = "$.invariants") -> list[OwnInvariant]:
    """Return the invariants that a scenario file names: `package.module`, or `package.module:name` for one.

    Raises:
        ScenarioError: if a module or a name cannot be found, or has no invariant; all of them are told.

    """
    found: dict[int, OwnInvariant] = {}
    problems: list[str] = []
    for index, named in enumerate(paths):
        try:
            for own in _load(named, f"{path}[{index}]"):
                found[id(own)] = own
        except ScenarioError as error:
            problems += error.problems
    if problems:
        raise ScenarioError(problems)
    return list(found.values())


def _load(named: str, path: str) -> list[OwnInvariant]:
    module_name, colon, name = named.partition(":")
    module = import_named(module_name, path)
    own = own_in(vars(module))
    if not colon:
        if not own:
            raise ScenarioError([f"{path}: {module_name!r} must have functions with @invariant, has none"])
        return own
    chosen = vars(module).get(name)
    if not isinstance(chosen, OwnInvariant):
        names = [key for key, value in vars(module).items() if isinstance(value, OwnInvariant)]
        raise ScenarioError([f"{path}: {module_name!r} has no invariant {name!r}{nearest(name, names)}"])
    return [chosen]


def _texts(answer: object) -> list[str]:
    if answer is None or answer is True:
        return []
    if answer is False:
        return ["does not hold"]
    if isinstance(answer, str):
        return [answer]
    if isinstance(answer, Iterable):
        return [str(text) for text in answer]
    return [f"must return nothing, a truth value or texts, was {answer!r}"]


def _assertion(error: AssertionError) -> str:
    text = str(error).strip()
    if text:
        return text.splitlines()[0]
    frame = traceback.extract_tb(error.__traceback__)[-1]
    line = linecache.getline(frame.filename, frame.lineno or 0).strip()
    return f"{line or 'an assertion'} does not hold"


def _place(error: BaseException) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"line {frame.lineno} of {frame.filename.rpartition('/')[2]}"
