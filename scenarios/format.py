"""The scenario file: TOML in, a checked `Scenario` out, and back.

Data only; nothing here runs anything. Promises: an unknown verb, field or setting is refused with its path, its file
and the nearest known name, all problems of a file at once; `load_text(dump(scenario)) == scenario`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Union, cast

import msgspec
from msgspec import Struct, field

from scenarios.expect import Expect
from scenarios.guide import check_row
from scenarios.invariants.own import load_own
from scenarios.problems import ScenarioError, nearest
from scenarios.settings import route, venue_settings
from scenarios.strategies import check_aims, check_strategy
from scenarios.values import Number, Size, Text, Time, parse_value
from scenarios.verbs import (
    NODE_VERBS,
    STRATEGY_VERBS,
    VENUE_VERBS,
    Liquidity,
    NodeStart,
    OrderTypeName,
    Side,
    Step,
    TimeInForceName,
)
from scenarios.verbs_market import MARKET_VERBS
from scenarios.verbs_outages import OTHER_FAULT_VERBS, WIRE_VERBS

TRANSPORTS = ("direct", "binance-spot", "binance-futures")
TransportName = Literal["direct", "binance-spot", "binance-futures"]
VERBS: dict[str, type[Step]] = {
    cast(str, verb.__struct_config__.tag): verb
    for verb in (*NODE_VERBS, *STRATEGY_VERBS, *VENUE_VERBS, *MARKET_VERBS, *WIRE_VERBS, *OTHER_FAULT_VERBS)
}
if TYPE_CHECKING:
    AnyStep = Step
else:
    AnyStep = Union[tuple(VERBS.values())]  # noqa: UP007  # made from the table above

GivenStatus = Literal[
    "INITIALIZED",
    "SUBMITTED",
    "ACCEPTED",
    "REJECTED",
    "CANCELED",
    "EXPIRED",
    "TRIGGERED",
    "PENDING_UPDATE",
    "PENDING_CANCEL",
    "PARTIALLY_FILLED",
    "FILLED",
]


class _Table(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A table of the file; what it does not know is refused."""


class GivenFill(_Table, frozen=True, kw_only=True):
    """A fill that happened before the scenario begins, `ago` before."""

    trade: Text
    quantity: Size
    price: Number | None = None
    commission: Text | None = None
    liquidity: Liquidity | None = None
    ago: Time | None = None


class GivenOrder(_Table, frozen=True, kw_only=True):
    """An order that exists when the scenario begins, and how far it got.

    `order` is the client order id (the venue may have an order without one), `venue_order` the venue's id. `filled`
    and `avg` sum up the fills where `fills` does not list them. `by` is the strategy, `EXTERNAL` or `INTERNAL-DIFF`;
    `ago` is when it was placed.
    """

    side: Side
    quantity: Size
    order: Text | None = None
    venue_order: Text | None = None
    status: GivenStatus = "ACCEPTED"
    price: Number | None = None
    trigger: Number | None = None
    type: OrderTypeName | None = None
    tif: TimeInForceName = "GTC"
    filled: Number | None = None
    avg: Number | None = None
    fills: list[GivenFill] = field(default_factory=list)
    post_only: bool = False
    reduce_only: bool = False
    by: Text | None = None
    provisional: bool = False
    reason: str = ""
    instrument: Text | None = None
    venue: Text | None = None
    account: Text | None = None
    position: Text | None = None
    ago: Time | None = None


class GivenPosition(_Table, frozen=True, kw_only=True):
    """A position that is held when the scenario begins (negative: short), and its average price."""

    quantity: Number
    price: Number | None = None
    instrument: Text | None = None
    venue: Text | None = None
    account: Text | None = None
    position: Text | None = None
    by: Text | None = None


class GivenQuote(_Table, frozen=True, kw_only=True):
    """The best bid and ask when the scenario begins."""

    bid: Number
    ask: Number
    instrument: Text | None = None
    venue: Text | None = None


class GivenSide(_Table, frozen=True, kw_only=True):
    """What one side knows or holds when the scenario begins."""

    orders: list[GivenOrder] = field(default_factory=list)
    positions: list[GivenPosition] = field(default_factory=list)
    quotes: list[GivenQuote] = field(default_factory=list)


class Given(_Table, frozen=True, kw_only=True):
    """The two states that differ: what the node has in its store, and what is true at the venue."""

    node: GivenSide = GivenSide()
    venue: GivenSide = GivenSide()


