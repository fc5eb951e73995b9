"""Strategies, actors and execution algorithms in Python files: found, and configured by the types and names of fields.

May know: Python's import system, the kernel's configuration classes. A file is imported as it is, with the ecosystem's
import paths resolved by `nautilus_live.compat`. Promises: what cannot be imported, or has a setting that nothing
sensible is known for, is told by file, class and field.
"""

from __future__ import annotations

import importlib.util
import inspect
import re
import sys
import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec

from nautilus_live import compat
from nautilus_live.config import ActorConfig, ExecAlgorithmConfig, StrategyConfig
from nautilus_live.config.base import NautilusConfig
from nautilus_live.config.values import resolve_path
from nautilus_live.model.bars import BarType
from nautilus_live.model.enums import BookType
from nautilus_live.model.identifiers import ClientId, InstrumentId, Venue
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.objects import Price, Quantity
from nautilus_live.trading.actor import Actor
from nautilus_live.trading.exec_algorithm import ExecAlgorithm
from nautilus_live.trading.strategy import Strategy
from sandbox_venues.instruments import instrument

INSTRUMENTS = ("BTCUSDT.SIM", "ETHUSDT.SIM")
BAR_STEPS = (1, 5, 15)
"""Minutes of the first, second and further bar types of a class that trades one instrument."""
KINDS: tuple[tuple[type, type[NautilusConfig]], ...] = (
    (ExecAlgorithm, ExecAlgorithmConfig),
    (Strategy, StrategyConfig),
    (Actor, ActorConfig),
)
"""Each kind of part with the configuration that it has at least; a strategy is an actor, too."""
BY_NAME: tuple[tuple[str, Any], ...] = (
    (r"instrument(_id)?|.*_instrument_id", INSTRUMENTS[0]),
    (r"bar_type|.*_bar_type", f"{INSTRUMENTS[0]}-{BAR_STEPS[0]}-MINUTE-LAST-INTERNAL"),
    (r"fast_.*period|.*period_fast|fast", 10),
    (r"slow_.*period|.*period_slow|slow", 20),
    (r".*period|.*window|.*lookback", 14),
    (r"max_(position|exposure|inventory).*", "0.050"),
    (r".*(size|qty|quantity|amount)", "0.010"),
    (r".*multiple|.*multiplier|.*threshold", 2.0),
    (r".*ratio|.*fraction", 0.2),
    (r".*offset_type", "PRICE"),
    (r".*trigger_type", "LAST_PRICE"),
    (r"emulation_trigger", "NO_TRIGGER"),
    (r".*offset|.*distance", "5.00"),
    (r".*price_type", "LAST"),
    (r".*book_type", "L2_MBP"),
    (r".*horizon_secs", 30.0),
    (r".*interval_secs", 5.0),
)
"""What a setting without default is set to if its name, whole, is like this; the first that its type allows."""
BY_TYPE: tuple[tuple[type, Any], ...] = (
    (bool, False),
    (int, 10),
    (float, 1.0),
    (Decimal, "1"),
    (str, "text"),
    (list, []),
    (tuple, []),
    (dict, {}),
)
"""What it is set to if its name says nothing."""
SWITCHED_ON = re.compile(r"(subscribe|request)_\w+|(quote|trade)_ticks|bars|manage_book")
"""Switches that are turned on: a class shows more when it hears everything."""
SMALL_MARKET: dict[str, Any] = {
    "trigger_min_size": 1.0,
    **dict.fromkeys(("trade_size", "max_trade_size", "order_qty"), "0.010"),
}
"""Sizes, with defaults or without, that suit a market with at most 5 at a level."""


class PartError(Exception):
    """A file or class that cannot be run, and why."""


@dataclass(frozen=True)
class Part:
    """One class that was found.

    Attributes:
        name: its file and its name, `ema_cross:EMACross`.
        path: where it is imported from, `module:Class`.
        kind: Strategy, Actor or ExecAlgorithm.
        config_path: where its configuration's class is.
        config: settings of that configuration, as a file would write them.

    """

    name: str
    path: str
    kind: type
    config_path: str
    config: dict[str, Any]

    def make(self) -> Any:
        """Return one of it, which belongs to nobody."""
        config_kind = resolve_path(self.config_path)
        return resolve_path(self.path)(config_kind.parse(self.config))


