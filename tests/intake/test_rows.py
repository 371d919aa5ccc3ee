"""Files as rows: whatever wrote them, the same rows come out, and broken ones break no other."""

import csv
import io
import json
import string
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backhaul.intake import rows as rows_module
from backhaul.intake.columns import NOTE_FIELDS, columns_of
from backhaul.intake.problems import BadRow, UnusableFile
from backhaul.intake.rows import Sheet, read_sheet
from backhaul.intake.values import count_of, day_of

HEADINGS = ("Note", "Account", "Ticket")
# What XML and a spreadsheet keep as it is; a cell that begins with = would be a formula.
LETTERS = string.ascii_letters + string.digits + " .,;:|\t\"'#%&/()?!-_\n" + "äöüßéñ漢字 \N{EN DASH} ½ 🔧"
CELLS = st.text(LETTERS, max_size=40).map(lambda cell: " ".join(cell.split(" ")))
TABLES = st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=8)


def as_csv(table: list[tuple[str, ...]], delimiter: str, encoding: str) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerows([HEADINGS, *table])
    return text.getvalue().encode(encoding)


def as_jsonl(table: list[tuple[str, ...]]) -> bytes:
    return "\n".join(json.dumps(dict(zip(HEADINGS, row, strict=True))) for row in table).encode()


def as_xlsx(table: list[tuple[str, ...]]) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(HEADINGS)
    for row in table:
        book.active.append([None, None, None])
        for column, cell in enumerate(row, start=1):
            at = book.active.cell(book.active.max_row + (column == 1), column)
            at.value, at.data_type = cell, "s"
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def told(sheet: Sheet) -> list[dict[str, str]]:
    assert not [row for row in sheet.rows if row.wrong]
    return [dict(row.values) for row in sheet.rows]


@settings(max_examples=60)
@given(
    table=TABLES,
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_a_table_is_the_same_rows_whatever_kind_of_file_it_is_in(
    tmp_path_factory: Any, table: list[tuple[str, str, str]], delimiter: str, encoding: str
) -> None:
    folder = tmp_path_factory.mktemp("table")
    meant = [
        {name: cell.strip() for name, cell in zip(HEADINGS, row, strict=True) if cell.strip()}
        for row in table
    ]
    meant = [row for row in meant if row]
    files = {"a.csv": as_csv(table, delimiter, encoding), "a.xlsx": as_xlsx(table)}
    if meant:
        files["a.jsonl"] = as_jsonl(table)
    for name, content in files.items():
        (folder / name).write_bytes(content)

    assert {name: told(read_sheet(folder / name)) for name in files} == dict.fromkeys(files, meant)


def test_lines_are_counted_as_an_editor_shows_them_also_over_line_breaks_in_a_cell(put: Any) -> None:
    sheet = read_sheet(put("a.csv", 'Note,Account\r\n"two\r\nlines",A-1001\r\n\r\nlast,A-1002\r\n'))

    assert [(row.line, row.values["Note"]) for row in sheet.rows] == [(2, "two\r\nlines"), (5, "last")]


def test_a_quotation_mark_that_is_never_closed_costs_its_own_line_only(put: Any) -> None:
    sheet = read_sheet(put("a.csv", 'Note,Account\nfirst,A-1\n"open,A-2\nthird,A-3\n"fourth",A-4\n'))

    assert [(row.line, row.values.get("Note"), bool(row.wrong)) for row in sheet.rows] == [
        (2, "first", False),
        (3, None, True),
        (4, "third", False),
        (5, "fourth", False),
    ]


def test_a_row_with_more_cells_than_headings_is_told_and_not_cut(put: Any) -> None:
    (row,) = read_sheet(put("a.csv", "Note,Account\nrelay dead, dc side,A-1001\n")).rows

    assert row.wrong == "it has 3 cells, and there are 2 headings"
    assert row.found == "relay dead | dc side | A-1001"


def test_windows_text_is_read_as_such(put: Any) -> None:
    sheet = read_sheet(
        put("a.csv", "Note;Account\nVentil ½ Zoll \N{EN DASH} undicht;A-1001\n".encode("cp1252"))
    )

    assert told(sheet) == [{"Note": "Ventil ½ Zoll \N{EN DASH} undicht", "Account": "A-1001"}]


def test_a_field_of_a_hundred_thousand_characters_is_one_field(put: Any) -> None:
    (row,) = read_sheet(put("a.csv", f"Note,Account\n{'x' * 400_000},A-1001\n")).rows

    assert (len(row.values["Note"]), row.values["Account"]) == (400_000, "A-1001")


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ('{"note": "x", "note": "y"}', "note is given twice"),
        ('{"note": {"text": "x"}}', "a value is itself an object"),
        ("[1, 2]", "it is no JSON object"),
        ('{"note": ', "Expecting value"),
    ],
)
def test_a_broken_line_of_json_is_told_and_the_rest_goes_on(put: Any, line: str, wrong: str) -> None:
    sheet = read_sheet(put("a.jsonl", f'{{"note": "first"}}\n{line}\n\n{{"note": "last", "n": 3}}\n'))

    assert [row.line for row in sheet.rows] == [1, 2, 4]
    assert wrong in sheet.rows[1].wrong
    assert dict(sheet.rows[2].values) == {"note": "last", "n": "3"}