class Scenario(_Table, frozen=True, kw_only=True):
    """A scenario.

    Attributes:
        title: its name.
        story: what happens and why it matters, for people.
        guide: the row of the guide that it stands for; absent for field reports and found cases.
        transports: where it can run; empty means on every one. The story gives the reason for a limit.
        seed: the seed that it runs with unless another is asked for.
        converges: whether node and venue must agree once the storm is over; the story says why not.
        steps: what happens, each at its virtual time.
        node: settings of the node by the kernel's own names, flat.
        venue: the default venue's profile by the sandbox's own names; `instruments` lists further ones.
        venues: further venues by name, each with its profile.
        strategy: settings of the strategy by the kernel's own names; or the `path` of your own, with its `config`.
        strategies: further strategies by id, each as above.
        invariants: modules with invariants of your own, which hold besides ours.
        given: the states at the beginning, where they are not empty.
        expect: what must hold in the end.

    """

    title: Text
    story: Text
    guide: Text | None = None
    transports: list[TransportName] = field(default_factory=list)
    seed: int = 0
    converges: bool = True
    invariants: list[Text] = field(default_factory=list)
    steps: list[AnyStep] = field(default_factory=list)
    node: dict[str, Any] = field(default_factory=dict)
    venue: dict[str, Any] = field(default_factory=dict)
    venues: dict[str, dict[str, Any]] = field(default_factory=dict)
    strategy: dict[str, Any] = field(default_factory=dict)
    strategies: dict[str, dict[str, Any]] = field(default_factory=dict)
    given: Given | None = None
    expect: Expect = Expect()

    def __post_init__(self) -> None:
        if self.guide is not None:
            check_row(self.guide)

    @property
    def end(self) -> Time:
        """When everything expected must hold: `expect.by`, or a second after the last step."""
        if self.expect.by is not None:
            return self.expect.by
        return Time(max((step.at for step in self.steps), default=0) + 1_000_000_000)


def load(path: Path) -> Scenario:
    """Return the scenario in a file.

    Raises:
        ScenarioError: if it cannot be read, with every problem found.

    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise ScenarioError([f"cannot be read: {error}"], str(path)) from None
    return load_text(text, origin=str(path))


def load_text(text: str, origin: str = "") -> Scenario:
    """Return the scenario written as `text`; `origin` names it in errors.

    Raises:
        ScenarioError: as `load` does.

    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError([f"is not valid TOML: {error}"], origin) from None
    return from_table(table, origin)


def from_table(table: dict[str, Any], origin: str = "") -> Scenario:
    """Return the scenario held in a table, as read from TOML.

    Raises:
        ScenarioError: as `load` does.

    """
    problems = _step_problems(table.get("steps", []))
    # The steps were looked at one by one, to tell of all of them; the rest stops at the first problem.
    rest = {**table, "steps": []} if problems else table
    scenario: Scenario | None = None
    try:
        scenario = msgspec.convert(rest, Scenario, dec_hook=parse_value)
    except msgspec.ValidationError as error:
        problems.append(_explain(str(error), "", rest, Scenario))
    if scenario is not None and not problems:
        problems = _time_problems(scenario) + _settings_problems(scenario)
    if problems or scenario is None:
        raise ScenarioError(problems, origin)
    return scenario


def make_step(verb: str, fields: dict[str, Any]) -> Step:
    """Return a step of that verb; `fields` are written as in a file.

    Raises:
        ScenarioError: if there is no such verb, or a field is wrong.

    """
    kind = VERBS.get(verb)
    if kind is None:
        raise ScenarioError([f"there is no verb {verb!r}{nearest(verb, VERBS)}"])
    try:
        return msgspec.convert({"do": verb, **fields}, kind, dec_hook=parse_value)
    except msgspec.ValidationError as error:
        raise ScenarioError([_explain(str(error), verb, fields, kind)]) from None


def is_scenario(table: dict[str, Any]) -> bool:
    """Return whether a TOML table means to be a scenario: it has a title and steps, or a title and given states."""
    return "title" in table and ("steps" in table or "given" in table)


