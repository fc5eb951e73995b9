"""Requests for the past that are answered as one: several streams, in the order in which things happened.

Knows requests and answers, neither asks nor delivers. Promises: what is joined is complete or failed: an answer that is
missing is waited for, and one that failed fails the whole, for a history with a hole would pass for one without.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import structs

from nautilus_live.engine.data_requests import HistoricalData
from nautilus_live.errors import ProgrammerError
from nautilus_live.model.data_requests import DataRequest
from nautilus_live.model.identifiers import ClientId
from nautilus_live.model.uuids import UUID4


class Join:
    """Requests that were sent together: the ids in their order, and what has been answered."""

    def __init__(self, join_id: UUID4, parts: Iterable[UUID4]) -> None:
        self.id = join_id
        self.answers: dict[UUID4, HistoricalData | None] = dict.fromkeys(parts)

    @property
    def is_whole(self) -> bool:
        """Whether all have been answered."""
        return None not in self.answers.values()

    @property
    def errors(self) -> dict[UUID4, str]:
        """What went wrong with which of them."""
        return {part: answer.error for part, answer in self.answers.items() if answer is not None and answer.error}

    def items(self) -> list[object]:
        """Return the items of all, as they came into being; what came at one time in the order of the requests."""
        found = [item for answer in self.answers.values() if answer is not None for item in answer.items]
        return sorted(found, key=lambda item: getattr(item, "ts_init", 0))


class JoinedRequests:
    """Requests that wait to be sent together, and those that were."""

    def __init__(self) -> None:
        self._waiting: dict[UUID4, tuple[DataRequest, ClientId | None]] = {}
        self._joins: dict[UUID4, Join] = {}

    def hold(self, request_id: UUID4, request: DataRequest, client_id: ClientId | None) -> None:
        """Keep a request until it is joined with others."""
        self._waiting[request_id] = (request, client_id)

    def join(
        self, join_id: UUID4, parts: Iterable[UUID4], start_ns: int | None, end_ns: int | None
    ) -> list[tuple[DataRequest, ClientId | None]]:
        """Return the requests to be sent as one, each with the times that are given here for all.

        Raises:
            ProgrammerError: if there are none, or one does not wait to be joined.

        """
        wanted = list(dict.fromkeys(parts))
        strange = [str(part) for part in wanted if part not in self._waiting]
        if strange or not wanted:
            rule = "must be ids of requests made with join_request=True and not joined yet"
            raise ProgrammerError(f"request_ids {rule}, was {', '.join(strange) or 'empty'}")
        whole = Join(join_id, wanted)
        self._joins.update(dict.fromkeys(wanted, whole))
        times = {name: value for name, value in (("start_ns", start_ns), ("end_ns", end_ns)) if value is not None}
        released = [self._waiting.pop(part) for part in wanted]
        return [(structs.replace(request, **times), client_id) for request, client_id in released]

    def take(self, request_id: UUID4, answer: HistoricalData) -> Join | None:
        """Take an answer; return the join that it belongs to, None if the request stands alone."""
        whole = self._joins.pop(request_id, None)
        if whole is not None:
            whole.answers[request_id] = answer
        return whole

    def clear(self) -> None:
        """Forget all of them."""
        self._waiting.clear()
        self._joins.clear()
