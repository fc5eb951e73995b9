"""What every configuration is: frozen, checked, written out and read back.

A configuration class is a list of annotated settings. Everything else is here, once: a call with settings, a parse of
JSON or of a table, a copy with replacements and an unpickling all pass the same checks (`checks`), report every
problem at once with its path, and refuse what they do not know with the nearest name they do.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, Self, cast

import msgspec
from msgspec import NODEFAULT, Struct, StructMeta
from msgspec.structs import FieldInfo, fields, force_setattr

from nautilus_live.config.checks import check_for
from nautilus_live.config.values import Check, Problems, nearest, nest, path_of
from nautilus_live.errors import ConfigError, Problem
from nautilus_live.secrets import HIDDEN, Secret


class Plan:
    """How one class is checked: worked out at its first use, as annotations may name what is defined later."""

    __slots__ = ("checks", "required", "trusted")

    def __init__(self, cls: type[NautilusConfig]) -> None:
        infos: tuple[FieldInfo, ...] = fields(cls)
        self.checks: dict[str, Check] = {info.name: check_for(info.type) for info in infos}
        self.required = frozenset(info.name for info in infos if info.required)
        # Defaults that pass their own check unchanged need no second look, which is what makes construction cheap. What
        # does not pass (`name: str = None`) is what the class's author wants, and is not the user's to mend.
        self.trusted: dict[str, Any] = {}
        for info in infos:
            problems: Problems = []
            unchanged = self.checks[info.name].run(info.default, problems) is info.default
            if info.default is not NODEFAULT and (problems or unchanged):
                self.trusted[info.name] = info.default

    def trusts(self, name: str, value: Any) -> bool:
        """Return whether a setting has its default, the very one or (read back from a file) one just like it."""
        if name not in self.trusted:
            return False
        default = self.trusted[name]
        return value is default or (type(value) is type(default) and value == default)

    def knows(self, settings: Mapping[Any, Any]) -> bool:
        """Return whether the class has all these settings, and they are all that it needs."""
        return self.checks.keys() >= settings.keys() and self.required <= settings.keys()


_PLANS: dict[type, Plan] = {}


def _plan_of(cls: type[NautilusConfig]) -> Plan:
    plan = _PLANS.get(cls)
    if plan is None:
        plan = _PLANS[cls] = Plan(cls)
    return plan


class ConfigMeta(StructMeta):
    """The type of configuration classes: makes them frozen and strict, and their construction checked."""

    def __new__(mcls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], /, **options: Any) -> ConfigMeta:
        for option in ("frozen", "kw_only", "forbid_unknown_fields"):
            options.setdefault(option, True)
        return super().__new__(mcls, name, bases, namespace, **options)

    if not TYPE_CHECKING:  # Type checkers shall see the settings of each class, not this signature.

        def __call__(cls, *arguments, **settings):
            if arguments:
                raise ConfigError(f"{cls.__name__} takes settings by name only, was {len(arguments)} without a name")
            problems = []
            config = cls._build(settings, problems)
            if problems:
                raise ConfigError(*problems)
            return config


class NautilusConfig(Struct, metaclass=ConfigMeta, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base of every configuration; subclass it with annotated settings of your own.

    Values are checked against their annotations when constructed, parsed or copied. Containers are copied, so that
    nobody else can change what is in here. Two configurations are equal if they are of one class and all settings
    are.

    Raises:
        ConfigError: if anything is wrong; it lists every problem with its path.

    """

    @classmethod
    def parse(cls, raw: bytes | str | Mapping[str, Any]) -> Self:
        """Return the configuration written in JSON, or held in a table (as from a TOML file or `dict()`).

        Raises:
            ConfigError: if it is not JSON, or any setting is wrong, at any depth.

        """
        settings = raw
        if not isinstance(raw, Mapping):
            try:
                settings = msgspec.json.decode(raw)
            except (msgspec.DecodeError, UnicodeError) as error:
                raise ConfigError(f"{cls.__name__} must be valid JSON: {error}") from None
        if not isinstance(settings, Mapping):
            raise ConfigError(f"{cls.__name__} must be a table of settings, was of type {type(settings).__name__}")
        problems: Problems = []
        config = cls._build(settings, problems)
        if problems:
            raise ConfigError(*problems)
        return cast(Self, config)

    def json(self) -> bytes:
        """Return the configuration as JSON with sorted keys, secrets hidden; `parse` reads it back.

        A secret given outright is written as `***`, which `parse` refuses; a secret given by reference survives.
        """
        return msgspec.json.encode(self.dict(), order="sorted")

    def dict(self) -> builtins.dict[str, Any]:
        """Return the settings in their own order as plain tables, lists, texts and numbers, secrets hidden."""
        return {name: _plain(getattr(self, name), declared) for name, declared in _declared(type(self)).items()}

    def json_primitives(self) -> builtins.dict[str, Any]:
        """Return the settings as the tables, lists, texts and numbers that JSON has."""
        return cast("builtins.dict[str, Any]", msgspec.json.decode(self.json()))

    def validate(self) -> bool:
        """Return True: a configuration that was not valid would not have been made."""
        return True

    @classmethod
    def fully_qualified_name(cls) -> str:
        """Return the path `module:Name` of the class."""
        return path_of(cls)

    @property
    def id(self) -> str:
        """The SHA-256 token of `json()`: equal settings, equal token, in every process. Secrets have no part in it."""
        import hashlib  # Loads OpenSSL, which a program that only reads settings does not need.

        return hashlib.sha256(self.json()).hexdigest()

    def __hash__(self) -> int:
        return hash(self.id)

    def __post_init__(self) -> None:
        # Reached by construction and parsing, where the values have just passed, and by copying, replacing and
        # `convert`, where they have not.
        plan = _plan_of(type(self))
        problems: Problems = []
        for name, check in plan.checks.items():
            value = getattr(self, name)
            if plan.trusts(name, value):
                continue
            mark = len(problems)
            result = check.run(value, problems)
            if len(problems) > mark:
                nest(problems, mark, name)
            elif result is not value:
                force_setattr(self, name, result)
        if not problems:
            problems.extend(self._conflicts())
        if problems:
            raise ConfigError(*problems)

    def _conflicts(self) -> Iterator[Problem]:
        """Yield what is wrong between settings that are each right. Subclasses add theirs to their base's."""
        yield from ()

    @classmethod
    def _required(cls) -> frozenset[str]:
        return _plan_of(cls).required

    @classmethod
    def _build(cls, settings: Mapping[Any, Any], problems: Problems) -> NautilusConfig | None:
        """Return the configuration made of `settings`, or None with every problem noted."""
        plan = _plan_of(cls)
        if cls.__post_init__ is NautilusConfig.__post_init__ and plan.knows(settings):
            try:
                return cast("NautilusConfig", StructMeta.__call__(cls, **settings))  # checked as it is made
            except ConfigError:
                pass  # once more, setting by setting: the problems are told in the order in which the settings came
        start = len(problems)
        checked: dict[str, Any] = {}
        for name, value in settings.items():
            check = plan.checks.get(name)
            if check is None:
                rule = f"{cls.__name__} has no setting {name!r}"
                # Its value is not kept: a misspelt secret is a secret all the same.
                problems.append(Problem(str(name), rule, hint=nearest(str(name), plan.checks)))
                continue
            if plan.trusts(name, value):
                checked[name] = value
                continue
            mark = len(problems)
            checked[name] = check.run(value, problems)
            if len(problems) > mark:
                nest(problems, mark, name)
        for name in cls.__struct_fields__:
            if name in plan.required and name not in settings:
                problems.append(Problem(name, f"{cls.__name__} needs this setting, was not given"))
        if len(problems) > start:
            return None
        try:
            config = cast("NautilusConfig", StructMeta.__call__(cls, **checked))
            # A subclass may replace `__post_init__` without calling ours; what must not clash must not clash there
            # either.
            problems.extend(config._conflicts())
        except ConfigError as error:
            problems.extend(error.problems)
        except ValueError as error:
            problems.append(Problem("", str(error)))
        return config if len(problems) == start else None