def _step_problems(steps: object) -> list[str]:
    if not isinstance(steps, list):
        return ["$.steps: must be a list of steps"]
    problems = []
    for index, step in enumerate(steps):
        path = f"$.steps[{index}]"
        verb = step.get("do") if isinstance(step, dict) else None
        if not isinstance(step, dict):
            problems.append(f'{path}: must be a table such as {{ at = "1s", do = "node.start" }}, was {step!r}')
        elif verb is None:
            problems.append(f"{path}: must say what it does in `do`")
        elif verb not in VERBS:
            problems.append(f"{path}.do: there is no verb {verb!r}{nearest(str(verb), VERBS)}")
        else:
            try:
                msgspec.convert(step, VERBS[verb], dec_hook=parse_value)
            except msgspec.ValidationError as error:
                problems.append(_explain(str(error), path, step, VERBS[verb]))
    return problems


def _time_problems(scenario: Scenario) -> list[str]:
    problems = []
    latest = Time(0)
    for index, step in enumerate(scenario.steps):
        if step.at < latest:
            problems.append(f"$.steps[{index}].at: steps must be in the order of time, was {step.at} after {latest}")
        latest = max(latest, step.at)
    if scenario.expect.by is not None and scenario.expect.by < latest:
        problems.append(f"$.expect.by: must not be before the last step at {latest}, was {scenario.expect.by}")
    starts = any(isinstance(step, NodeStart) for step in scenario.steps)
    if not starts:
        problems.append('$.steps: the node must be started, as { at = "0s", do = "node.start" }')
    return problems


def _settings_problems(scenario: Scenario) -> list[str]:
    tables: list[tuple[str, dict[str, Any], Callable[[dict[str, Any], str], object]]] = []
    tables += [("$.node", scenario.node, route), ("$.strategy", scenario.strategy, check_strategy)]
    tables += [(f"$.strategies.{name}", table, check_strategy) for name, table in scenario.strategies.items()]
    tables += [
        (f"$.steps[{index}].settings", step.settings, route)
        for index, step in enumerate(scenario.steps)
        if isinstance(step, NodeStart)
    ]
    tables += [("$.venue", scenario.venue, venue_settings)]
    tables += [(f"$.venues.{name}", table, venue_settings) for name, table in scenario.venues.items()]
    problems: list[str] = []
    for path, table, check_settings in tables:
        if table:
            try:
                check_settings(table, path)
            except ScenarioError as error:
                problems.extend(error.problems)
    problems += check_aims(scenario.steps, scenario.strategy, scenario.strategies)
    try:
        load_own(scenario.invariants)
    except ScenarioError as error:
        problems.extend(error.problems)
    return problems


_UNKNOWN = re.compile(r"^Object contains unknown field `(.+?)`(?: - at `\$(.*)`)?$")
_PLACED = re.compile(r"^(.*) - at `\$(.*)`$", re.DOTALL)


def _explain(message: str, path: str, value: object, kind: Any) -> str:
    """Turn msgspec's message into `PATH: rule`, with the nearest known name for an unknown field."""
    root = path or "$"
    unknown = _UNKNOWN.match(message)
    if unknown is not None:
        name, inner = unknown[1], unknown[2] or ""
        return f"{root}{inner}.{name}: there is no such field{nearest(name, _fields_at(kind, inner))}"
    placed = _PLACED.match(message)
    if placed is None:
        return f"{root}: {message}"
    choices = _choices_at(kind, placed[2]) if placed[1].startswith("Invalid enum value") else ()
    hint = f"; must be one of {', '.join(choices)}" if choices else ""
    return f"{root}{placed[2]}: {placed[1]}{hint}"


def _kind_at(kind: Any, path: str) -> Any:
    for name in re.findall(r"\.(\w+)", path):
        fields = {item.name: item.type for item in msgspec.structs.fields(kind)} if _is_struct(kind) else {}
        kind = _innermost(fields.get(name))
    return kind


def _fields_at(kind: Any, path: str) -> tuple[str, ...]:
    found = _kind_at(kind, path)
    return found.__struct_fields__ if _is_struct(found) else ()


def _choices_at(kind: Any, path: str) -> tuple[str, ...]:
    found = _kind_at(kind, path)
    return tuple(str(choice) for choice in getattr(found, "__args__", ()))


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Struct)


def _innermost(kind: Any) -> Any:
    """Return the struct or choice inside `X | None` and `list[X]`."""
    arguments = [item for item in getattr(kind, "__args__", ()) if item is not type(None)]
    if getattr(kind, "__origin__", None) is Literal or not arguments or _is_struct(kind):
        return kind
    return _innermost(
        arguments[-1] if len(arguments) == 1 else next((a for a in arguments if _is_struct(a)), arguments[0])
    )
