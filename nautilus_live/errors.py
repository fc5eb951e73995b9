"""Errors, split by whose fault they are.

Whoever catches an error wants to know one thing first: who has to act. So the tree has one branch for each party, and
a caller decides by the branch, never by the text:

    KernelError
      ConfigError             the operator: correct the settings and start again
      ProgrammerError         whoever wrote the calling code: a bug, never retried
        IllegalTransition
      VenueError              the venue broke its side of the contract: stop trusting that answer
        DuplicateClientOrderId
        OverfillError
      WireError               nobody, or the network: the outcome is unknown until somebody asks
        WireTimeout
        UnreadableRecords
      StoreError              the place that keeps our state: what was not written must count as lost

Messages name the rule, the values and the state, and end in ", was X". This module imports nothing of the kernel.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET, Struct, UnsetType

SHOWN_LENGTH_MAX = 120


class KernelError(Exception):
    """Any error the kernel raises on purpose.

    Catch it to keep one failure from taking down its neighbours; raise one of its branches, because an error that
    belongs to nobody helps nobody.

    Raises:
        TypeError: if raised itself rather than as one of its branches.

    """

    def __new__(cls, *args: object) -> KernelError:
        if cls is KernelError:
            raise TypeError("KernelError names no culprit: raise ConfigError, ProgrammerError, VenueError, ...")
        return super().__new__(cls, *args)


class Problem(Struct, frozen=True):
    """One thing that is wrong in a configuration.

    Attributes:
        path: the way to the setting, such as `exec_engine.qsize`; empty where the whole object is meant.
        rule: what would be right, as a phrase: `must be an integer > 0`.
        value: what was found there; unset where nothing was found, or where showing it could give away a secret.
        hint: what was probably meant, as a phrase to close with, or nothing.

    """

    path: str
    rule: str
    value: object | UnsetType = UNSET
    hint: str = ""

    def under(self, parent: str) -> Problem:
        """Return the same problem seen from one level further out."""
        dot = "." if self.path and not self.path.startswith("[") else ""
        path = f"{parent}{dot}{self.path}"
        return Problem(path, self.rule, self.value, self.hint)

    def __str__(self) -> str:
        text = f"{self.path}: {self.rule}" if self.path else self.rule
        if self.value is UNSET:
            return text + self.hint
        return f"{text}, was {_shown(self.value)}{self.hint}"

    def __repr__(self) -> str:
        return f"Problem({str(self)!r})"


def _shown(value: object) -> str:
    if isinstance(value, dict | list | tuple | set | frozenset):
        # Of a container only the kind: somewhere in it may be a password.
        return f"of type {type(value).__name__}"
    text = repr(value)
    return text if len(text) <= SHOWN_LENGTH_MAX else text[: SHOWN_LENGTH_MAX - 3] + "..."


class ConfigError(KernelError, ValueError):
    """The operator's fault: settings that cannot be.

    Prints every problem that was found, one a line, so that one look is enough to correct them all. Also a
    `ValueError`, which is what code written for plain values expects. The caller shows it and stops; trying again
    changes nothing.

    Attributes:
        problems: what is wrong, in the order of the settings.

    """

    def __init__(self, *problems: Problem | str) -> None:
        # The arguments stay as given: this is what pickling calls the class with.
        super().__init__(*problems)
        self.problems = tuple(Problem("", item) if isinstance(item, str) else item for item in problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class ProgrammerError(KernelError):
    """The calling code's fault: it asked for something that cannot be asked.

    The object is left as it was. The caller does not retry; it lets the error rise, or isolates the component that
    raised it.
    """


class IllegalTransition(ProgrammerError):
    """An event was applied to an order whose state does not allow it; the state is unchanged."""


class VenueError(KernelError):
    """The venue's fault: its answer contradicts itself, or what it said before.

    Nothing of the answer has been applied. The caller may ask again, alarm, or set the order or the venue aside; it
    must not pick the half that suits it.
    """


class DuplicateClientOrderId(VenueError):
    """One answer lists several orders under one client order id, so neither can be told from the other."""


class OverfillError(VenueError):
    """The venue reports more filled than was ordered."""


class WireError(KernelError):
    """Nobody's fault, or the network's: no answer, or half of one.

    It proves nothing about what the venue did. The caller treats the outcome as unknown, asks by client order id
    before doing anything else, and never sends an order command a second time blindly.
    """


class UnreadableRecords(WireError):
    """Some records of a list could not be read, such as one with a state that nobody knows: the list is not complete.

    `readable` are the reports of the others, `records` describe those that were not. Who needs a complete list takes
    it for the unanswered question that it is.
    """

    def __init__(self, message: str, readable: Sequence[Any], records: Sequence[str]) -> None:
        super().__init__(message)
        self.readable = list(readable)
        self.records = list(records)


class RequestNotSent(WireError):
    """There was no connection to send a request on: it certainly never left, and nothing was done about it."""


class WireTimeout(WireError):
    """No answer within the time allowed; the request may have been carried out all the same."""


class StoreError(KernelError):
    """The store's fault: state could not be written or read.

    The caller counts everything since the last confirmed write as lost, keeps trading only if its policy says so, and
    never goes on with half of what was loaded.
    """