def files_in(paths: Iterable[Path]) -> list[Path]:
    """Return the Python files that these paths name or hold, without those that begin with an underscore.

    Raises:
        PartError: if a path does not exist, is no Python file, or is a folder without any.

    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.glob("*.py") if not file.name.startswith("_"))
            if not inside:
                raise PartError(f"{path}: must hold Python files, holds none")
            found += inside
        elif path.suffix == ".py" and path.is_file():
            found.append(path)
        else:
            raise PartError(
                f"{path}: must be a Python file or a folder, was {'neither' if path.exists() else 'not there'}"
            )
    return found


def parts_in(files: Sequence[Path], wishes: Mapping[str, Any] | None = None) -> list[Part]:
    """Return what these files define, ready to run; `wishes` are settings by name, `field` or `Class.field`.

    Raises:
        PartError: if a file cannot be imported, nothing is found in any, or a class cannot be configured.

    """
    compat.install()
    found = [part for file in files for part in _parts_of(_import(file), file.stem, wishes or {})]
    if not found:
        names = ", ".join(map(str, files))
        raise PartError(f"{names}: must define a Strategy, an Actor or an ExecAlgorithm, define none")
    return found


def _import(file: Path) -> ModuleType:
    """Return the module of a file, under a name of its own."""
    same = sum(1 for known in sys.modules if known.rstrip("_") == f"published_{file.stem}")
    name = f"published_{file.stem}{'_' * same}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None, "a file that ends in .py has a loader"
    assert spec.loader is not None, "the same"
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # the configurations' annotations are looked up there
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise PartError(f"{file}: cannot be imported: {type(error).__name__}: {error}") from error
    return module


def _parts_of(module: ModuleType, stem: str, wishes: Mapping[str, Any]) -> Iterator[Part]:
    for name, kind in list(vars(module).items()):
        if not isinstance(kind, type) or kind.__module__ != module.__name__ or inspect.isabstract(kind):
            continue
        base = next((pair for pair in KINDS if issubclass(kind, pair[0])), None)
        if base is None:
            continue
        label = f"{stem}:{name}"
        config_kind, class_name = _config_kind(kind, base[1], module, label, wishes)
        config_path = f"{config_kind.__module__}:{config_kind.__qualname__}"
        config = settings_for(config_kind, label, wishes)
        yield Part(label, f"{module.__name__}:{class_name}", base[0], config_path, config)


def _config_kind(
    kind: type, least: type[NautilusConfig], module: ModuleType, label: str, wishes: Mapping[str, Any]
) -> tuple[type[NautilusConfig], str]:
    """Return the type of a class's configuration, and the name of the class that is made with it."""
    maker: Any = vars(kind).get("__init__") or kind.__init__  # type: ignore[misc]  # never called
    if maker in {getattr(base, "__init__", None) for base, _ in KINDS}:
        return least, kind.__name__
    parameters = list(inspect.signature(maker).parameters.values())[1:]
    if not parameters:
        return _wrapped(kind, least, {}, module)
    hints = get_type_hints(maker, vars(module))
    for candidate in _choices(hints.get(parameters[0].name)):
        if _is_config(candidate, NautilusConfig):
            return candidate, kind.__name__
    beside = [one for one in vars(module).values() if _is_config(one, least) and one.__module__ == module.__name__]
    named = [one for one in beside if one.__name__ == f"{kind.__name__}Config"] or beside
    if len(parameters) == 1 and parameters[0].name not in hints and len(named) == 1:
        return named[0], kind.__name__
    arguments = {one.name: hints.get(one.name, Any) for one in parameters if one.default is one.empty}
    return _wrapped(kind, least, arguments, module)


def _is_config(found: Any, least: type[NautilusConfig]) -> bool:
    return isinstance(found, type) and issubclass(found, least)


def _wrapped(
    kind: type, least: type[NautilusConfig], arguments: Mapping[str, Any], module: ModuleType
) -> tuple[type[NautilusConfig], str]:
    """Return a configuration for a class that takes its settings one by one, and put a class that takes it beside."""
    fields = {"__annotations__": dict(arguments), "__module__": module.__name__}
    meta: Any = type(least)
    config_kind = meta(f"{kind.__name__}Arguments", (least,), fields, frozen=True, kw_only=True)

    def begin(self: Any, config: Any) -> None:
        kind.__init__(self, **{name: getattr(config, name) for name in arguments})  # type: ignore[misc]  # its own

    begin.__annotations__["config"] = config_kind
    name = f"{kind.__name__}Configured"
    made = type(name, (kind,), {"__init__": begin, "__module__": module.__name__})
    setattr(module, config_kind.__name__, config_kind)
    setattr(module, name, made)
    return config_kind, name


