"""The verbs that break things, each in a whole run: what the node makes of it, and what is refused by name."""

from __future__ import annotations

import pytest

from scenarios.format import load_text
from scenarios.run import Result, run

START = 'at = "0s", do = "node.start"'
SUBMIT = 'at = "1s", do = "strategy.submit", order = "O-1", side = "BUY", quantity = "1.000", price = "50000.00"'
CANCEL = 'at = "3s", do = "strategy.cancel", order = "O-1"'
FILL = 'at = "2s", do = "venue.trade", order = "O-1", quantity = "1.000", trade = "T-1"'
ACCEPTED = ["OrderSubmitted O-1", "OrderAccepted O-1"]
FILLED = [*ACCEPTED, "OrderFilled O-1 1.000 @ 50000.00 T-1"]
FOUND = "OrderAccepted O-1 from reconciliation"
DOUBTED = "OrderSubmitted O-1 from reconciliation"


def result_of(*steps: str, tables: str = "", by: str = "20s", seed: int = 0) -> Result:
    lines = "".join(f"  {{ {step} }},\n" for step in steps)
    expect = "" if "[expect]" in tables else f'[expect]\nby = "{by}"\nnode = "RUNNING"\n'
    return run(load_text(f'title = "t"\nstory = "s"\nsteps = [\n{lines}]\n{tables}\n{expect}'), seed=seed)


def events_of(*steps: str, **options: str) -> list[str]:
    result = result_of(*steps, **options)  # type: ignore[arg-type]  # a seed is never among them
    assert result.passed, result.failures
    return result.event_lines


# -- the process
# ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "events"),
    [
        ('moment = "before_write"', []),  # nothing was written, so nobody remembers the order (FIELD G10)
        ('moment = "after_write"', [DOUBTED]),  # written as a wish; whether it was sent, nobody wrote down
        ('moment = "before_send", message = "submit"', [DOUBTED]),
        ('moment = "after_send", message = "submit"', [FOUND]),
        ('moment = "before_receive", message = "ack"', ["OrderSubmitted O-1", FOUND]),
        ('moment = "before_receive", message = "submit"', ["OrderSubmitted O-1", FOUND]),
        ('moment = "before_write", message = "ack"', ["OrderSubmitted O-1", FOUND]),
        ('moment = "after_write", message = "ack"', ["OrderSubmitted O-1"]),  # what was told to nobody was stored
    ],
)
def test_the_node_dies_at_a_moment_and_agrees_with_the_venue_afterwards(moment: str, events: list[str]) -> None:
    crash = f'at = "0.5s", do = "node.crash", order = "O-1", restart = "2s", {moment}'
    result = result_of(START, crash, SUBMIT)

    assert result.passed, result.failures
    assert any("fault node.crash after" in line for line in result.trace)
    assert any("the node is started again" in line for line in result.trace)
    assert result.event_lines == events


def test_a_fill_that_was_received_and_not_written_is_found_again() -> None:
    crash = 'at = "1.5s", do = "node.crash", moment = "before_write", message = "fill", restart = "1s"'
    result = result_of(START, SUBMIT, crash, FILL)

    assert result.passed, result.failures
    assert result.event_lines == [*ACCEPTED, "OrderFilled O-1 1.000 @ 50000.00 T-1 from reconciliation"]


def test_a_moment_of_another_order_is_not_meant() -> None:
    crash = 'at = "0.5s", do = "node.crash", moment = "after_send", order = "O-10"'

    assert events_of(START, crash, SUBMIT) == ACCEPTED


def test_moments_can_be_let_pass() -> None:
    crash = 'at = "0.5s", do = "node.crash", moment = "before_send", message = "*", skip = 1, restart = "1s"'
    result = result_of(START, crash, SUBMIT, CANCEL.replace("3s", "2s"))

    assert result.passed, result.failures
    assert result.event_lines == [*ACCEPTED, "OrderPendingCancel O-1", FOUND]


def test_the_node_dies_after_so_many_callbacks() -> None:
    crash = 'at = "0s", do = "node.crash", callbacks = 40, restart = "1s"'
    result = result_of(START, crash, SUBMIT.replace("1s", "5s"))

    assert result.passed, result.failures
    assert any(line.endswith("fault node.crash after 40 callbacks") for line in result.trace)
    assert result.event_lines == ACCEPTED


