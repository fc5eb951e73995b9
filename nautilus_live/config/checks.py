"""From an annotation to the check of a value.

A setting's annotation is its specification: `check_for` turns it into a check, and construction and parsing run the
same one, so nothing passes one and fails the other. Annotations made of others are read here (limits, alternatives,
fixed choices, containers), single values in `values`.
"""

from __future__ import annotations

import collections.abc
import functools
import re
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from nautilus_live.config.values import Check, Problems, Rule, build_of, leaf, nearest, nest, value_check
from nautilus_live.errors import Problem


def check_for(annotation: Any) -> Check:
    """Return the check that `annotation` stands for."""
    annotation = _BARE_CONTAINERS.get(annotation, annotation) if isinstance(annotation, type) else annotation
    origin = typing.get_origin(annotation)
    arguments = typing.get_args(annotation)
    if origin is None:
        if isinstance(annotation, typing.NewType):
            return check_for(annotation.__supertype__)
        return value_check(annotation)
    if origin is typing.Annotated:
        return annotated_check(arguments[0], annotation.__metadata__)
    if origin is typing.Union or origin is types.UnionType:
        return union_check(arguments)
    if origin is typing.Literal:
        return literal_check(arguments)
    check = container_check(origin, arguments)
    # Of `type[X]` and users' generic classes only the outer part can be checked.
    return check if check is not None else value_check(origin)


_BARE_CONTAINERS: dict[Any, Any] = {
    list: list[Any],
    tuple: tuple[Any, ...],
    set: set[Any],
    frozenset: frozenset[Any],
    dict: dict[Any, Any],
}


def annotated_check(annotation: Any, extras: Iterable[Any]) -> Check:
    """Return the check of `annotation` narrowed by `msgspec.Meta` limits and `Rule`s."""
    check = check_for(annotation)
    for extra in extras:
        if isinstance(extra, Rule):
            check = _ruled(check, extra)
        elif isinstance(extra, msgspec.Meta):
            check = _limited(check, extra)
    return check


def _ruled(inner: Check, rule: Rule) -> Check:
    outer = leaf(rule.noun, rule.convert)

    def run(value: Any, problems: Problems) -> Any:
        scratch: Problems = []
        result = inner.run(value, scratch)
        if scratch:
            scratch = [Problem("", f"must be {rule.noun}", value)]
        else:
            result = outer.run(result, scratch)
        problems.extend(scratch if rule.shown else [Problem("", f"must be {rule.noun}") for _ in scratch])
        return result

    return Check(rule.noun, run)


def _limited(inner: Check, meta: msgspec.Meta) -> Check:
    limits = list(_limits(meta))
    if not limits:
        return inner
    suffix = " and ".join(words for words, _ in limits)
    noun = f"{inner.noun} {suffix}"

    def run(value: Any, problems: Problems) -> Any:
        mark = len(problems)
        result = inner.run(value, problems)
        if len(problems) > mark:
            # The wrong type: say the limit too, so that the second attempt is the last one.
            problems[mark:] = [
                Problem("", f"must be {noun}", problem.value) if problem.rule == f"must be {inner.noun}" else problem
                for problem in problems[mark:]
            ]
        elif not all(holds(result) for _, holds in limits):
            problems.append(Problem("", f"must be {noun}", value))
        return result

    return Check(noun, run)


def _limits(meta: msgspec.Meta) -> Iterable[tuple[str, Callable[[Any], bool]]]:
    for name, words, holds in _COMPARISONS:
        limit = getattr(meta, name)
        if limit is not None:
            yield words.format(limit), functools.partial(holds, limit)
    if meta.pattern is not None:
        found = re.compile(meta.pattern).search
        yield f"matching {meta.pattern!r}", lambda value: found(value) is not None


_COMPARISONS: tuple[tuple[str, str, Callable[[Any, Any], bool]], ...] = (
    ("gt", "> {}", lambda limit, value: value > limit),
    ("ge", ">= {}", lambda limit, value: value >= limit),
    ("lt", "< {}", lambda limit, value: value < limit),
    ("le", "<= {}", lambda limit, value: value <= limit),
    ("multiple_of", "that {} divides", lambda limit, value: value % limit == 0),
    ("min_length", "of length >= {}", lambda limit, value: len(value) >= limit),
    ("max_length", "of length <= {}", lambda limit, value: len(value) <= limit),
)


