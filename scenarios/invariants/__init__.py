"""What must hold in every run, mentioned in no scenario file.

The checkers look from outside: at what the node published, what its cache and its store hold, and at the venue's true
books. Nothing here asks the node whether it is well. Each rule has the number it has in DESIGN.md, section 6.

`ALWAYS` are held while a run goes on (by `scenarios/watch.py` and the stage), `EVENTUALLY` after the storm (by
`scenarios/calm.py`); (14), same seed same run, by whoever runs a scenario twice. `invariant` makes rules of one's own.
"""

from scenarios.invariants import facts, holdings, inside, links  # noqa: F401  # being imported registers their rules
from scenarios.invariants.eventually import AVERAGE_TOLERANCE, EVENTUALLY, Invariant, check_eventually
from scenarios.invariants.heard import Heard
from scenarios.invariants.own import OwnInvariant, invariant, load_own, own_in
from scenarios.invariants.rules import ALWAYS, SAME_SEED, Calm, Rule, VenueView, Verdict, is_venue_word
from scenarios.invariants.views import Belief, Truth

__all__ = [
    "ALWAYS",
    "AVERAGE_TOLERANCE",
    "EVENTUALLY",
    "SAME_SEED",
    "Belief",
    "Calm",
    "Heard",
    "Invariant",
    "OwnInvariant",
    "Rule",
    "Truth",
    "VenueView",
    "Verdict",
    "check_eventually",
    "invariant",
    "is_venue_word",
    "load_own",
    "own_in",
]
