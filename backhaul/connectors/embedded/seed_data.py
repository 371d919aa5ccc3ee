"""The demo distributor's data files, read and checked: articles, accounts, facilities, story orders."""

import csv
import io
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from string import Formatter
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from backhaul.domain.codes import ProductClass, Reason, Region, Resolution, Tier
from backhaul.domain.errors import BadInput
from backhaul.domain.money import Money
from backhaul.domain.trade import CreditPreference, Tracking

_PACKAGE = "backhaul.connectors.embedded"


DECIMAL = r"^\d+(\.\d\d?)?$"
"""Money as it stands in a file"""


class _Sheet(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _blank_is_none(cell: object) -> object:
    return None if cell == "" else cell


_Whole = Annotated[int | None, BeforeValidator(_blank_is_none)]


class SupplierSheet(_Sheet):
    """A supplier, what it takes back, and decimal strings of what a claim brings on top and costs, in USD."""

    id: str
    name: str
    email: str
    window_days: int
    restocking_basis_points: int
    accepts_defective: bool
    accepts_overstock: bool
    rma_required: bool
    claim_allowance: str
    handling_cost: str


class FamilySheet(_Sheet):
    """A product family: templates, and a table of sizes whose columns fill them."""

    maker: str
    supplier: str
    product_class: ProductClass
    tracking: Tracking
    warranty_months: int
    cost_basis_points: int
    hazmat: bool = False
    final_sale: bool = False
    sku: str
    part: str
    description: str
    sizes: str


class CatalogueSheet(_Sheet):
    """The whole catalogue file."""

    suppliers: tuple[SupplierSheet, ...]
    families: tuple[FamilySheet, ...]


class AccountSheet(_Sheet):
    """A customer. `weight` is its share of the orders; `po_style` how it numbers its own.

    One that `prepays` has paid each bill on the day it was made; the others have the terms of their tier.
    """

    account_id: str
    name: str
    domain: str
    tier: Tier
    region: Region
    currency: Literal["USD", "CAD"]
    weight: int
    street: str
    city: str
    state: str
    postal_code: str
    window_days: _Whole
    restocking_basis_points: _Whole
    advance_replacement: bool
    contract: Literal["known", "unknown"]
    credit_hold: bool
    tax_exempt: bool
    credit_by: CreditPreference
    prepays: bool
    po_style: str
    contacts: str


class FacilitySheet(_Sheet):
    """A warehouse of ours and the regions it delivers to, separated by blanks."""

    facility_id: str
    name: str
    street: str
    city: str
    state: str
    postal_code: str
    region: Region
    quarantine_pieces: int
    serves: str


class StoryLineSheet(_Sheet):
    """One line of a story order; `price` is a decimal string, serials and lot are made up unless given.

    `bought` is the days before the day of seeding on which we received the goods; untraceable goods have no
    purchase.
    """

    sku: str
    quantity: int
    price: str = Field(pattern=DECIMAL)
    serials: tuple[str, ...] = ()
    lot: str = ""
    bought: int | None = None
    untraceable: bool = False


class StoryShipmentSheet(_Sheet):
    """A part delivery: days before the day of seeding, and pieces by order line."""

    shipped: int
    delivered: int | None
    pieces: dict[int, int]


class StoryReturnSheet(_Sheet):
    """A return that was booked before the story begins."""

    line: int
    quantity: int
    booked: int
    reason: Reason
    resolution: Resolution


class StoryOrderSheet(_Sheet):
    """An order with a story, at a fixed number."""

    number: str
    account: str
    po: str
    story: str
    ordered: int
    delivered: int | None = None
    shipments: tuple[StoryShipmentSheet, ...] = ()
    lines: tuple[StoryLineSheet, ...]
    returned: tuple[StoryReturnSheet, ...] = ()


class WithheldSheet(_Sheet):
    """What an account short-paid, as a decimal string in its currency, and why."""

    amount: str
    reason: Reason


class StagedOrderSheet(StoryOrderSheet):
    """An order for one way that a return can go; `paid` is days before the day of seeding, else open."""

    key: str
    contact: str
    paid: int | None = None
    withheld: WithheldSheet | None = None


class StagedOrdersSheet(_Sheet):
    """The whole file of staged orders."""

    orders: tuple[StagedOrderSheet, ...]


class StorySheet(_Sheet):
    """A story a visitor can play."""

    id: str
    account: str
    contact: str
    title: str
    story: str
    message: str
    then: tuple[str, ...] = ()
    expected: str
    orders: tuple[str, ...]


class StoriesSheet(_Sheet):
    """The whole stories file."""

    orders: tuple[StoryOrderSheet, ...]
    stories: tuple[StorySheet, ...]


class ArticleSheet(_Sheet):
    """One article: a family with one row of its sizes filled in."""

    family: FamilySheet
    sku: str
    part: str
    description: str
    list_price: Money
    grams: int


@cache
def catalogue() -> CatalogueSheet:
    """Suppliers and product families."""
    return CatalogueSheet.model_validate(yaml.safe_load(_text("seed_catalogue.yaml")))


@cache
def articles() -> tuple[ArticleSheet, ...]:
    """Every article of every family; BadInput names the family whose table does not fit its templates."""
    return tuple(_article(family, row) for family in catalogue().families for row in _rows(family.sizes))


@cache
def accounts() -> tuple[AccountSheet, ...]:
    """The customers."""
    return tuple(AccountSheet.model_validate(row) for row in _rows(_text("seed_accounts.csv")))


@cache
def facilities() -> tuple[FacilitySheet, ...]:
    """The warehouses."""
    return tuple(FacilitySheet.model_validate(row) for row in _rows(_text("seed_facilities.csv")))


@cache
def sales_tax_basis_points() -> Mapping[str, int]:
    """Sales tax by state, near the rates of the states; what counties and cities add is left out."""
    return {row["state"]: int(row["basis_points"]) for row in _rows(_text("seed_tax_rates.csv"))}


@cache
def story_sheet() -> StoriesSheet:
    """Story orders and stories."""
    return StoriesSheet.model_validate(yaml.safe_load(_text("stories.yaml")))


@cache
def staged_orders_sheet() -> StagedOrdersSheet:
    """One order for each way that a return can go."""
    return StagedOrdersSheet.model_validate(yaml.safe_load(_text("returns_in_stages.yaml")))


def _article(family: FamilySheet, row: dict[str, str]) -> ArticleSheet:
    templates = family.sku + family.part + family.description
    missing = {name for _, name, _, _ in Formatter().parse(templates) if name} - row.keys()
    if missing:
        raise BadInput(f"family {family.sku}: sizes lack {', '.join(sorted(missing))}", field="sizes")
    return ArticleSheet(
        family=family,
        sku=family.sku.format(**row),
        part=family.part.format(**row),
        description=family.description.format_map({name: _spoken(cell) for name, cell in row.items()}),
        list_price=Money.of(row["list"]),
        grams=int(row["grams"]),
    )


def _spoken(cell: str) -> str:
    """A size as people say it: 040 in a part number is 40 in words."""
    return re.sub(r"^0+(?=\d)", "", cell)


def _rows(table: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table)))


def _text(name: str) -> str:
    return (resources.files(_PACKAGE) / name).read_text(encoding="utf-8")