# --- Writing out ----------------------------------------------------------------------------------------------------


def _declared(cls: type[NautilusConfig]) -> dict[str, frozenset[type]]:
    """Return for each setting the configuration classes that its annotation names."""
    declared = _DECLARED.get(cls)
    if declared is None:
        declared = _DECLARED[cls] = {info.name: frozenset(_configs_in(info.type)) for info in fields(cls)}
    return declared


_DECLARED: dict[type, dict[str, frozenset[type]]] = {}


def _configs_in(annotation: Any) -> Iterator[type]:
    if isinstance(annotation, ConfigMeta):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _configs_in(argument)


def _plain(value: Any, declared: frozenset[type]) -> Any:
    if value is None or (isinstance(value, bool | int | float | str) and not isinstance(value, Enum)):
        return value
    if isinstance(value, NautilusConfig):
        # A more special class than the annotation names must say so, or reading it back would make the general one.
        kind = type(value)
        return value.dict() if kind in declared else {"class": path_of(kind), **value.dict()}
    if isinstance(value, Mapping):
        return {_plain(key, declared): _plain(item, declared) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((_plain(item, declared) for item in value), key=str)
    if isinstance(value, list | tuple):
        return [_plain(item, declared) for item in value]
    for kinds, write in _WRITERS:
        if isinstance(value, kinds):
            return write(value)
    if hasattr(type(value), "base_to_dict"):
        return _plain(value.to_dict(), declared)
    return str(value) if hasattr(type(value), "from_str") else msgspec.to_builtins(value)


def _write_secret(secret: Secret) -> str:
    return secret.reference or HIDDEN


_WRITERS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (Secret, _write_secret),
    (Enum, lambda member: member.name),
    (Decimal, str),
    (type, path_of),
    ((timedelta, time, date), msgspec.to_builtins),
)
