"""The strategies of a scenario: scripted ones, which do what the steps say, and a user's own.

    [strategy]                                  # the default strategy, S-001
    path   = "desk.makers:Maker"                # a class of your own, package.module:Class
    config = { instrument_id = "BTCUSDT", size = "0.100" }

    [strategies.hand]                           # without a path: scripted, here with settings of the kernel

May know: the kernel's strategy classes, the scenario's tables. A class's configuration is of the type that its
`__init__` annotates (as `config: MakerConfig`), or of the one that `config_path` names; instruments in it may be
written without their venue. Promises: a mistake is told with its place in the file, its value, and what would be right,
before anything runs.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Mapping, Sequence
from typing import Any, Union, get_args, get_origin, get_type_hints

from nautilus_live.config import StrategyConfig
from nautilus_live.errors import ConfigError
from nautilus_live.model.identifiers import InstrumentId
from nautilus_live.trading.strategy import Strategy
from scenarios.importing import import_named
from scenarios.problems import ScenarioError, nearest
from scenarios.scripted_strategy import ScriptedStrategy
from scenarios.settings import full_instrument, strategy_settings
from scenarios.verbs import STRATEGY_VERBS, Step

STRATEGY_DEFAULT = "S-001"
OWN_KEYS = ("path", "config_path", "config")


def check_strategy(table: Mapping[str, Any], path: str = "$.strategy") -> None:
    """Look whether a strategy can be made of a table.

    Raises:
        ScenarioError: if not, with every reason found.

    """
    if "path" in table:
        _own(table, path, STRATEGY_DEFAULT)
    elif "config" in table or "config_path" in table:
        raise ScenarioError([f"{path}: `config` is for a strategy of your own, and needs its `path`"])
    else:
        strategy_settings(dict(table), path)


def check_aims(steps: Sequence[Step], default: Mapping[str, Any], others: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the problems of steps that command a strategy which acts on its own."""
    tables = {STRATEGY_DEFAULT: default, **others}
    problems = []
    for index, step in enumerate(steps):
        if not isinstance(step, STRATEGY_VERBS):
            continue
        name = step.strategy or STRATEGY_DEFAULT
        path = tables.get(name, {}).get("path")
        if path is not None and not _is_scripted(path):
            problems.append(
                f"$.steps[{index}]: {step.__struct_config__.tag} must be for a scripted strategy, was for {name!r},"
                f' which is {path} and acts on its own (add [strategies.hand] and say strategy = "hand")'
            )
    return problems


def strategy_tables(
    default: Mapping[str, Any], others: Mapping[str, Mapping[str, Any]], from_node: Mapping[str, Any]
) -> list[tuple[str, Mapping[str, Any], str]]:
    """Return the id, the table and the place of each strategy; `[node]` may hold settings for the default one."""
    if "path" in default:
        first = {**default, "config": {**from_node, **default.get("config", {})}}
    else:
        first = {**from_node, **default}
    return [
        (STRATEGY_DEFAULT, first, "$.strategy"),
        *((name, table, f"$.strategies.{name}") for name, table in others.items()),
    ]


def make_strategy(name: str, table: Mapping[str, Any], path: str) -> Strategy:
    """Return a new strategy, of the id `name` unless its configuration says otherwise.

    Raises:
        ScenarioError: if it cannot be made.

    """
    if "path" not in table:
        given = {"strategy_id": name, "log_events": False, "log_commands": False, **strategy_settings(dict(table))}
        return ScriptedStrategy(StrategyConfig(**given))
    kind, config = _own(table, path, name)
    try:
        made: Strategy = kind(config)
    except Exception as error:
        raise ScenarioError([f"{path}: {table['path']} cannot be made: {type(error).__name__}: {error}"]) from error
    return made


def _is_scripted(path: object) -> bool:
    """Return whether a path names a class that does what steps say, with something of its own besides."""
    try:
        return issubclass(_class_at(path, "", Strategy), ScriptedStrategy)
    except ScenarioError:
        return True  # what is wrong with it is told elsewhere


