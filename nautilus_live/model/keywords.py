"""Arguments by other names: what the ecosystem calls a field that is called otherwise here.

A struct has one name for each of its fields. Where strategies of the ecosystem pass an argument under another name, in
an order without names, or as None for a field that is never None, the class says so, and such a call is a call with
ours. Nothing else knows theirs.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from msgspec import NODEFAULT, StructMeta
from msgspec.structs import fields as fields_of


class AlsoCalled(StructMeta):
    """The type of structs that are called in other ways, too.

    Options of a class, both inherited:
        also_called: other names of arguments, each with the field that it is.
        in_order: the arguments that may be given without names, in their order; for structs that take names only.
    """

    also_called: dict[str, str]
    in_order: tuple[str, ...]

    def __new__(
        mcls,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        also_called: dict[str, str] | None = None,
        in_order: str = "",
        **options: Any,
    ) -> AlsoCalled:
        """Make a class; other names add to those of its base."""
        made = super().__new__(mcls, name, bases, namespace, **options)
        made.also_called = {**getattr(made, "also_called", {}), **(also_called or {})}
        made.in_order = tuple(in_order.split()) or getattr(made, "in_order", ())
        return made

    def complete(cls, fields: dict[str, Any]) -> dict[str, Any]:  # noqa: N805  # a metaclass's instances are classes
        """Return the fields of a call in the other way with those that follow from them; a class may have some."""
        return fields

    if not TYPE_CHECKING:  # type checkers shall see the fields of each class, not this signature

        def __call__(cls, *arguments, **named):  # noqa: N805  # as above
            if not named or (not arguments and _own_names(cls).issuperset(named)):
                if not (arguments and cls.in_order):
                    return super().__call__(*arguments, **named)
            if not cls.in_order:
                fields = {cls.also_called.get(name, name): value for name, value in named.items()}
                if len(fields) < len(named):
                    raise TypeError(f"{cls.__name__}: an argument must be given once, was given by two names")
                return super().__call__(*arguments, **fields)
            return super().__call__(**_fields(cls, arguments, named))


@cache
def _own_names(kind: Any) -> frozenset[str]:
    return frozenset(kind.__struct_fields__)


@cache
def _never_none(kind: Any) -> frozenset[str]:
    return frozenset(one.name for one in fields_of(kind) if one.default is not None and one.default is not NODEFAULT)


def _fields(kind: AlsoCalled, arguments: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
    """Return a call in the other way as fields by their own names."""
    if len(arguments) > len(kind.in_order):
        raise TypeError(f"{kind.__name__} takes {len(kind.in_order)} arguments without names, was {len(arguments)}")
    fields: dict[str, Any] = {}
    for name, value in (*zip(kind.in_order, arguments, strict=False), *named.items()):
        field = kind.also_called.get(name, name)
        if field in fields:
            raise TypeError(f"{kind.__name__}: {field} must be given once, was given as {name}, too")
        fields[field] = value
    given = {name: value for name, value in fields.items() if value is not None or name not in _never_none(kind)}
    return kind.complete(given)
