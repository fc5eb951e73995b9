"""What is wrong with a scenario file, and how it is told.

A problem names the file, the path inside it (`$.steps[2].quantiy`), the rule and the value; a file's problems are
told all at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence


class ScenarioError(ValueError):
    """A scenario file, or something it asks for, that cannot be.

    Attributes:
        problems: one text each, in the order of the file.
        origin: the file's name, empty for a scenario that was made in memory.

    """

    def __init__(self, problems: Sequence[str], origin: str = "") -> None:
        super().__init__(problems, origin)
        self.problems = tuple(problems)
        self.origin = origin

    def __str__(self) -> str:
        prefix = f"{self.origin}: " if self.origin else ""
        return "\n".join(prefix + problem for problem in self.problems)


class NotSupported(ScenarioError):
    """A well-formed scenario asks for what cannot be done here; that is never left out in silence."""

    def __init__(self, problem: str) -> None:
        super().__init__([problem])


def nearest(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean X?` for the known word that `word` resembles most, or nothing."""
    import difflib  # Only ever needed on the way to an error.

    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {found[0]!r}?" if found else ""
