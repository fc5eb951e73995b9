"""What authors call so that the ecosystem can write their own data down: here it is called, and nothing follows.

Custom data go from component to component as they are. Nothing has to know how to write them: what a strategy wants to
keep it saves itself (`on_save`), and there is no catalog. Files that register their classes when they are imported can
be imported all the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nautilus_live.conditions import PyCondition


def register_serializable_type(
    cls: type, to_dict: Callable[[Any], dict[str, Any]], from_dict: Callable[[dict[str, Any]], Any]
) -> None:
    """Take note that a class is written as a table by `to_dict`, and read by `from_dict`.

    Raises:
        TypeError: if the latter cannot be called.

    """
    PyCondition.callable(to_dict, "to_dict")
    PyCondition.callable(from_dict, "from_dict")


def register_arrow(
    data_cls: type,
    schema: Any = None,
    encoder: Callable[..., Any] | None = None,
    decoder: Callable[..., Any] | None = None,
    batch_encoder: Callable[..., Any] | None = None,
) -> None:
    """Take note that a class is written as Arrow tables of a schema.

    Raises:
        TypeError: if one of the functions cannot be called.

    """
    for name, function in (("encoder", encoder), ("decoder", decoder), ("batch_encoder", batch_encoder)):
        PyCondition.callable_or_none(function, name)