def test_a_crash_that_has_not_come_when_the_storm_is_over_never_comes() -> None:
    steps = [f'at = "0s", do = "node.crash", callbacks = {count}' for count in (300, 400, 500, 600, 700, 800)]
    moment = 'at = "0s", do = "node.crash", moment = "before_send", message = "cancel"'
    result = result_of(START, *steps, moment, by="0.5s", tables="[node]\nopen_check_interval_secs = 2.0\n")

    assert result.passed, result.failures


@pytest.mark.parametrize("how", ["stop", "crash"])
def test_the_node_is_restarted(how: str) -> None:
    result = result_of(START, SUBMIT, f'at = "2s", do = "node.restart", how = "{how}", after = "3s"')

    assert result.passed, result.failures
    (line,) = [line for line in result.trace if "the node is started again" in line]
    # A kill is at once; an orderly stop first waits for what is left to arrive.
    assert float(line.split()[0]) == pytest.approx(5.0) if how == "crash" else float(line.split()[0]) > 5.0
    assert result.event_lines == ACCEPTED


def test_a_pause_ends_by_itself() -> None:
    events = events_of(START, SUBMIT, 'at = "1.5s", do = "node.pause", lasts = "4s"', FILL)

    assert events == FILLED


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        ('do = "node.crash", moment = "after_send", callbacks = 3', "at most one of moment and callbacks"),
        ('do = "node.crash", order = "O-1"', "needs a moment where it has message, order or skip"),
        ('do = "clock.drift", by = "1ms", per = "0s"', "per must be more than no time at all"),
        ('do = "wire.misname", order = "O-1"', "must have client_order or venue_order"),
    ],
)
def test_what_makes_no_sense_is_refused_before_it_runs(step: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        result_of(START, f'at = "1s", {step}')


# -- the store
# ----------------------------------------------------------------------------------------------------------------


def test_on_a_full_disk_no_order_is_sent() -> None:
    (denied,) = events_of(START, 'at = "0.5s", do = "store.full", lasts = "2s"', SUBMIT)

    assert denied.startswith("OrderDenied O-1 (the store must have an order before it is sent")


def test_the_store_cut_off_and_back_misses_nothing() -> None:
    cut = 'at = "1.5s", do = "store.disconnect", lasts = "3s"'

    assert events_of(START, SUBMIT, cut, FILL, 'at = "8s", do = "node.restart", how = "crash"') == FILLED


def test_writes_repeated_after_lost_answers_count_once() -> None:
    """FIELD G6."""
    cut = 'at = "1.5s", do = "store.disconnect", lasts = "3s", answer_lost = true'
    expect = '[expect]\nby = "20s"\nposition = { BTCUSDT = "LONG 1.000 @ 50000.00" }'

    assert events_of(START, SUBMIT, cut, FILL, 'at = "8s", do = "node.restart", how = "crash"', tables=expect) == FILLED


def test_a_lost_tail_is_found_at_the_venue() -> None:
    crash = 'at = "3s", do = "node.crash"'
    lose = 'at = "3s", do = "store.lose_tail", last = "1.5s"'
    events = events_of(START, SUBMIT, FILL, crash, lose, 'at = "4s", do = "node.start"')

    assert events == [*FILLED, "OrderFilled O-1 1.000 @ 50000.00 T-1 from reconciliation"]


def test_the_tail_may_be_that_of_a_life_that_never_came_up() -> None:
    """What it told was in its buffer until it failed, and is in the tail by that: later than it was told."""
    crash = 'at = "3s", do = "node.crash"'
    fails = 'at = "3.5s", do = "wire.fail_query", request = "query.positions", lasts = "3s"'
    late = 'at = "4s10ms", do = "venue.trade", order = "O-1", quantity = "1.000"'
    lose = 'at = "6s", do = "store.lose_tail", last = "1.95s"'
    life = 'at = "4s", do = "node.start"'
    tables = "[node]\nbuffer_interval_ms = 900\ntimeout_reconciliation = 1.0"
    events = events_of(START, SUBMIT, crash, fails, life, late, lose, 'at = "8s", do = "node.start"', tables=tables)

    assert events[-1] == "OrderFilled O-1 1.000 @ 50000.00 T-1 from reconciliation"


def test_with_a_damaged_record_the_node_does_not_start() -> None:
    damage = 'at = "3s", do = "store.corrupt", key = "*orders*"'
    result = result_of(
        START, SUBMIT, 'at = "2s", do = "node.crash"', damage, 'at = "4s", do = "node.start"',
        tables='[expect]\nby = "9s"\nnode = "FAILED"\nstarted = false',
    )  # fmt: skip

    assert result.passed, result.failures
    assert any("cannot be rebuilt" in line for line in result.trace)


def test_a_record_that_is_not_there_cannot_be_damaged() -> None:
    result = result_of(START, 'at = "1s", do = "store.corrupt", key = "nothing*"')

    assert result.failures == ["steps[1]: store.corrupt: a record to corrupt must be there, was none under 'nothing*'"]


# -- the clock
# ----------------------------------------------------------------------------------------------------------------


def node_clock(result: Result) -> list[int]:
    """The start of the lookback that the node asked for, which shows its clock; in seconds."""
    found = [line.partition("start_ns=")[2].split()[0] for line in result.trace if "start_ns=" in line]
    return [int(text) // 1_000_000_000 for text in found]


def test_a_drifting_clock_drifts_on_through_a_restart() -> None:
    drift = 'at = "1s", do = "clock.drift", by = "-1s", per = "1s"'
    tables = "[node]\nreconciliation_lookback_mins = 60\n"
    steps = (START, drift, 'at = "3s", do = "node.restart", how = "crash", after = "2s"')
    straight = node_clock(result_of(START, steps[2], tables=tables))
    wrong = node_clock(result_of(*steps, tables=tables))

    # Down at 3 s, up at 5 s: four seconds of drift, and the clock that stood still all the time shows them.
    assert straight[2] - wrong[2] == 4


def test_a_stale_signature_is_refused_and_cured_by_a_better_clock() -> None:
    """FIELD A8, H7."""
    tables = '[venue]\nprofile = "signed"\n'
    events = events_of(
        START, 'at = "0.5s", do = "clock.jump", by = "-6s"', SUBMIT, 'at = "2s", do = "clock.jump", by = "6s"',
        SUBMIT.replace("1s", "3s").replace("O-1", "O-2"), tables=tables,
    )  # fmt: skip

    assert events[1].startswith("OrderRejected O-1 (-1021: a timestamp must be within 5.0 s")
    assert events[2:] == ["OrderSubmitted O-2", "OrderAccepted O-2"]


# -- connections
# ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        'do = "wire.reset"',
        'do = "wire.disconnect", lasts = "2s"',
        'do = "venue.restart", lasts = "2s"',
        'do = "venue.restart", lasts = "2s", requests = "lost"',
        'do = "wire.partition", lasts = "2s", toward = "client"',
        'do = "wire.partition", lasts = "2s", toward = "server"',
    ],
)
def test_after_an_outage_node_and_venue_agree(fault: str) -> None:
    expect = '[expect]\nby = "30s"\norders = { O-1 = "FILLED" }\nposition = { BTCUSDT = "LONG 1.000 @ 50000.00" }'
    result = result_of(START, SUBMIT, f'at = "1.9s", {fault}', FILL, 'at = "20s", do = "node.restart"', tables=expect)

    assert result.passed, result.failures


