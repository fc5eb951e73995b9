"""The rules by number and name, and what the checkers may look at.

May know: the kernel's and the venue's public classes. Promises: a violation is told as `invariant NUMBER (NAME): what
was`, so that whoever compares two runs compares what stands before the colon.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from nautilus_live.engine.cache import Cache
from nautilus_live.model.enums import Provenance
from nautilus_live.model.identifiers import AccountId, InstrumentId
from nautilus_live.model.reports import ExecutionMassStatus
from sandbox_venues.venue import Venue

if TYPE_CHECKING:
    from scenarios.invariants.inside import Heard


class Rule(Struct, frozen=True):
    """Something that holds in every run: its number in DESIGN.md (section 6), its name, the rule in words."""

    number: int
    name: str
    rule: str

    def broken(self, text: str) -> str:
        """Return how a violation is told."""
        return f"{self}: {text}"

    def __str__(self) -> str:
        return f"invariant {self.number} ({self.name})"


LEGAL = Rule(1, "every event is legal", "An event that is published is legal for the order it is about.")
CLOSED = Rule(1, "closed stays closed", "A closed order is opened again by nothing but what a venue said.")
NO_FILL_TWICE = Rule(2, "no fill twice", "No trade is applied twice, nor to two orders.")
NO_FILL_INVENTED = Rule(
    2, "no fill invented", "The fills of an order, real ones and inferred ones together, never exceed the venue's."
)
NEVER_FALLS = Rule(3, "filled never falls", "A filled quantity falls only where a venue took a trade back.")
NEVER_MORE = Rule(3, "never more than ordered", "Filled exceeds ordered only where the venue has filled as much.")
NO_ORDER_TWICE = Rule(4, "no order twice", "No order is sent twice, none under an id that was used.")
UNKNOWN = Rule(
    5, "unknown changes nothing", "Nothing is concluded from silence: a venue has answered a list since the last news."
)
CLAIMED = Rule(2, "no fill forgotten", "A fill that came before its order is taken when the order is known.")
NEVER_BACK = Rule(3, "never back to an old leg", "An order keeps the venue order id under which it works at the venue.")
SHARED = Rule(3, "closed is closed", "What somebody else closes at the venue, no strategy keeps.")
STORED = Rule(6, "what was told is stored", "What strategies were told is stored, but for what the buffer may lose.")
BOOKS = Rule(7, "the venue's books balance", "Trades, positions and balances of the venue add up at any time.")
NO_SECRETS = Rule(8, "no secrets", "Nothing that the node logs, stores or shows contains a secret.")
SAME_SEED = Rule(14, "same seed, same run", "The same seed gives the same trace, line by line.")

ALWAYS: tuple[Rule, ...] = (
    LEGAL, CLOSED, NO_FILL_TWICE, NO_FILL_INVENTED, NEVER_FALLS, NEVER_MORE, NO_ORDER_TWICE, CLAIMED,
    NEVER_BACK, SHARED, UNKNOWN, STORED, BOOKS, NO_SECRETS,
)  # fmt: skip
"""What is held all the time: (1) to (5) at every event, (6) whenever a life of the node ends and after the storm, (7)
after steps and after the storm, (8) over everything that was written, when the run is over."""


class VenueView(Struct, kw_only=True):
    """One venue as the checkers see it: its true books, and what it answers at the front door after the storm."""

    name: str
    venue: Venue
    account_id: AccountId
    mass_status: ExecutionMassStatus | None = None
    positions_stated: bool = False


class Calm(Struct, kw_only=True):
    """Everything that the checkers may look at after the storm.

    `problems` is what kept somebody from looking. A checker that must leave something out says so in `exempt`: what,
    and why.
    """

    cache: Cache
    reloaded: Cache | None
    venues: list[VenueView]
    policy: Callable[[AccountId], Any]
    now_ns: int
    uncertain: frozenset[InstrumentId] = frozenset()
    quarantined: frozenset[str] = frozenset()
    doubted: tuple[str, ...] = ()
    filtered: frozenset[str] = frozenset()
    instruments: frozenset[InstrumentId] = frozenset()
    ignores_external: bool = False
    ignores_positions: bool = False
    purges: bool = False
    positions_given: frozenset[InstrumentId] = frozenset()
    orders_given: frozenset[str] = frozenset()
    heard: Heard | None = None
    fair: bool = False
    refused: int = 0
    keeps_own_books: bool = False
    snapshots_orders: bool = False
    snapshots_positions: bool = False
    began_ns: int = 0
    problems: list[str] = field(default_factory=list)
    exempt: list[str] = field(default_factory=list)

    def is_watched(self, instrument_id: InstrumentId) -> bool:
        """Return whether the node reconciles that instrument; noted as exempt where it is set not to."""
        if not self.instruments or instrument_id in self.instruments:
            return True
        self.leave_out(f"{instrument_id}: reconciliation_instrument_ids leaves it out")
        return False

    def leave_out(self, text: str) -> None:
        """Note what is not asked, and why."""
        if text not in self.exempt:
            self.exempt.append(text)


class Verdict(Struct, frozen=True, kw_only=True):
    """What became of a rule in one run: `held` is None where nobody asked; `exempt` says what was left out, and why.

    A rule of a user's own has no number.
    """

    name: str
    number: int | None = None
    held: bool | None = None
    exempt: tuple[str, ...] = ()

    def __str__(self) -> str:
        word = {True: "held", False: "VIOLATED", None: "not asked"}[self.held]
        number = "" if self.number is None else f"({self.number}) "
        return f"{number}{self.name}: {word}" + (f"; left out: {'; '.join(self.exempt)}" if self.exempt else "")


def is_venue_word(provenance: Provenance) -> bool:
    """Return whether an event of that provenance rests on what a venue said."""
    return provenance not in (Provenance.LOCAL, Provenance.POLICY)