def _own(table: Mapping[str, Any], path: str, name: str) -> tuple[type[Strategy], StrategyConfig]:
    """Return a user's class, and its configuration."""
    misplaced = [key for key in table if key not in OWN_KEYS]
    if misplaced:
        raise ScenarioError(
            [
                f"{path}.{key}: belongs into `config`, where `path` names a strategy of your own"
                if key in StrategyConfig.__struct_fields__
                else f"{path}.{key}: there is no such field{nearest(key, OWN_KEYS)}"
                for key in misplaced
            ]
        )
    kind = _class_at(table["path"], f"{path}.path", Strategy)
    config_kind = (
        _class_at(table["config_path"], f"{path}.config_path", StrategyConfig)
        if "config_path" in table
        else _config_of(kind, f"{path}.path")
    )
    given = table.get("config", {})
    if not isinstance(given, Mapping):
        raise ScenarioError([f"{path}.config: must be a table of settings, was {given!r}"])
    settings = {"strategy_id": name, **_with_venues(given, config_kind)}
    try:
        return kind, config_kind.parse(settings)
    except ConfigError as error:
        raise ScenarioError([f"{path}.config.{problem}" for problem in error.problems]) from None


def _class_at(named: object, path: str, base: type) -> Any:
    """Return the class that `package.module:Class` names, which must be a `base`."""
    if not isinstance(named, str) or named.count(":") != 1:
        raise ScenarioError([f"{path}: must be written package.module:Class, was {named!r}"])
    module_name, _, class_name = named.partition(":")
    module = import_named(module_name, path)
    found: Any = module
    for part in class_name.split("."):
        found = getattr(found, part, None)
    if found is None:
        classes = [key for key, value in vars(module).items() if isinstance(value, type)]
        raise ScenarioError([f"{path}: module {module_name!r} has no {class_name!r}{nearest(class_name, classes)}"])
    if not (isinstance(found, type) and issubclass(found, base)):
        rule = f"must name a class derived from {base.__module__}.{base.__qualname__}"
        was = "a class that is not" if isinstance(found, type) else f"a {type(found).__name__}"
        raise ScenarioError([f"{path}: {rule}, was {named!r}, {was}"])
    return found


def _config_of(kind: type[Strategy], path: str) -> type[StrategyConfig]:
    """Return the type of a strategy's configuration: what the first parameter of its `__init__` says."""
    maker: Any = kind.__init__
    parameters = list(inspect.signature(maker).parameters.values())[1:]
    if maker is Strategy.__init__ or not parameters:
        return StrategyConfig
    hint = f"annotate it as `def __init__(self, config: {kind.__name__}Config)`, or name the type in `config_path`"
    try:
        annotation = get_type_hints(maker).get(parameters[0].name)
    except NameError as error:
        raise ScenarioError([f"{path}: {kind.__qualname__}'s annotations cannot be read ({error}); {hint}"]) from None
    for candidate in _choices(annotation):
        if isinstance(candidate, type) and issubclass(candidate, StrategyConfig):
            return candidate
    raise ScenarioError([f"{path}: {kind.__qualname__} does not say what it is configured with; {hint}"])


def _choices(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation) if get_origin(annotation) in (Union, types.UnionType) else (annotation,)


def _with_venues(given: Mapping[str, Any], kind: type[StrategyConfig]) -> dict[str, Any]:
    """Spell out the instruments, wherever the configuration's type says that there is one."""
    hints = get_type_hints(kind)
    return {key: _spelled_out(value, hints.get(key)) for key, value in given.items()}


def _spelled_out(value: Any, annotation: Any) -> Any:
    for choice in _choices(annotation):
        if choice is InstrumentId and isinstance(value, str):
            return full_instrument(value)
        if get_origin(choice) in (list, tuple) and InstrumentId in get_args(choice) and isinstance(value, list):
            return [full_instrument(item) if isinstance(item, str) else item for item in value]
    return value