def test_connections_are_refused_and_the_stream_goes_on() -> None:
    assert events_of(START, SUBMIT, 'at = "1.5s", do = "wire.refuse_connections", lasts = "5s"', FILL) == FILLED


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        ('do = "wire.truncate"', "wire.truncate: transport `direct` carries messages and no bytes"),
        ('do = "wire.slow_reader", bytes_per_s = 9', "wire.slow_reader: transport `direct` carries messages"),
        ('do = "wire.half_open", toward = "server"', "wire.half_open: on transport `direct` only what goes toward"),
    ],
)
def test_what_a_transport_cannot_express_is_refused_by_name(fault: str, problem: str) -> None:
    result = result_of(START, f'at = "1s", {fault}')

    assert problem in result.failures[0]


# -- messages
# ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", ["before", "after"])
def test_the_twins_of_an_unclear_answer_look_the_same_and_end_differently(side: str) -> None:
    """FIELD A9, A12."""
    fault = f'at = "0.5s", do = "wire.unclear", request = "submit", side = "{side}"'
    events = events_of(START, fault, SUBMIT, by="20s")

    assert events == (["OrderSubmitted O-1"] if side == "before" else ACCEPTED)


def test_a_claim_of_a_duplicate_rejects_nothing() -> None:
    """FIELD A7, C9."""
    late = 'at = "0.5s", do = "wire.delay", report = "ack", by = "300ms"'

    assert events_of(START, 'at = "0.5s", do = "wire.claim_duplicate"', late, SUBMIT) == ACCEPTED


