"""Named random streams: a new draw in one part does not shift another's.

May know: hashing and `random.Random`. A stream is a function of the seed and its label, in any order of asking, on
any Python and under any PYTHONHASHSEED.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from contextlib import contextmanager


class Entropy:
    """All randomness of one run: `entropy.stream("network:/sim/binance").random()`."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._streams: dict[str, random.Random] = {}

    def stream(self, label: str) -> random.Random:
        """The stream of that name; asked again, the same object goes on where it was."""
        stream = self._streams.get(label)
        if stream is None:
            stream = self._streams[label] = random.Random(stream_seed(self.seed, label))
        return stream


def stream_seed(seed: int, label: str) -> int:
    """The number a stream starts from."""
    return int.from_bytes(hashlib.blake2b(f"{seed}:{label}".encode(), digest_size=16).digest(), "big")


@contextmanager
def seeded_global_random(seed: int) -> Iterator[None]:
    """Seed the module-level `random` for dependencies that draw from it (retry jitter), and put it back after."""
    state = random.getstate()
    random.seed(stream_seed(seed, "global random"))  # sim-ok: seeding it is this function's purpose
    try:
        yield
    finally:
        random.setstate(state)
