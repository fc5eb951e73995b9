"""What a venue calls a position and what we call it: unique here, whoever uses a name second."""

from __future__ import annotations

from nautilus_live.core.position_ids import id_in_account, own_position_id, venue_position_id
from nautilus_live.model.identifiers import AccountId, PositionId
from nautilus_live.model.position import Position
from tests.core.conftest import ACCOUNT, SPOT, STRATEGY, TRADER

OTHER = AccountId("OTHER-001")
NAMED = PositionId("P-1")


def held(*positions: tuple[str, AccountId]) -> dict[PositionId, Position]:
    return {
        PositionId(name): Position(SPOT, PositionId(name), STRATEGY, TRADER, account) for name, account in positions
    }


def test_whoever_comes_first_has_the_name() -> None:
    assert own_position_id(NAMED, ACCOUNT, held().get) == NAMED
    assert own_position_id(NAMED, ACCOUNT, held(("P-1", ACCOUNT)).get) == NAMED


def test_another_accounts_name_gets_the_account_added_and_keeps_it_when_the_first_is_forgotten() -> None:
    distinct = PositionId("P-1@OTHER-001")

    assert own_position_id(NAMED, OTHER, held(("P-1", ACCOUNT)).get) == distinct
    assert own_position_id(NAMED, OTHER, held(("P-1@OTHER-001", OTHER)).get) == distinct


def test_our_own_id_stays_and_the_venue_hears_its_own() -> None:
    distinct = PositionId("P-1@OTHER-001")

    assert own_position_id(distinct, OTHER, held(("P-1", ACCOUNT), ("P-1@OTHER-001", OTHER)).get) == distinct
    assert venue_position_id(distinct, OTHER) == NAMED
    assert venue_position_id(NAMED, OTHER) == NAMED
    assert venue_position_id(distinct, ACCOUNT) == distinct


def test_a_strategys_one_position_keeps_its_name_in_an_account_when_the_other_accounts_is_gone() -> None:
    distinct = PositionId("P-1-OTHER-001")
    assert id_in_account(NAMED, ACCOUNT, held().get) == NAMED
    assert id_in_account(NAMED, ACCOUNT, held(("P-1", ACCOUNT)).get) == NAMED
    assert id_in_account(NAMED, OTHER, held(("P-1", ACCOUNT)).get) == distinct
    assert id_in_account(NAMED, OTHER, held(("P-1-OTHER-001", OTHER)).get) == distinct