def test_an_answer_about_another_order_proves_nothing() -> None:
    other = SUBMIT.replace("1s", "2s").replace("O-1", "O-2")
    fault = 'at = "1.5s", do = "wire.misname", answer = "submit", client_order = "O-1", venue_order = "V-1"'
    silent = 'at = "1.5s", do = "wire.delay", report = "ack", by = "100ms"'
    result = result_of(START, SUBMIT, fault, silent, other)

    assert result.passed, result.failures
    assert result.event_lines == [*ACCEPTED, "OrderSubmitted O-2", "OrderAccepted O-2"]
    assert any("submit O-2: outcome unknown: the answer is about O-1" in line for line in result.trace)


def test_a_cancellation_under_the_id_of_the_cancel_request_is_ours() -> None:
    """FIELD C16."""
    fault = 'at = "2s", do = "wire.misname", report = "cancel", client_order = "cancel-77"'
    events = events_of(START, SUBMIT, fault, 'at = "2s", do = "wire.drop", answer = "cancel"', CANCEL, by="4s")

    assert events == [*ACCEPTED, "OrderPendingCancel O-1", "OrderCanceled O-1 from reconciliation"]


def test_a_burst_in_one_tick_is_as_many_events() -> None:
    """FIELD B7."""
    burst = 'at = "1.5s", do = "wire.coalesce", report = "fill", count = 3'
    fills = [
        f'at = "{2 + number}s", do = "venue.trade", order = "O-1", quantity = "{quantity}", trade = "T-{number}"'
        for number, quantity in ((1, "0.100"), (2, "0.200"), (3, "0.700"))
    ]
    events = events_of(START, SUBMIT, burst, *fills)

    assert events[2:] == [
        "OrderFilled O-1 0.100 @ 50000.00 T-1",
        "OrderFilled O-1 0.200 @ 50000.00 T-2",
        "OrderFilled O-1 0.700 @ 50000.00 T-3",
    ]


def test_an_order_is_acknowledged_after_it_was_canceled() -> None:
    steps = ('at = "0.5s", do = "wire.ack_after_cancel"', 'at = "0.5s", do = "wire.drop", answer = "submit"')
    result = result_of(START, *steps, SUBMIT, CANCEL, tables='[expect]\nby = "9s"\norders = { O-1 = "CANCELED" }')

    assert result.passed, result.failures


def test_a_ban_turns_commands_away_and_the_order_stays_as_it_is() -> None:
    """FIELD H6."""
    limit = 'at = "0.5s", do = "wire.rate_limit", requests = 1, per = "10s", ban_after = 1, ban = "5s"'
    events = events_of(START, limit, SUBMIT, CANCEL, by="5s")

    assert events == [
        *ACCEPTED,
        "OrderPendingCancel O-1",
        "OrderCancelRejected O-1 (418: banned, retry after 5.0 s)",
    ]


@pytest.mark.parametrize(("answer", "end"), [("query.orders", "succeeded"), ("query.fills", "failed")])
def test_a_record_that_cannot_be_read_is_left_out_of_the_orders_and_makes_the_trades_unknown(
    answer: str, end: str
) -> None:
    """FIELD F19."""
    unreadable = f'at = "3s", do = "wire.unreadable_record", order = "O-1", answer = "{answer}"'
    result = result_of(
        START, SUBMIT, FILL, unreadable, 'at = "4s", do = "node.restart"',
        tables=f'[expect]\nby = "20s"\nreconciliation = "{end}"\norders = {{ O-1 = "FILLED" }}',
    )  # fmt: skip

    assert result.passed, result.failures


