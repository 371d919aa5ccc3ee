"""A whole file, row by row, each in a transaction of its own: it can be stopped and run again at any time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from backhaul.intake.entering import Outcome, State
from backhaul.intake.notes import Note, NotesIntake, bad_outcome
from backhaul.intake.open_rmas import OpenLine, OpenRmasIntake
from backhaul.intake.problems import BadRow
from backhaul.intake.rows import Row, Sheet
from backhaul.intake.values import day_of


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one row of the file."""

    row: Row
    outcome: Outcome


Heading = Mapping[str, str]
"""The heading of each field"""


def values_of(row: Row, columns: Heading) -> dict[str, str]:
    """The row's values by field."""
    return {name: row.values.get(heading, "") for name, heading in columns.items()}


def take_notes(intake: NotesIntake, sheet: Sheet, columns: Heading) -> Iterator[Done]:
    """Take the notes of a file in, one after the other; who stops asking stops between two of them.

    Raises:
        ConnectorUnavailable: The ERP or the database does not answer; what was taken in before stays in.
    """
    for row in sheet.rows:
        yield Done(row, _taken(intake, row, columns))


def _taken(intake: NotesIntake, row: Row, columns: Heading) -> Outcome:
    try:
        return intake.take(note_of(_readable(row), columns))
    except BadRow as bad:
        return bad_outcome(bad)


def note_of(row: Row, columns: Heading) -> Note:
    """The row as a note.

    Raises:
        BadRow: Its date is none.
    """
    values = values_of(row, columns)
    return Note(
        text=values.get("note", ""),
        account=values.get("account", ""),
        contact=values.get("contact", ""),
        order=values.get("order", ""),
        serial=values.get("serial", ""),
        external_id=values.get("external_id", ""),
        author=values.get("author", ""),
        noted_on=day_of(values.get("noted_on", ""), "noted_on"),
    )


def take_open_rmas(intake: OpenRmasIntake, sheet: Sheet, columns: Heading) -> Iterator[Done]:
    """Take open RMAs in; rows with the same number are one RMA, wherever they stand.

    Raises:
        ConnectorUnavailable: As above.
    """
    groups: dict[str, list[Row]] = {}
    for row in sheet.rows:
        number = row.values.get(columns["number"], "") or f"row {row.line}"
        groups.setdefault(number, []).append(row)
    for rows in groups.values():
        yield from _one_rma(intake, rows, columns)


def _one_rma(intake: OpenRmasIntake, rows: Sequence[Row], columns: Heading) -> Iterator[Done]:
    read: list[tuple[Row, OpenLine]] = []
    for row in rows:
        try:
            read.append((row, intake.read(values_of(_readable(row), columns))))
        except BadRow as bad:
            yield Done(row, bad_outcome(bad))
    by_account: dict[str, list[tuple[Row, OpenLine]]] = {}
    for row, line in read:
        by_account.setdefault(line.account_id, []).append((row, line))
    for number, group in enumerate(by_account.values()):
        yield from _of_one_account(intake, group, is_first=number == 0)


def _of_one_account(
    intake: OpenRmasIntake, group: Sequence[tuple[Row, OpenLine]], *, is_first: bool
) -> Iterator[Done]:
    if not is_first:
        bad = BadRow(
            f"RMA {group[0][1].number} has rows of another account",
            field="order",
            to_do="an RMA is of one account: mend the number or the order",
        )
        yield from (Done(row, bad_outcome(bad)) for row, _ in group)
        return
    outcomes = intake.take([line for _, line in group])
    for (row, _), outcome in zip(group, outcomes, strict=True):
        yield Done(row, outcome)


def _readable(row: Row) -> Row:
    if row.wrong:
        raise BadRow(row.wrong, field="row", to_do="mend it and run the file again: what is in is skipped")
    return row


@dataclass(slots=True)
class Tally:
    """What has become of a file so far."""

    rows: int = 0
    cases: int = 0
    items: int = 0
    clear: int = 0
    urgent: int = 0
    duplicates: int = 0
    bad: int = 0
    _case_ids: set[str] = field(default_factory=set)

    def count(self, outcome: Outcome) -> None:
        """Count one more row."""
        self.rows += 1
        self.duplicates += outcome.state is State.DUPLICATE
        self.bad += outcome.state is State.BAD
        if outcome.state is State.CREATED:
            is_new = outcome.case_id not in self._case_ids
            self._case_ids.add(outcome.case_id)
            self.cases += is_new
            self.items += outcome.items
            self.clear += outcome.clear if is_new else 0
            self.urgent += outcome.urgent
