"""The figures of operations and finance behind net recovery: one document, checked before it is used."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Annotated, Generic, TypeVar

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from backhaul.domain.codes import ProductClass
from backhaul.domain.errors import BadInput
from backhaul.domain.money import Money
from backhaul.domain.receiving import Grade

DOCUMENT = "recovery_figures.yaml"


class ClaimGround(StrEnum):
    """On what ground a supplier is asked."""

    DEFECTIVE = "defective"
    SURPLUS = "surplus"


class Sold(StrEnum):
    """The ways of selling goods again, by the disposition that leads there."""

    RESTOCK = "restock"
    B_STOCK = "b_stock"
    REPAIR = "repair"


class Worked(StrEnum):
    """The dispositions that cost work."""

    RESTOCK = "restock"
    B_STOCK = "b_stock"
    REPAIR = "repair"
    RETURN_TO_VENDOR = "return_to_vendor"
    SCRAP = "scrap"


def _cents(written: object) -> int:
    if not isinstance(written, str):
        raise ValueError('an amount is written as text, such as "4.50"')  # noqa: TRY004 - Pydantic wants it
    return Money.of(written).minor


def _covering(members: type[StrEnum]) -> AfterValidator:
    def check(values: dict[StrEnum, object]) -> dict[StrEnum, object]:
        missing = [member.value for member in members if member not in values]
        if missing:
            raise ValueError(f"no figure for {', '.join(missing)}")
        return values

    return AfterValidator(check)


V = TypeVar("V")
_BasisPoints = Annotated[int, Field(strict=True, ge=0, le=10_000)]
_Permille = Annotated[int, Field(strict=True, ge=0, le=1_000)]
_Days = Annotated[int, Field(strict=True, ge=0, le=3_650)]
_Pieces = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
_Rate = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
_Cents = Annotated[int, BeforeValidator(_cents), Field(ge=0)]
_ByClass = Annotated[dict[ProductClass, V], _covering(ProductClass)]
_ByGrade = Annotated[dict[Grade, V], _covering(Grade)]
_BySale = Annotated[dict[Sold, V], _covering(Sold)]
_ByWork = Annotated[dict[Worked, V], _covering(Worked)]
_ByGround = Annotated[dict[ClaimGround, V], _covering(ClaimGround)]


class _Sheet(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Table(_Sheet, Generic[V]):
    """One table: what it says, who answers for it, where its figures come from."""

    doc: str
    owner: str
    source: str
    values: V


class Work(_Sheet):
    """Cents of the ledger currency, of the document's amounts in text."""

    piece: _Cents
    kilogram: _Cents
    hazmat_piece: _Cents
    lot: _Cents


class Figures(_Sheet):
    """The whole document. The names say the unit; `None` in a cell means that it is not done."""

    id: str
    as_of: date
    review_by: date
    restock_basis_points: Table[_ByClass[_ByGrade[_BasisPoints | None]]]
    b_stock_basis_points: Table[_ByClass[_ByGrade[_BasisPoints | None]]]
    repaired_basis_points: Table[_ByClass[_BasisPoints | None]]
    broken_seal_basis_points: Table[_ByClass[_BasisPoints]]
    ageing_basis_points_a_month: Table[_ByClass[_BasisPoints]]
    sale_chance_permille: Table[_BySale[_Permille]]
    first_sale_days: Table[_BySale[_Days]]
    pieces_a_month: Table[_ByClass[_BySale[_Rate]]]
    longest_wait_days: Table[_Days]
    holding_basis_points_a_day: Table[_BasisPoints]
    repair_success_permille: Table[_ByClass[_ByGrade[_Permille | None]]]
    repair_work_usd: Table[_ByClass[_Cents]]
    repair_parts_basis_points: Table[_ByGrade[_BasisPoints]]
    repair_places: Table[dict[str, _Pieces]]
    b_stock_places: Table[dict[str, _Pieces]]
    work_usd: Table[_ByWork[Work]]
    supplier_approval_permille: Table[dict[str, _ByGround[_Permille]]]
    supplier_allowance_basis_points: Table[dict[str, _BasisPoints]]
    supplier_answer_days: Table[dict[str, _Days]]

    def named(self, today: date) -> str:
        """How a page names the figures, and whether somebody should look at them again."""
        overdue = ", due for review" if today > self.review_by else ""
        return f"{self.id}, as of {self.as_of:%Y-%m-%d}{overdue}"


def read_figures(text: str) -> Figures:
    """Figures from the text of a document. BadInput names what is wrong, and where."""
    try:
        document = yaml.safe_load(text)
        if not isinstance(document, Mapping):
            raise BadInput("the figures must be a document of tables", field=DOCUMENT)
        return Figures.model_validate(document)
    except yaml.YAMLError as wrong:
        raise BadInput(f"the figures cannot be read: {wrong}", field=DOCUMENT) from wrong
    except ValidationError as wrong:
        first = wrong.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise BadInput(f"{where}: {first['msg']}", field=where) from wrong


@cache
def shipped_figures() -> Figures:
    """The figures of the demo distributor that come with Backhaul."""
    return read_figures(resources.files("tools").joinpath(DOCUMENT).read_text("utf-8"))
