"""Whether a venue's word about an order is its last: nothing that was sent before can still arrive, nothing is untrue.

May know: the verbs' names. Only then may a node that was told "not there" be blamed for an order that works.
"""

from __future__ import annotations

from sandbox_venues.profiles import VenueProfile
from scenarios.verbs import Step
from scenarios.verbs_faults import WireFault

HOLDS_NOTHING_UP = (
    "wire.drop", "wire.time_out", "wire.fail_query", "wire.refuse", "wire.throttle", "wire.corrupt",
    "wire.ack_after_fill", "wire.end", "wire.release", "wire.disconnect", "wire.half_open",
)  # fmt: skip
"""What loses, refuses or garbles, but lets nothing arrive late and says nothing untrue."""


def answers_are_final(steps: list[Step], profiles: list[VenueProfile]) -> bool:
    """Return whether an answer about an order can be overtaken by nothing, at none of the venues."""
    return all(_is_harmless(step) for step in steps) and not any(profile.orders_lag_secs for profile in profiles)


def _is_harmless(step: Step) -> bool:
    tag = str(step.__struct_config__.tag)
    on_the_stream = isinstance(step, WireFault) and step.report is not None
    return not tag.startswith("wire.") or tag in HOLDS_NOTHING_UP or on_the_stream


FAIR = (
    "node.start", "strategy.submit", "strategy.submit_list", "strategy.modify", "strategy.cancel",
    "strategy.cancel_all", "strategy.cancel_orders", "strategy.close", "strategy.query", "venue.trade",
    "venue.cancel", "venue.expire", "venue.trigger", "venue.amend", "venue.quote", "venue.deposit", "venue.reject",
    "wire.end",
)  # fmt: skip
"""What happens on a good day: nothing gets lost, late or in the way, and everybody means what he says."""


def is_fair(steps: list[Step]) -> bool:
    """Return whether nothing goes wrong in a scenario."""
    return all(str(step.__struct_config__.tag) in FAIR for step in steps)