# -- the venue
# ----------------------------------------------------------------------------------------------------------------


def test_a_trade_is_corrected_and_a_void_may_come_before_its_fill() -> None:
    """FIELD C17."""
    hold = 'at = "1.5s", do = "wire.hold", report = "fill", name = "kept"'
    steps = (START, SUBMIT, hold, FILL, 'at = "3s", do = "venue.bust", trade = "T-1"')
    result = result_of(
        *steps, 'at = "4s", do = "wire.release", name = "kept"',
        tables='[expect]\nby = "9s"\nposition = { BTCUSDT = "FLAT" }',
    )  # fmt: skip
    assert result.passed, result.failures

    corrected = 'at = "3s", do = "venue.correct", trade = "T-1", price = "49000.00", as_trade = "T-1b"'
    expect = '[expect]\nby = "9s"\nposition = { BTCUSDT = "LONG 1.000 @ 49000.00" }'
    result = result_of(START, SUBMIT, FILL, corrected, tables=expect)
    assert result.passed, result.failures


def test_an_order_that_comes_can_be_refused_and_the_rest_of_its_list_is_not() -> None:
    """FIELD I7."""
    orders = ", ".join(
        f'{{ order = "O-{number}", side = "BUY", quantity = "1.000", price = "50000.00" }}' for number in (1, 2, 3)
    )
    refuse = 'at = "0.5s", do = "venue.reject", order = "O-2", reason = "too many"'
    cancel = 'at = "2s", do = "strategy.cancel_orders", orders = ["O-1", "O-3"]'
    events = events_of(START, refuse, f'at = "1s", do = "strategy.submit_list", orders = [{orders}]', cancel)

    assert sorted(events[3:6]) == ["OrderAccepted O-1", "OrderAccepted O-3", "OrderRejected O-2 (too many)"]
    assert sorted(events[-2:]) == ["OrderCanceled O-1", "OrderCanceled O-3"]


def test_a_bracket_is_submitted_whole() -> None:
    bracket = (
        'at = "1s", do = "strategy.bracket", order = "B", side = "BUY", quantity = "1.000", price = "50000.00", '
        'stop = "49000.00", target = "51000.00"'
    )
    events = events_of(START, bracket)

    assert events[:3] == ["OrderSubmitted B", "OrderSubmitted B-SL", "OrderSubmitted B-TP"]


def test_money_comes_and_goes() -> None:
    result = result_of(START, 'at = "1s", do = "venue.deposit", amount = "-12.50 USDT"')

    assert result.passed, result.failures
    assert any("AccountState SIM-001 999987.50" in line for line in result.trace)


def test_a_strategy_subscribes_while_it_runs() -> None:
    subscribe = 'at = "1s", do = "strategy.subscribe", what = "trades"'
    off = 'at = "3s", do = "strategy.subscribe", what = "trades", off = true'
    result = result_of(START, SUBMIT, subscribe, FILL, off)

    assert result.passed, result.failures
    assert sum("stream trade" in line for line in result.trace) == 1


# -- two accounts
# ----------------------------------------------------------------------------------------------------------------


def test_two_accounts_at_one_venue_are_kept_apart() -> None:
    """FIELD F23."""
    second = SUBMIT.replace('"O-1"', '"O-2"').replace("BUY", "SELL").replace("1.000", "3.000").replace("50", "51")
    steps = (
        START,
        SUBMIT,
        f'{second}, account = "002", strategy = "S-002"',
        FILL,
        'at = "2s", do = "venue.trade", order = "O-2", quantity = "3.000", trade = "T-2"',
        'at = "3s", do = "node.restart", how = "crash"',
    )
    tables = (
        '[venue]\naccounts = ["002"]\n[strategies.S-002]\n'
        '[expect]\nby = "20s"\npositions = { S-001 = "LONG 1.000 @ 50000.00", S-002 = "SHORT 3.000 @ 51000.00" }'
    )
    result = result_of(*steps, tables=tables)

    assert result.passed, result.failures
    assert any("SIM-002" in line for line in result.trace)


