"""Which column holds what: by the headings people use, or as whoever runs the intake says."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from backhaul.intake.problems import UnusableFile
from backhaul.intake.rows import Sheet

_NOT_A_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Field:
    """Something a row may tell. `called` are the headings it goes by, without spaces and in small letters."""

    name: str
    called: frozenset[str]
    needed: bool = False


def _field(name: str, called: str, *, needed: bool = False) -> Field:
    return Field(name, frozenset({name.replace("_", ""), *called.split()}), needed)


NOTE_FIELDS = (
    _field(
        "note",
        "text notes note notetext servicenote technote techniciansnote techniciannotes comment comments "
        "description details message remarks work workdone worknotes findings body",
        needed=True,
    ),
    _field(
        "account", "accountid accountno accountnumber acct acctno customer customerid customerno customername"
    ),
    _field("contact", "contactemail email customeremail mail"),
    _field("order", "orderno orderid ordernumber so sono salesorder salesorderno"),
    _field("serial", "serialno serialnumber sn unit unitserial"),
    _field(
        "external_id",
        "id noteid ticket ticketid ticketno ticketnumber job jobid jobno jobnumber workorder workorderno wo "
        "wono "
        "externalref reference ref callno",
    ),
    _field("author", "technician tech techname writtenby engineer by"),
    _field("noted_on", "date notedate servicedate visitdate visit written created createdat when"),
)
OPEN_RMA_FIELDS = (
    _field("number", "rma rmano rmanumber rmaid return returnno returnnumber ra rano ranumber", needed=True),
    _field("order", "orderno orderid ordernumber so sono salesorder salesorderno", needed=True),
    _field("line", "orderline lineno linenumber soline pos position"),
    _field("sku", "item itemno itemnumber part partno partnumber article articleno product"),
    _field("quantity", "qty pieces pcs count amount", needed=True),
    _field("reason", "returnreason why reasoncode"),
    _field(
        "authorised_on", "authorizedon date authorised authorized issued issuedon opened openedon rmadate"
    ),
    _field(
        "account", "accountid accountno accountnumber acct acctno customer customerid customerno customername"
    ),
    _field("serial", "serials serialno serialnumber serialnumbers sn"),
)


def columns_of(sheet: Sheet, fields: Sequence[Field], said: Iterable[str] = ()) -> Mapping[str, str]:
    """The heading of each field that the file has. `said` are choices such as `note=Work done`.

    Raises:
        UnusableFile: A choice names no field or column, two columns could hold the same, or one is missing.
    """
    chosen = dict(_choice(one, sheet, fields) for one in said)
    taken = set(chosen.values())
    for field in fields:
        fitting = [name for name in sheet.headings if _bare(name) in field.called and name not in taken]
        if field.name in chosen or not fitting:
            continue
        own = [name for name in fitting if _bare(name) == _bare(field.name)] or fitting
        if len(own) > 1:
            both = " and ".join(own)
            raise UnusableFile(
                f"{both} could both be {field.name}; say which: --map {field.name}=COLUMN", field=field.name
            )
        chosen[field.name] = own[0]
    _refuse_twins(sheet, chosen)
    if missing := [field.name for field in fields if field.needed and field.name not in chosen]:
        raise UnusableFile(_missing(missing[0], sheet), field=missing[0])
    return chosen


def _choice(said: str, sheet: Sheet, fields: Sequence[Field]) -> tuple[str, str]:
    name, equals, column = (part.strip() for part in said.partition("="))
    known = [field.name for field in fields]
    if not equals or name not in known:
        raise UnusableFile(f"{said}: write FIELD=COLUMN, FIELD one of {', '.join(known)}", field="map")
    fitting = [heading for heading in sheet.headings if heading.casefold() == column.casefold()]
    if not fitting:
        raise UnusableFile(f"no column {column}; there are: {', '.join(sheet.headings)}", field="map")
    return name, fitting[0]


def _refuse_twins(sheet: Sheet, chosen: Mapping[str, str]) -> None:
    if twins := sorted(sheet.twice & set(chosen.values())):
        raise UnusableFile(f"two columns are called {twins[0]}; rename one of them", field="file")


def _missing(name: str, sheet: Sheet) -> str:
    found = ", ".join(sheet.headings)
    return f"no column holds the {name}; there are: {found}. Say which it is: --map {name}=COLUMN"


def _bare(heading: str) -> str:
    return _NOT_A_WORD.sub("", heading.casefold())
