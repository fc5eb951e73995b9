"""The vocabulary of the campaign: everything that a generated scenario may do, one line each.

A new verb is a function in `trading` or `trouble` and a line here. Whether a seed knows a word at all is decided by a
coin of that word's own, so that a new word leaves the scenarios of seeds that do not get it as they are.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from scenarios.generate import linked, rare, repeated, situations, trading, trouble
from scenarios.generate.sketch import Sketch


class Word(Struct, frozen=True):
    """Something that may happen: in how many of 100 seeds at all, and how often there."""

    name: str
    percent: int
    weight: int
    write: Callable[[Sketch], None]


TRADING = (
    Word("submit", 100, 10, trading.submit),
    Word("submit_market", 40, 3, trading.submit_market),
    Word("submit_conditional", 25, 3, trading.submit_conditional),
    Word("submit_timed", 20, 3, trading.submit_timed),
    Word("burst", 25, 3, trading.burst),
    Word("modify", 45, 4, trading.modify),
    Word("cancel", 60, 5, trading.cancel),
    Word("cancel_all", 20, 2, trading.cancel_all),
    Word("cancel_orders", 12, 3, trading.cancel_orders),
    Word("submit_list", 15, 3, trading.submit_list),
    Word("close", 20, 2, trading.close),
    Word("query", 15, 2, trading.query),
    Word("rest", 40, 2, trading.rest),
    Word("crossing", 10, 6, situations.crossing),
)

CLOCKWORK = Word("minutes", 100, 4, trading.minutes)
"""Where a node tidies up by the minute, minutes pass."""

VENUE = (
    Word("trade", 90, 10, trading.trade),
    Word("venue_cancel", 30, 3, trading.venue_cancel),
    Word("venue_expire", 20, 2, trading.venue_expire),
    Word("venue_trigger", 25, 2, trading.venue_trigger),
    Word("venue_reject", 10, 2, trading.venue_reject),
    Word("venue_amend", 20, 2, trading.venue_amend),
    Word("liquidate", 8, 2, trading.liquidate),
    Word("external_order", 25, 3, trading.external_order),
    Word("set_position", 8, 2, trading.set_position),
    Word("bust", 5, 2, trading.bust),
    Word("correct", 5, 2, trading.correct),
    Word("quote", 35, 4, trading.quote),
    Word("deposit", 6, 1, trading.deposit),
)

TROUBLE = (
    Word("drop", 30, 4, trouble.drop),
    Word("delay", 30, 4, trouble.delay),
    Word("duplicate", 20, 3, trouble.duplicate),
    Word("reorder", 20, 3, trouble.reorder),
    Word("hold", 15, 3, trouble.hold),
    Word("release", 15, 2, trouble.release),
    Word("time_out", 30, 4, trouble.time_out),
    Word("fail_query", 20, 3, trouble.fail_query),
    Word("refuse", 15, 3, trouble.refuse),
    Word("throttle", 12, 2, trouble.throttle),
    Word("corrupt", 12, 2, trouble.corrupt),
    Word("lie", 8, 2, trouble.lie),
    Word("forget", 12, 2, trouble.forget),
    Word("rearrange", 12, 2, trouble.rearrange),
    Word("reuse_id", 6, 2, trouble.reuse_id),
    Word("partial_pages", 12, 2, trouble.partial_pages),
    Word("ack_after_fill", 12, 2, trouble.ack_after_fill),
    Word("unclear", 12, 3, trouble.unclear),
    Word("claim_duplicate", 6, 2, trouble.claim_duplicate),
    Word("coalesce", 8, 2, trouble.coalesce),
    Word("ack_after_cancel", 6, 2, trouble.ack_after_cancel),
    Word("unreadable_record", 5, 2, trouble.unreadable_record),
    Word("rate_limit", 6, 2, trouble.rate_limit),
    Word("reset", 12, 2, trouble.reset),
    Word("refuse_connections", 8, 2, trouble.refuse_connections),
    Word("slow_reader", 5, 2, trouble.slow_reader),
    Word("venue_restart", 8, 2, trouble.venue_restart),
    Word("disconnect", 25, 3, trouble.disconnect),
    Word("half_open", 12, 2, trouble.half_open),
    Word("partition", 18, 2, trouble.partition),
    Word("slow", 15, 2, trouble.slow),
    Word("crash", 40, 4, trouble.crash),
    Word("crash_at_moment", 12, 2, trouble.crash_at_moment),
    Word("crash_and_lose", 5, 2, trouble.crash_and_lose),
    Word("crash_and_lose_tail", 6, 2, trouble.crash_and_lose_tail),
    Word("stop", 18, 2, trouble.stop),
    Word("start", 15, 2, trouble.start),
    Word("pause", 18, 2, trouble.pause),
    Word("store_fail", 8, 2, trouble.store_fail),
    Word("store_slow", 8, 2, trouble.store_slow),
    Word("store_full", 5, 2, trouble.store_full),
    Word("store_disconnect", 5, 2, trouble.store_disconnect),
    Word("clock_drift", 6, 2, trouble.clock_drift),
    Word("clock_jump", 10, 2, trouble.clock_jump),
    Word("clock_skew", 8, 2, trouble.clock_skew),
)

SITUATIONS = (
    Word("guessed_fill", 6, 12, situations.guessed_fill),
    Word("old_leg_last", 5, 12, situations.old_leg_last),
    Word("list_fails", 5, 12, situations.list_fails),
    Word("left_out_and_silent", 4, 12, situations.left_out_and_silent),
    Word("lists_behind", 5, 12, situations.lists_behind),
    Word("lost_amend", 5, 12, situations.lost_amend),
    Word("outsider_closes", 5, 12, situations.outsider_closes),
    Word("untold_position", 6, 12, situations.untold_position),
    Word("fill_by_another_name", 5, 12, situations.fill_by_another_name),
    Word("gone_astray", 5, 12, situations.gone_astray),
)
"""What is drawn as a whole, because its parts seldom meet; where a seed knows such a word, it is spoken often."""

LINKED = (
    Word("bracket", 4, 12, linked.bracket),
    Word("linked_list", 3, 12, linked.linked_list),
    Word("emulated", 4, 12, linked.emulated),
    Word("trailing", 2, 12, linked.trailing),
    Word("worked", 2, 12, linked.worked),
    Word("elsewhere", 3, 12, linked.elsewhere),
)
"""Orders that hang together or are held by the node; the same."""

RARE = (
    Word("unanswered", 5, 12, rare.unanswered),
    Word("told_by_totals", 2, 12, rare.told_by_totals),
    Word("known_but_unmoved", 2, 12, rare.known_but_unmoved),
    Word("after_it_was_forgotten", 1, 12, rare.after_it_was_forgotten),
    Word("history_too_short", 1, 12, rare.history_too_short),
    Word("book_with_gaps", 3, 12, rare.book_with_gaps),
)
"""What needs much to come together; the same."""

REPEATED = (
    Word("many_missing", 1, 1, repeated.many_missing),
    Word("comes_and_goes", 1, 1, repeated.comes_and_goes),
    Word("changes_its_mind", 1, 1, repeated.changes_its_mind),
    Word("works_after_all", 1, 1, repeated.works_after_all),
    Word("left_pending", 1, 1, repeated.left_pending),
    Word("never_right", 1, 1, repeated.never_right),
    Word("impossible_fill", 1, 1, repeated.impossible_fill),
    Word("two_prices", 1, 1, repeated.two_prices),
    Word("minutes_later", 1, 1, repeated.minutes_later),
)
"""What comes again, or in numbers: a seed that knows such a word begins with it, and says it once."""