# -- settings


def settings_for(kind: type[NautilusConfig], label: str, wishes: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return settings for a configuration: what is wished for, what has no default, and switches to hear more.

    Raises:
        PartError: if there is a required field that nothing sensible is known for.

    """
    class_name = label.rpartition(":")[2]
    hints = get_type_hints(kind)
    inherited = set().union(*(base.__struct_fields__ for _, base in KINDS if issubclass(kind, base)))
    found: dict[str, Any] = {}
    seen = {InstrumentId: 0, BarType: 0}
    count = sum(1 for hint in hints.values() if InstrumentId in _choices(hint))
    for field in msgspec.structs.fields(kind):
        name, hint = field.name, hints[field.name]
        choices = _choices(hint)
        required = field.required
        for wish in (f"{class_name}.{name}", name):
            if wish in (wishes or {}):
                found[name] = (wishes or {})[wish]
                break
        else:
            if name in inherited and not required:
                continue
            if name in SMALL_MARKET and set(choices) & {float, Decimal, Quantity}:
                found[name] = SMALL_MARKET[name]
            elif bool in choices and SWITCHED_ON.fullmatch(name):
                found[name] = True
            elif required or _is_market(choices):
                found[name] = _value(name, choices, seen, several=count > 1, label=label)
    return found


def _is_market(choices: tuple[Any, ...]) -> bool:
    """Return whether a field names data to hear; optional ones are given, too, for a class shows more with them."""
    return any(_item_of(choice) in (BarType, InstrumentId, BookType) for choice in choices)


def _value(name: str, choices: tuple[Any, ...], seen: dict[Any, int], *, several: bool, label: str) -> Any:
    """Return a value for a field, as a file would write it; `seen` counts the instruments and bar types before it."""
    for choice in choices:
        if isinstance(choice, type) and issubclass(choice, Instrument):
            number = seen[InstrumentId]
            seen[InstrumentId] += 1
            return instrument(*_instrument(number).split(".")).to_dict()
        item = _item_of(choice)
        if item in seen:
            number = seen[item]
            seen[item] += 1
            made = _instrument(number) if item is InstrumentId else _bars(number, several=several)
            return made if choice is item else [made]
    if Venue in choices or ClientId in choices:
        return INSTRUMENTS[0].rpartition(".")[2]
    for pattern, value in BY_NAME:
        if re.fullmatch(pattern, name) and _fits(value, choices):
            return value
    for choice in choices:
        if isinstance(choice, type) and issubclass(choice, Enum):
            return next(iter(choice.__members__))
    for kind, value in BY_TYPE:
        if any(choice is kind or get_origin(choice) is kind for choice in choices):
            return value
    told = " | ".join(getattr(choice, "__name__", str(choice)) for choice in choices) or "anything"
    raise PartError(f"{label}: nothing sensible is known for its setting {name}: {told}; say --set {name}=VALUE")


def _instrument(number: int) -> str:
    return INSTRUMENTS[number % len(INSTRUMENTS)]


def _bars(number: int, *, several: bool) -> str:
    """Return the bar type of that number: of further instruments if there are several, else of longer bars."""
    minutes = BAR_STEPS[0] if several else BAR_STEPS[min(number, len(BAR_STEPS) - 1)]
    return f"{_instrument(number if several else 0)}-{minutes}-MINUTE-LAST-INTERNAL"


def _fits(value: Any, choices: tuple[Any, ...]) -> bool:
    """Return whether a value, as a file would write it, is of one of these types."""
    kinds = {int: (int, float), float: (float,), str: (str, Decimal, Quantity, Price)}[type(value)]
    members = (getattr(choice, "__members__", ()) for choice in choices)  # of those that are enumerations
    return any(choice in kinds for choice in choices) or any(value in names for names in members)


def _choices(annotation: Any) -> tuple[Any, ...]:
    """Return the types that an annotation allows, without its constraints."""
    if get_origin(annotation) is Annotated:
        return _choices(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return tuple(inner for choice in get_args(annotation) for inner in _choices(choice))
    return (annotation,)


def _item_of(choice: Any) -> Any:
    """Return what a list or tuple type holds, the type itself for others."""
    return get_args(choice)[0] if get_origin(choice) in (list, tuple) and get_args(choice) else choice
