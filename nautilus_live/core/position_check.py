"""The position check: what follows from a venue's list of positions, compared with what we hold.

Pure: knows our positions and the list, and says which differences to look into, which to align, and which to give up.
One machine serves one client and so one account; the shell asks for trades that would explain a difference, and tells.

Rules:
1. No answer is no evidence: nothing is counted, nothing is aligned, nothing is doubted.
2. What we heard a moment ago is newer than any list; so is an order under way. A position that the venue itself dates
   before our last trade is behind the stream, and proves nothing for as long as lists are known to lag; nor does a
   list that leaves the position out.
3. A difference counts if we asked for trades, got an answer, and no trade explains it. Agreement clears the count.
4. Trades explain it that add up to it, or that are younger than the last agreement; an older trade that we do not have
   was left out for a reason, such as a history that began after it.
5. `retries` in a row that count: the position is aligned, unless an order of ours is known to be filled further than we
   could book, because then that is what is missing. It counts anew from there.
6. It ends: an alignment that changed nothing is the last; so is one too many within the lookback; and with nothing to
   be made up (`generate_missing_orders` off) there is none. Then one alarm, the instrument is uncertain, and nothing
   more happens until the difference is another, or gone. Another one within the lookback is told, not alarmed again.
7. What a venue leaves out is unknown or flat by `position_silence`; unknown ends like rule 6. A cash account has
   balances and no positions to leave out: there, silence says nothing at all.
8. Where both hold something, one unit in the last decimal place is no difference.
9. On a cash account fees paid in the instrument's base currency lessen what the account holds and not what was bought;
   up to their sum a smaller holding is the same position.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from msgspec import Struct

from nautilus_live.core.conclusions import NANOSECONDS_PER_MILLISECOND, NANOSECONDS_PER_MINUTE
from nautilus_live.core.reconciliation.clocks import LAG_NS
from nautilus_live.core.reconciliation.types import SILENCE_WAY_OUT, Level, Note
from nautilus_live.marks import mark
from nautilus_live.model.enums import PositionSide
from nautilus_live.model.identifiers import AccountId, InstrumentId, PositionId
from nautilus_live.model.instruments import Instrument
from nautilus_live.model.objects import Quantity, unit_of
from nautilus_live.model.position import Position
from nautilus_live.model.reports import FillReport, PositionStatusReport

ZERO = Decimal(0)
ALIGNMENTS_MAX = 3
"""How often one position is aligned within the lookback; a venue that wants more of it contradicts itself."""

Key = tuple[InstrumentId, PositionId | None]
"""A position as it is compared: the net of an instrument, or one leg where the venue keeps several."""


class Difference(Struct, frozen=True, kw_only=True):
    """Another quantity here than there.

    Attributes:
        key: what differs.
        ours: what we hold, signed.
        report: what the venue says (flat, where silence is taken for that); None if it says nothing.

    """

    key: Key
    ours: Decimal
    report: PositionStatusReport | None

    @property
    def instrument_id(self) -> InstrumentId:
        """The instrument."""
        return self.key[0]

    @property
    def missing(self) -> Decimal | None:
        """What the venue has more than we, signed; None if it says nothing."""
        return None if self.report is None else self.report.signed_qty - self.ours


class Findings(Struct, frozen=True):
    """What follows from a list: `differing` positions to look into, and instruments that `agree` now and did not."""

    differing: list[Difference] = []
    agree: list[InstrumentId] = []


class Align(Struct, frozen=True):
    """Bring our position to what `report` says; `note` tells people."""

    report: PositionStatusReport
    note: Note


class GiveUp(Struct, frozen=True):
    """Doubt the instrument, for the reason that `note` gives."""

    note: Note


class Case(Struct):
    """What is remembered of a position that differs.

    Attributes:
        missing: by how much, at the last comparison.
        count: comparisons in a row that counted.
        aligned: whether the position was aligned and differs as before.
        given_up: whether nothing more is done about it.
        alarmed_ns: when people were last told.

    """

    missing: Decimal | None
    count: int = 0
    aligned: bool = False
    given_up: bool = False
    alarmed_ns: int | None = None


class PositionCheck:
    """Compares one account's positions with its venue's list.

    Args:
        account_id: the account; nothing of another one is looked at.
        now: our time, in nanoseconds; until now nothing is known to differ.
        threshold_ms: how long a position must have been quiet before a list says anything about it.
        lookback_mins: the period in which a position is aligned `ALIGNMENTS_MAX` times at most.
        retries: how many comparisons in a row must differ before anything is done; one at least.
        silence: "unknown" or "flat", as `position_silence`.
        generates: whether alignment orders may be made up.
        is_cash: whether the account holds balances, not positions.
        instrument_ids: the only instruments to look at; empty means all.

    """

    def __init__(
        self,
        account_id: AccountId,
        now: int,
        *,
        threshold_ms: int = 5_000,
        lookback_mins: int = 60,
        retries: int = 3,
        silence: str = "unknown",
        generates: bool = True,
        is_cash: bool = False,
        instrument_ids: Iterable[InstrumentId] = (),
    ) -> None:
        self._account_id = account_id
        self._began_ns = now
        self._threshold_ns = threshold_ms * NANOSECONDS_PER_MILLISECOND
        self._lookback_ns = lookback_mins * NANOSECONDS_PER_MINUTE
        self._retries = max(retries, 1)
        self._silence = silence
        self._generates = generates
        self._is_cash = is_cash
        self._instrument_ids = frozenset(instrument_ids)
        self._cases: dict[Key, Case] = {}
        self._alignments: dict[Key, list[int]] = {}
        self._agreed_ns: dict[Key, int] = {}

    def count(self, key: Key) -> int:
        """Return how many comparisons in a row found a difference that nothing explains."""
        case = self._cases.get(key)
        return 0 if case is None else case.count

    def is_doubtful(self, instrument_id: InstrumentId) -> bool:
        """Return whether a position in the instrument differed when it was last compared."""
        return any(key[0] == instrument_id for key in self._cases)

    def is_given_up(self, instrument_id: InstrumentId) -> bool:
        """Return whether a position in the instrument differs and is left so."""
        return any(case.given_up for key, case in self._cases.items() if key[0] == instrument_id)

    # -- the list ----------------------------------------------------------------------------------------------------

    def compare(
        self,
        positions: Sequence[Position],
        busy: Iterable[InstrumentId],
        reports: Sequence[PositionStatusReport] | None,
        asked_ns: int,
        now: int,
    ) -> Findings:
        """Return what follows from an answer.

        Args:
            positions: our positions, closed ones included; only read.
            busy: the instruments in which orders are under way.
            reports: the whole list, or None if the question went unanswered.
            asked_ns: when it was asked for.
            now: our time; both in nanoseconds.

        """
        if reports is None:
            return Findings()
        ours: dict[InstrumentId, list[Position]] = {}
        for position in positions:
            if position.account_id == self._account_id and self._is_wanted(position.instrument_id):
                ours.setdefault(position.instrument_id, []).append(position)
        listed: dict[Key, PositionStatusReport] = {}
        for report in sorted(reports, key=lambda one: one.ts_last):  # of two reports of one position the later counts
            if report.account_id == self._account_id and self._is_wanted(report.instrument_id):
                listed[report.instrument_id, report.venue_position_id] = report
        waiting = dict.fromkeys(busy)
        differing: list[Difference] = []
        agree: list[InstrumentId] = []
        keys = self._keys(ours, listed)
        self._forget(keys, now)
        for key in keys:
            held = [one for one in ours.get(key[0], ()) if key[1] in (None, one.id)]
            if key[0] in waiting or self._is_recent(held, listed.get(key), asked_ns, now):
                continue
            signed = sum((one.signed_qty for one in held), ZERO)
            difference = Difference(key=key, ours=signed, report=listed.get(key) or self._read_silence(key, held))
            if self._agrees(difference, held):
                self._agreed_ns[key] = asked_ns
                if self._cases.pop(key, None) is not None and not self.is_doubtful(key[0]):
                    agree.append(key[0])
            elif self._is_open(difference):
                differing.append(difference)
        return Findings(differing, agree)

    def _is_wanted(self, instrument_id: InstrumentId) -> bool:
        return not self._instrument_ids or instrument_id in self._instrument_ids

    def _keys(
        self, ours: dict[InstrumentId, list[Position]], listed: dict[Key, PositionStatusReport]
    ) -> dict[Key, None]:
        """Return every position that the venue lists, that we hold, or that differed."""
        keys = dict.fromkeys(listed)
        in_legs = {instrument_id: None for instrument_id, leg in listed if leg is not None}
        for instrument_id, held in ours.items():
            for position in held:
                if position.signed_qty:
                    keys[instrument_id, position.id if instrument_id in in_legs else None] = None
        keys.update(dict.fromkeys(self._cases))
        return keys

    def _forget(self, keys: dict[Key, None], now: int) -> None:
        self._agreed_ns = {key: at for key, at in self._agreed_ns.items() if key in keys}
        for key, made in list(self._alignments.items()):
            self._alignments[key] = recent = [at for at in made if now - at < self._lookback_ns]
            if not recent:
                del self._alignments[key]

    def _read_silence(self, key: Key, held: Sequence[Position]) -> PositionStatusReport | None:
        if self._silence != "flat" or not held:
            return None
        return PositionStatusReport(
            account_id=self._account_id,
            instrument_id=key[0],
            position_side=PositionSide.FLAT,
            quantity=Quantity(ZERO, held[0].instrument.size_precision),
            venue_position_id=key[1],
        )

    def _is_recent(
        self, held: Sequence[Position], listed: PositionStatusReport | None, asked_ns: int, now: int
    ) -> bool:
        # All of them: a real trade that took the place of a guess stands where the guess stood, not last.
        fills = [fill for one in held for fill in one.fills]
        if not fills:
            return False
        heard_ns = max(fill.ts_init for fill in fills)
        if heard_ns > now:  # the clock was set back; how long ago it was is not known
            return False
        if heard_ns >= asked_ns or now - heard_ns < self._threshold_ns:
            return True
        if listed is None:
            return now - heard_ns < LAG_NS
        traded_ns = max((fill.ts_event for fill in fills if not fill.last_px_estimated), default=0)
        return 0 < listed.ts_last < traded_ns and now - heard_ns < LAG_NS

    def _agrees(self, difference: Difference, held: Sequence[Position]) -> bool:
        missing = difference.missing
        if missing is None:
            return not difference.ours or self._is_cash
        if not missing:
            return True
        if not difference.ours or difference.ours == -missing:
            return False
        instrument = held[0].instrument
        unit = unit_of(instrument.size_precision)
        if abs(missing) < unit or (instrument.size_precision and abs(missing) == unit):
            return True
        return self._is_cash and -_fees_in_base(instrument, held) - unit <= missing < 0

    def _is_open(self, difference: Difference) -> bool:
        """Return whether there is still something to do about a difference; one that became another begins anew."""
        case = self._cases.get(difference.key)
        if case is None:
            case = self._cases[difference.key] = Case(missing=difference.missing)
        elif case.missing != difference.missing:
            if case.given_up:
                case.count = 0
            case.missing = difference.missing
            case.aligned = case.given_up = False
        return not case.given_up

    # -- what trades explain, and what nothing does ------------------------------------------------------------------

    def explaining(self, difference: Difference, trades: Sequence[FillReport]) -> list[FillReport]:
        """Return which of the venue's trades that we do not have are to be booked."""
        total = sum((fill.last_qty.value * fill.order_side.sign for fill in trades), ZERO)
        if total == difference.missing:
            return list(trades)
        since_ns = self.since_ns(difference)
        return [fill for fill in trades if fill.ts_event >= since_ns]

    def since_ns(self, difference: Difference) -> int:
        """Return since when the venue may have done what explains a difference: a little before both last agreed."""
        return self._agreed_ns.get(difference.key, self._began_ns) - LAG_NS

    def acts_next(self, difference: Difference) -> bool:
        """Return whether something is done about the difference if nothing explains it this time either."""
        return self.count(difference.key) + 1 >= self._retries

    def explained(self, difference: Difference) -> None:
        """Learn that trades were found which were missing here; the next list shows what they make of it."""
        case = self._cases.get(difference.key)
        if case is not None:
            case.count = 0

    def unexplained(self, difference: Difference, now: int, unbooked: Sequence[str] = ()) -> Align | GiveUp | None:
        """Count a difference that the venue's trades, asked for, do not explain; return what follows.

        Args:
            difference: as `compare` found it, with nothing changed here since.
            now: our time, in nanoseconds.
            unbooked: our orders of which the venue has more filled than could be booked.

        """
        case = self._cases.setdefault(difference.key, Case(missing=difference.missing))
        case.count += 1
        if case.count < self._retries:
            return None
        text = self._why_not(difference, case, unbooked)
        if difference.report is None or text:
            case.given_up = True
            is_news = case.alarmed_ns is None or now - case.alarmed_ns >= self._lookback_ns
            case.alarmed_ns = now if is_news else case.alarmed_ns
            kind = "position.silent" if difference.report is None else "position.unexplained"
            return GiveUp(_note(Level.ERROR, kind, difference, case.count, text, alarm=is_news))
        mark("position_check.aligned")
        case.aligned = True
        text = "no trade explains it; aligned to the venue's"
        note = _note(Level.WARNING, "position.aligned", difference, case.count, text, alarm=True)
        case.count = 0
        self._alignments.setdefault(difference.key, []).append(now)
        return Align(difference.report, note)

    def _why_not(self, difference: Difference, case: Case, unbooked: Sequence[str]) -> str:
        """Return why the position is not aligned, an empty text if it can be."""
        if difference.report is None:
            return f"silence proves nothing, so ours is kept; {SILENCE_WAY_OUT}"
        if not self._generates:
            return "nothing is made up, generate_missing_orders is off"
        if unbooked:
            return f"of {', '.join(unbooked)} the venue has more filled than could be booked"
        if case.aligned:
            return "aligning it changed nothing"
        made = len(self._alignments.get(difference.key, ()))
        return f"it was aligned {made} times within the lookback" if made >= ALIGNMENTS_MAX else ""


def _fees_in_base(instrument: Instrument, held: Sequence[Position]) -> Decimal:
    base = getattr(instrument, "base_currency", None)
    return sum((one.paid.get(base, ZERO) for one in held), ZERO) if base is not None else ZERO


def _note(level: Level, kind: str, difference: Difference, count: int, text: str, *, alarm: bool) -> Note:
    instrument_id, leg = difference.key
    report = difference.report
    theirs = "says nothing of it" if report is None else f"has {report.signed_qty}"
    what = "position" if leg is None else f"position {leg}"
    return Note(
        level=level,
        kind=kind,
        text=f"{what} is {difference.ours} here, the venue {theirs} ({count} in a row); {text}",
        instrument_id=instrument_id,
        alarm=alarm,
    )