def union_check(alternatives: tuple[Any, ...]) -> Check:
    """Return the check that the first fitting of several alternatives passes."""
    optional = type(None) in alternatives
    kinds = [kind for kind in alternatives if kind is not type(None)]
    checks = [check_for(kind) for kind in kinds]
    noun = " or ".join(check.noun for check in checks)

    def run(value: Any, problems: Problems) -> Any:
        if value is None and optional:
            return None
        if len(checks) == 1:
            return checks[0].run(value, problems)
        if isinstance(value, Mapping):
            tables = [(kind, check) for kind, check in zip(kinds, checks, strict=True) if build_of(kind)]
            if tables:
                return _fitting(tables, value).run(value, problems)
        for check in checks:
            scratch: Problems = []
            result = check.run(value, scratch)
            if not scratch:
                return result
        problems.append(Problem("", f"must be {noun}", value))
        return None

    return Check(noun, run)


def _fitting(tables: list[tuple[Any, Check]], table: Mapping[Any, Any]) -> Check:
    # Which configuration a table is meant to be: the first that knows all its keys and needs no other, else the first.
    for kind, check in tables:
        if set(table) <= {*kind.__struct_fields__, "class"} and kind._required() <= set(table):
            return check
    return tables[0][1]


def literal_check(choices: tuple[Any, ...]) -> Check:
    """Return the check of one of a few fixed values."""
    noun = f"one of {', '.join(repr(choice) for choice in choices)}"

    def run(value: Any, problems: Problems) -> Any:
        for choice in choices:
            if type(value) is type(choice) and value == choice:
                return choice
        hint = nearest(value, [item for item in choices if isinstance(item, str)]) if isinstance(value, str) else ""
        problems.append(Problem("", f"must be {noun}", value, hint))
        return None

    return Check(noun, run)


def container_check(origin: Any, arguments: tuple[Any, ...]) -> Check | None:
    """Return the check of a container and of what it holds, or None if `origin` is none of the known containers."""
    if origin in (dict, collections.abc.Mapping, collections.abc.MutableMapping):
        return _mapping_check(check_for(arguments[0]), check_for(arguments[1]))
    if origin is tuple and not (len(arguments) == 2 and arguments[1] is Ellipsis):
        shape: Any = tuple[arguments]  # type: ignore[valid-type]  # computed
        return leaf("a tuple", lambda value: msgspec.convert(value, shape))
    make = _MAKERS.get(origin)
    return None if make is None else _collection_check(make, check_for(arguments[0]))


_MAKERS: dict[Any, Callable[[list[Any]], Any]] = {
    list: list,
    collections.abc.Sequence: list,
    collections.abc.Iterable: list,
    tuple: tuple,
    set: set,
    frozenset: frozenset,
    collections.abc.Set: frozenset,
}


def _collection_check(make: Callable[[list[Any]], Any], item: Check) -> Check:
    noun = f"a list, each item {item.noun}"

    def run(value: Any, problems: Problems) -> Any:
        # A text is iterable too, and never what was meant.
        if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
            problems.append(Problem("", f"must be {noun}", value))
            return None
        results = []
        for index, given in enumerate(value):
            mark = len(problems)
            results.append(item.run(given, problems))
            if len(problems) > mark:
                nest(problems, mark, f"[{index}]")
                results.pop()
        return make(results)

    return Check(noun, run)


def _mapping_check(key: Check, item: Check) -> Check:
    noun = f"a table, each value {item.noun}"

    def run(value: Any, problems: Problems) -> Any:
        if not isinstance(value, Mapping):
            problems.append(Problem("", f"must be {noun}", value))
            return None
        results = {}
        for given_key, given in value.items():
            mark = len(problems)
            result_key, result = key.run(given_key, problems), item.run(given, problems)
            if len(problems) > mark:
                nest(problems, mark, str(given_key))
            else:
                results[result_key] = result
        return results

    return Check(noun, run)