def test_a_position_is_closed_in_the_account_that_it_was_opened_in() -> None:
    steps = (
        START,
        f'{SUBMIT}, account = "002"',
        FILL,
        'at = "3s", do = "venue.quote", bid = "49000.00", ask = "49001.00"',
        'at = "4s", do = "strategy.close"',
    )
    tables = '[venue]\naccounts = ["002"]\n[expect]\nby = "20s"\nposition = { BTCUSDT = "FLAT" }'
    result = result_of(*steps, tables=tables)

    assert result.passed, result.failures


@pytest.mark.parametrize(
    "step",
    ['do = "strategy.cancel_all"', 'do = "strategy.cancel_orders", orders = ["O-1", "O-2"]'],
)
def test_orders_of_both_accounts_are_canceled_each_where_it_works(step: str) -> None:
    second = SUBMIT.replace("O-1", "O-2")
    expect = '[expect]\nby = "20s"\norders = { O-1 = "CANCELED", O-2 = "CANCELED" }'
    result = result_of(
        START, SUBMIT, f'{second}, account = "002"', f'at = "2s", {step}',
        tables=f'[venue]\naccounts = ["002"]\n{expect}',
    )  # fmt: skip

    assert result.passed, result.failures


def test_an_order_found_in_the_other_account_is_canceled_there() -> None:
    hand = 'at = "0s", do = "venue.external_order", side = "BUY", quantity = "1.000", price = "40000.00", order = "H-1"'
    tables = (
        '[venue]\naccounts = ["002"]\n[strategy]\nexternal_order_claims = ["BTCUSDT"]\n'
        '[expect]\nby = "20s"\norders = { H-1 = "CANCELED" }'
    )
    cancel = 'at = "2s", do = "strategy.cancel", order = "H-1"'
    result = result_of(f'{hand}, account = "002"', START, cancel, tables=tables)

    assert result.passed, result.failures


def test_a_position_stated_in_the_other_account_is_that_accounts() -> None:
    stated = 'at = "1s", do = "venue.set_position", quantity = "-2.000", price = "100.00", account = "002"'
    result = result_of(stated.replace("1s", "0s"), START, tables='[venue]\naccounts = ["002"]\n')

    assert result.passed, result.failures


def test_an_account_that_is_not_there_is_named() -> None:
    result = result_of(START, 'at = "1s", do = "venue.deposit", amount = "1 USDT", account = "007"')

    assert result.failures[0].endswith("an account at SIM must be one of SIM-001, was SIM-007")


def test_stated_orders_and_positions_are_those_of_their_accounts() -> None:
    """FIELD F23: +5 in one account, -3 in the other, and an order that rests in the second."""
    sides = "".join(
        f"""
[given.{side}]
positions = [
  {{ quantity = "5.000", price = "40000.00" }},
  {{ quantity = "-3.000", price = "41000.00", account = "002", by = "S-002" }},
]
orders = [{{ order = "O-1", side = "BUY", quantity = "1.000", price = "30000.00", account = "002", by = "S-002" }}]
"""
        for side in ("node", "venue")
    )
    tables = f"""
[venue]
accounts = ["002"]
[strategies.S-002]
{sides}
[expect]
by = "20s"
events = ["OrderPendingCancel O-1", "OrderCanceled O-1"]
positions = {{ S-001 = "LONG 5.000 @ 40000.00", S-002 = "SHORT 3.000 @ 41000.00" }}
"""
    cancel = 'at = "2s", do = "strategy.cancel", order = "O-1", strategy = "S-002"'
    result = result_of(START, cancel, tables=tables)

    assert result.passed, result.failures


def test_a_stated_account_that_is_not_there_is_named() -> None:
    tables = '[given.venue]\npositions = [{ quantity = "5.000", price = "1.00", account = "007" }]\n'
    result = result_of(START, tables=tables)

    assert "an account must be one of SIM-001, was 'SIM-007'" in result.failures[0]
