"""Ids of spreads that say what they are of: `(1)ESM4___((2))ESU4.GLBX` is one ESM4 for two ESU4 the other way.

Each leg is its ratio, in double brackets if it is sold where the spread is bought, and its symbol; the legs are of one
venue. Legs are sorted by symbol, so that one spread has one id.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from nautilus_live.model.identifiers import InstrumentId

GENERIC_SPREAD_ID_SEPARATOR = "___"

_LEG = re.compile(r"\((?:(\d+)|\((\d+)\))\)(.+)")

Leg = tuple[InstrumentId, int]


def new_generic_spread_id(instrument_ratios: Sequence[Leg]) -> InstrumentId:
    """Return the id of the spread of those legs, each with how many of it are bought; negative: sold.

    Raises:
        ValueError: if there are fewer than two, a ratio is zero, or the legs are of several venues.

    """
    if len(instrument_ratios) < 2:
        raise ValueError(f"a spread must have two legs or more, was {instrument_ratios}")
    venues = list(dict.fromkeys(leg.venue for leg, _ in instrument_ratios))
    if len(venues) > 1:
        raise ValueError(f"the legs of a spread must be of one venue, were of {', '.join(map(str, venues))}")
    if any(ratio == 0 for _, ratio in instrument_ratios):
        raise ValueError(f"the ratio of a leg must not be 0, was {instrument_ratios}")
    legs = sorted(instrument_ratios, key=lambda leg: leg[0].symbol.value)
    texts = [f"{f'({ratio})' if ratio > 0 else f'(({-ratio}))'}{leg.symbol}" for leg, ratio in legs]
    return InstrumentId.from_str(f"{GENERIC_SPREAD_ID_SEPARATOR.join(texts)}.{venues[0]}")


def is_generic_spread_id(instrument_id: InstrumentId) -> bool:
    """Return whether an id names several legs."""
    return GENERIC_SPREAD_ID_SEPARATOR in instrument_id.symbol.value


def generic_spread_id_to_list(instrument_id: InstrumentId) -> list[Leg]:
    """Return the legs that an id names, each with its ratio.

    Raises:
        ValueError: if it names none.

    """
    legs: list[Leg] = []
    for part in instrument_id.symbol.value.split(GENERIC_SPREAD_ID_SEPARATOR):
        match = _LEG.fullmatch(part)
        if match is None:
            raise ValueError(f"{instrument_id}: a leg must be written (1)SYMBOL or ((1))SYMBOL, was {part!r}")
        ratio = int(match[1]) if match[1] else -int(match[2])
        legs.append((InstrumentId.from_str(f"{match[3]}.{instrument_id.venue}"), ratio))
    return legs


def generic_spread_id_n_legs(instrument_id: InstrumentId) -> int:
    """Return how many contracts one of the spread is, all ratios together; 1 for what is no spread."""
    if not instrument_id.symbol.value.startswith("("):
        if is_generic_spread_id(instrument_id):
            generic_spread_id_to_list(instrument_id)  # says what is wrong with it
        return 1
    return sum(abs(ratio) for _, ratio in generic_spread_id_to_list(instrument_id))
