"""Topics that are made of an id: each is written out once, not per event.

Knows ids. Promises no more than a dictionary: what is looked up is the stem and the id. A strategy is looked up by its
id's text, which Python hashes once; an id itself is hashed anew each time.
"""

from __future__ import annotations

from nautilus_live.model.identifiers import InstrumentId


class Topics(dict[str | InstrumentId, str]):
    """The topics that begin with `stem`, by id."""

    def __init__(self, stem: str) -> None:
        self._stem = stem

    def __missing__(self, key: str | InstrumentId) -> str:
        topic = self[key] = f"{self._stem}{key}"
        return topic
