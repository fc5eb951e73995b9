"""Secrets: values that are used, and never shown.

A secret prints as `***` everywhere: in a representation, a message, a log line, a configuration written out. Only
`reveal()` gives the text, and only the code that signs or connects calls it. A secret may be a reference, resolved at
that moment and not earlier, so that nothing secret is in the configuration at all:

    env:NAME      the value of the environment variable NAME
    file:PATH     the content of the file at PATH, without the line ends behind it

Pickling keeps the text (a worker process needs it to connect): what is pickled must be guarded like the secret itself.
"""

from __future__ import annotations

import os
from typing import Final

from nautilus_live.errors import ConfigError

HIDDEN: Final = "***"


class Secret:
    """A text that does not show itself, or a reference to one."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        if not isinstance(text, str):
            # Not even the type's representation: whatever was passed may contain the secret.
            raise ValueError(f"a secret must be a text, was of type {type(text).__name__}")
        if text == HIDDEN:
            raise ValueError(f"a secret must be given again: {HIDDEN} only stands in its place")
        if text in ("env:", "file:"):
            raise ValueError("a secret's reference must name what it refers to: env:NAME or file:PATH")
        self._text = text

    @property
    def reference(self) -> str | None:
        """The reference (`env:NAME`, `file:PATH`), which may be shown, or None for a secret given outright."""
        return self._text if self._text.startswith(("env:", "file:")) else None

    def reveal(self) -> str:
        """Return the secret text, following a reference.

        Raises:
            ConfigError: if the variable is not set, or the file cannot be read.

        """
        kind, _, name = self._text.partition(":")
        if self.reference is None:
            return self._text
        if kind == "env":
            value = os.environ.get(name)
            if value is None:
                raise ConfigError(f"secret {self._text}: the environment variable must be set, was not")
            return value
        try:
            with open(os.path.expanduser(name), encoding="utf-8") as file:
                return file.read().rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            # A decoding error carries the bytes it failed on, so it must not be chained.
            raise ConfigError(f"secret {self._text}: the file must be readable, was {type(error).__name__}") from None

    def __repr__(self) -> str:
        return HIDDEN

    __str__ = __repr__

    def __format__(self, format_spec: str) -> str:
        return format(HIDDEN, format_spec)

    def __eq__(self, other: object) -> bool:
        return self._text == other._text if isinstance(other, Secret) else NotImplemented

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __reduce__(self) -> tuple[type[Secret], tuple[str]]:
        return (Secret, (self._text,))
