"""The entropy port: where a node's randomness comes from.

A `random.Random` is one too (simulations give a named, seeded stream); production asks the operating system. Nothing
else in the kernel draws a random number.
"""

from __future__ import annotations

import os
from typing import Protocol


class Entropy(Protocol):
    """A source of random bytes."""

    def randbytes(self, n: int, /) -> bytes:
        """Return `n` random bytes."""
        ...


class SystemEntropy:
    """The operating system's randomness."""

    __slots__ = ()

    def randbytes(self, n: int, /) -> bytes:
        """Return `n` random bytes."""
        return os.urandom(n)  # sim-ok: the production source of the Entropy port; simulations bring a seeded one


def uuid4_text(entropy: Entropy) -> str:
    """Return a random (version 4) UUID as text."""
    number = bytearray(entropy.randbytes(16))
    number[6] = number[6] & 0x0F | 0x40
    number[8] = number[8] & 0x3F | 0x80
    text = number.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
