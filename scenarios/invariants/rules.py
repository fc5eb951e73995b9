"""The rules by number and name, and what the checkers may look at.

May know: the kernel's and the venue's public classes. Promises: a violation is told as `invariant NUMBER (NAME): what
was`, so that whoever compares two runs compares what stands before the colon.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from msgspec import Struct, field

from nautilus_live.engine.cache import Cache
from nautilus_live.engine.portfolio import Portfolio
from nautilus_live.model.enums import Provenance
from nautilus_live.model.identifiers import AccountId, InstrumentId
from nautilus_live.model.orders import Order
from nautilus_live.model.reports import ExecutionMassStatus
from sandbox_venues.venue import Venue
from scenarios.invariants.heard import Heard


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
ASKED = Rule(
    5, "asked before concluded", "What a check does rests on answers: enough of them, to questions at their time."
)
QUIET = Rule(5, "news protect", "What was heard a moment ago is newer than any list, which is not held against it.")
HELD = Rule(36, "who is not heard is sent nothing", "No order goes to a venue that is not heard, or not known again.")
CLAIMED = Rule(2, "no fill forgotten", "A fill that came before its order is taken when the order is known.")
NEVER_BACK = Rule(3, "never back to an old leg", "An order keeps the venue order id under which it works at the venue.")
SHARED = Rule(3, "closed is closed", "What somebody else closes at the venue, no strategy keeps.")
STORED = Rule(6, "what was told is stored", "What strategies were told is stored, but for what the buffer may lose.")
BOOKS = Rule(7, "the venue's books balance", "Trades, positions and balances of the venue add up at any time.")
NO_SECRETS = Rule(8, "no secrets", "Nothing that the node logs, stores or shows contains a secret.")
SAME_SEED = Rule(14, "same seed, same run", "The same seed gives the same trace, line by line.")

ALWAYS: tuple[Rule, ...] = (
    LEGAL, CLOSED, NO_FILL_TWICE, NO_FILL_INVENTED, NEVER_FALLS, NEVER_MORE, NO_ORDER_TWICE, CLAIMED,
    NEVER_BACK, SHARED, UNKNOWN, ASKED, QUIET, HELD, STORED, BOOKS, NO_SECRETS,
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


class Limits(Struct, frozen=True, kw_only=True):
    """What a node may send: so many orders (0: any number) in each span, and how much one order may be worth."""

    count: int = 0
    span_ns: int = 0
    notionals: Mapping[InstrumentId, Decimal] = {}


class Calm(Struct, kw_only=True):
    """Everything that the checkers may look at after the storm.

    `spoken_of` are the orders of which this life has told, as its events made them; `arrivals` counts the orders that
    came to the venues. `minds_links` names the strategies that look after linked orders themselves, `minds_dates` those
    that look after good-till dates, `cancels` the orders that steps cancel (None where that cannot be told). `misled`
    is whether a fault says what is untrue, `history_lost` whether the store was lost and a start does not ask for all
    there was, `makes_up` whether the node may make orders up, `hid_open_orders` whether answers may have left out what
    works, `is_steady` whether its clock goes as it should, `way_ns_max` how long a message takes one way at most.
    `held` are the clients through which nothing new goes since they were lost, and why. `problems` is what kept
    somebody from looking. A checker that must leave something out says so in `exempt`: what, and why.
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
    portfolio: Portfolio | None = None
    fair: bool = False
    way_ns_max: int = 0
    refused: int = 0
    held: Mapping[str, str] = {}
    keeps_own_books: bool = False
    snapshots_orders: bool = False
    snapshots_positions: bool = False
    began_ns: int = 0
    misled: bool = False
    makes_up: bool = True
    hid_open_orders: bool = False
    history_lost: bool = False
    is_steady: bool = True
    life_began_ns: int = 0
    spoken_of: Sequence[Order] = ()
    order_purge_ns: int | None = None
    order_buffer_ns: int = 0
    limits: Limits = Limits()
    minds_dates: frozenset[str] = frozenset()
    cancels: frozenset[str] | None = None
    minds_links: frozenset[str] = frozenset()
    arrivals: Mapping[str, int] | None = None
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


def never_prices(view: VenueView) -> bool:
    """Return whether a venue never says at which price anything was filled."""
    return not (view.venue.profile.reports_avg_px or view.venue.profile.reports_fills)


def may_be_unknown(calm: Calm, view: VenueView) -> bool:
    """Return whether a node may be right not to know an order or a position there, after the storm.

    It may where it was told what is untrue, where it began with something that contradicts the venue, where it is to
    make nothing up, and where nobody can tell what anything cost. Everywhere else "I do not know" is no answer.
    """
    stated = view.positions_stated or bool(calm.orders_given) or bool(calm.positions_given)
    return calm.misled or stated or not calm.makes_up or never_prices(view)


def is_uncertain_with_reason(calm: Calm, view: VenueView, instrument_id: InstrumentId) -> bool:
    """Return whether the node says that it does not know a position, and may.

    What is flat, some venues leave out; and a trade of an order that was purged can be booked nowhere.
    """
    profile = view.venue.profile
    is_silent = not (profile.reports_flat_positions and profile.reports_positions is not False)
    return instrument_id in calm.uncertain and (is_silent or calm.purges or may_be_unknown(calm, view))


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
