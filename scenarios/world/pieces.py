"""What is under way on a connection in memory: bytes and marks, toward one of its two ends."""

from __future__ import annotations

import math
from enum import Enum


class Side(Enum):
    """The two ends of a connection."""

    CLIENT = "client"
    SERVER = "server"


class Mark(Enum):
    """What can be under way besides bytes."""

    OPEN = "open"  # the answer to a connect
    FIN = "fin"
    RESET = "reset"


class Piece:
    """Bytes or a mark under way to one end."""

    __slots__ = ("arrival_s", "chunks", "mark")

    def __init__(self, chunks: list[bytes], mark: Mark | None) -> None:
        self.arrival_s = math.inf  # while it is held
        self.chunks = chunks
        self.mark = mark