def workbook(path: Path, *rows: list[Any]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_days_and_numbers_of_a_spreadsheet_are_what_it_shows(tmp_path: Path) -> None:
    moments = [date(2026, 11, 20), datetime(2026, 11, 20, 14, 5), 7.0, 2.5]  # noqa: DTZ001 - spreadsheets know no zones
    sheet = read_sheet(workbook(tmp_path / "a.xlsx", [], ["a", "b", "c", "d"], moments))

    (row,) = sheet.rows
    assert (row.line, list(row.values.values())) == (3, ["2026-11-20", "2026-11-20 14:05:00", "7", "2.5"])


def test_a_formula_that_was_never_calculated_is_told_by_its_cell(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx", ["Note", "Account"], ["relay dead", '=CONCAT("A-", 1001)'], ["b", "A-1"]
    )

    bad, good = read_sheet(path).rows

    assert "cell B2 is a formula without a result" in bad.wrong
    assert dict(good.values) == {"Note": "b", "Account": "A-1"}


def test_a_file_that_unpacks_to_more_than_we_take_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b" " * 300_000_000)

    with pytest.raises(UnusableFile, match="unpacks to more than 200 MB"):
        read_sheet(path)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.xlsx", b"no workbook", "no workbook that can be read"),
        ("a.csv", b"\x81\x8d\x00\x00", "is no text"),
        ("a.csv", b"\n\n", "the file is empty"),
        ("a.jsonl", b"not json\n", "no line is a JSON object"),
        ("a.pdf", b"%PDF", "only csv, jsonl and xlsx"),
    ],
)
def test_what_cannot_be_read_at_all_is_told_in_a_line(put: Any, name: str, content: bytes, told: str) -> None:
    with pytest.raises(UnusableFile, match=told):
        read_sheet(put(name, content))


def test_a_file_that_is_too_large_is_refused_unread(put: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_module, "MOST_BYTES", 10)

    with pytest.raises(UnusableFile, match="split it"):
        read_sheet(put("a.csv", "Note,Account\nx,A-1001\n"))


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match="there is no file"):
        read_sheet(tmp_path / "nothing.csv")


def headed(*headings: str) -> Sheet:
    return Sheet(headings, ())


def test_usual_headings_are_known_by_themselves() -> None:
    found = columns_of(headed("Ticket #", "Customer No.", "Tech", "Visit Date", "Work done"), NOTE_FIELDS)

    assert found == {
        "note": "Work done",
        "account": "Customer No.",
        "external_id": "Ticket #",
        "author": "Tech",
        "noted_on": "Visit Date",
    }


def test_a_column_of_another_name_is_taken_when_it_is_named() -> None:
    found = columns_of(headed("Blurb", "Account"), NOTE_FIELDS, ["note=blurb"])

    assert found == {"note": "Blurb", "account": "Account"}


@pytest.mark.parametrize(
    ("headings", "said", "told"),
    [
        (("Blurb", "Account"), [], "no column holds the note; there are: Blurb, Account"),
        (("Comments", "Remarks"), [], "Comments and Remarks could both be note"),
        (("Note", "A"), ["account=B"], "no column B; there are: Note, A"),
        (("Note",), ["colour=Note"], "write FIELD=COLUMN"),
    ],
)
def test_columns_that_cannot_be_told_apart_are_asked_for(
    headings: tuple[str, ...], said: list[str], told: str
) -> None:
    with pytest.raises(UnusableFile, match=told):
        columns_of(headed(*headings), NOTE_FIELDS, said)


def test_two_columns_of_one_name_are_refused_when_one_of_them_is_needed(put: Any) -> None:
    sheet = read_sheet(put("a.csv", "Note,Note,Account\na,b,A-1001\n"))

    with pytest.raises(UnusableFile, match="two columns are called Note"):
        columns_of(sheet, NOTE_FIELDS)


@pytest.mark.parametrize(
    "written", ["2026-11-20", "11/20/2026", "11/20/26", "20 Nov 2026", "2026-11-20 08:00:00"]
)
def test_a_day_is_read_as_people_write_it(written: str) -> None:
    assert day_of(written, "noted_on") == date(2026, 11, 20)


@pytest.mark.parametrize("written", ["soon", "31/31/2026", "20.11."])
def test_what_is_no_day_is_told(written: str) -> None:
    with pytest.raises(BadRow, match="is no date"):
        day_of(written, "noted_on")


@pytest.mark.parametrize("written", ["0", "-1", "1,5", "two", "", "1.5", "9999999999"])
def test_what_is_no_count_is_told_and_not_guessed(written: str) -> None:
    with pytest.raises(BadRow):
        count_of(written, "quantity")


def test_thousands_may_be_set_apart() -> None:
    assert count_of("1,200", "quantity") == 1_200
