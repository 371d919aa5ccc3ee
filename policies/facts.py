"""What a rule may know: one flat record, each fact with its source, its unit and its bounds.

A fact that the ERP cannot tell stands by name in `unknown`, never as a default: every applicable rule that
reads it escalates. The types of the policy language are generated from this record, so a misspelt or
mistyped name in a document does not load.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from json import dumps
from types import MappingProxyType
from typing import Annotated, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from backhaul.domain.codes import Action, ProductClass, Reason, Region, Resolution, Tier
from backhaul.domain.errors import PolicyError
from backhaul.domain.receiving import Disposition, Finding
from policies.fact_words import refused_facts
from policies.figures import AGREEMENTS, FIGURES, MOST_MINOR, MOST_PIECES, with_figures


class Source(StrEnum):
    """Where a fact comes from. A rule that reads a `claim` must say what corroborates it."""

    CLAIM = "claim"
    ERP = "erp"
    SCORER = "scorer"
    HUMAN = "human"
    DERIVED = "derived"


class Kind(StrEnum):
    """The three types of the policy language. A choice is a word of a closed list."""

    WHOLE = "whole number"
    FLAG = "flag"
    CHOICE = "choice"


class RequesterKind(StrEnum):
    """Whose session the request comes from; never taken from what somebody typed."""

    CUSTOMER = "customer"
    STAFF = "staff"
    SYSTEM = "system"


class ReviewStatus(StrEnum):
    """Where the review of this proposal stands."""

    NONE = "none"
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


class GradeFound(StrEnum):
    """The condition that the dock found, from A (as new) to D; `none` before an inspection."""

    NONE = "none"
    A = "A"
    B = "B"
    C = "C"
    D = "D"


@dataclass(frozen=True, slots=True)
class Origin:
    """Marks a field of `Facts`: source, unit, and how a sentence names it."""

    source: Source
    unit: str
    words: str


def _flag(source: Source, words: str) -> Origin:
    return Origin(source, "flag", words)


def _word(source: Source, words: str) -> Origin:
    return Origin(source, "code", words)


def _number(source: Source, unit: str, words: str) -> Origin:
    return Origin(source, unit, words)


_Pieces = Annotated[int, Field(ge=0, le=MOST_PIECES)]
_Permille = Annotated[int, Field(ge=0, le=1_000)]
_UsdMinor = Annotated[int, Field(ge=0, le=MOST_MINOR)]
_Count = Annotated[int, Field(ge=0, le=1_000)]
_CLAIM, _ERP, _SCORER, _HUMAN, _DERIVED = Source


class Facts(BaseModel):
    """Everything one decision rests on, looked up by the guard at one moment.

    Missing, null, a number as text, a fraction, and True for a number all refuse. Amounts are cents of the
    ledger currency. `unknown` names facts the ERP could not tell; such a fact has no value, and reading it
    raises AttributeError.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    # What the proposal says
    action: Annotated[Action, _word(_CLAIM, "the action")]
    reason: Annotated[Reason, _word(_CLAIM, "the reason")]
    resolution: Annotated[Resolution, _word(_CLAIM, "the wish")]
    quantity: Annotated[int, Field(ge=1, le=MOST_PIECES), _number(_CLAIM, "pieces", "the quantity asked for")]
    serials_given: Annotated[_Pieces, _number(_CLAIM, "serials", "the serial numbers given")]
    # Who asks, on what evidence
    requester_kind: Annotated[RequesterKind, _word(_DERIVED, "the kind of requester")]
    consent_given: Annotated[bool, _flag(_HUMAN, "consent to exactly this proposal")]
    photos: Annotated[_Count, _number(_DERIVED, "photos", "the photos on file")]
    received_item_known: Annotated[bool, _flag(_DERIVED, "knowing which item arrived instead")]
    confidence_permille: Annotated[_Permille, _number(_SCORER, "permille", "the reading confidence")]
    fraud_score_permille: Annotated[_Permille, _number(_SCORER, "permille", "the fraud score")]
    # The account and its contract; -1 means the contract is silent
    tier: Annotated[Tier, _word(_ERP, "the account's tier")]
    region: Annotated[Region, _word(_ERP, "the delivery region")]
    credit_hold: Annotated[bool, _flag(_ERP, "a credit hold on the account")]
    contract_window_days: Annotated[
        int, Field(ge=-1, le=3_650), _number(_ERP, "days", "the return window of the contract")
    ]
    contract_restocking_bps: Annotated[
        int, Field(ge=-1, le=10_000), _number(_ERP, "basis points", "the restocking fee of the contract")
    ]
    contract_advance_replacement: Annotated[bool, _flag(_ERP, "advance replacement in the contract")]
    # The order line and its item
    order_on_account: Annotated[bool, _flag(_ERP, "the order being on the requester's account")]
    currency_is_ledger: Annotated[bool, _flag(_ERP, "the order being in the ledger currency")]
    rate_age_days: Annotated[
        int,
        Field(ge=0, le=36_500),
        _number(_DERIVED, "days", "the age of the exchange rate on the order day"),
    ]
    delivered: Annotated[bool, _flag(_ERP, "delivery of the goods")]
    days_since_delivery: Annotated[
        int, Field(ge=0, le=36_500), _number(_DERIVED, "days", "the days since delivery")
    ]
    product_class: Annotated[ProductClass, _word(_ERP, "the product class")]
    hazmat: Annotated[bool, _flag(_ERP, "dangerous goods")]
    final_sale: Annotated[bool, _flag(_ERP, "a final sale")]
    serial_tracked: Annotated[bool, _flag(_ERP, "tracking by serial number")]
    serials_matching: Annotated[
        _Pieces, _number(_DERIVED, "serials", "the serial numbers that were shipped on this line")
    ]
    warranty_months: Annotated[int, Field(ge=0, le=600), _number(_ERP, "months", "the warranty of the item")]
    warranty_days_left: Annotated[
        int, Field(ge=-36_500, le=36_500), _number(_DERIVED, "days", "the days of warranty left")
    ]
    recall_notice: Annotated[bool, _flag(_ERP, "an open recall notice")]
    unit_price_usd_minor: Annotated[_UsdMinor, _number(_ERP, "usd_minor", "the price paid for a piece")]
    # What has happened to the line, the case and the order so far
    quantity_shipped: Annotated[_Pieces, _number(_ERP, "pieces", "the pieces shipped")]
    quantity_already_authorised: Annotated[
        _Pieces, _number(_ERP, "pieces", "the pieces already authorised for return, in every case")
    ]
    quantity_on_rma: Annotated[_Pieces, _number(_ERP, "pieces", "the pieces on this case's RMA")]
    quantity_received: Annotated[_Pieces, _number(_ERP, "pieces", "the pieces received back on this RMA")]
    quantity_settled: Annotated[
        _Pieces, _number(_ERP, "pieces", "the pieces of this RMA already credited, replaced or repaired")
    ]
    quantity_dispositioned: Annotated[
        _Pieces, _number(_ERP, "pieces", "the pieces of this RMA that have their disposition already")
    ]
    rma_open: Annotated[bool, _flag(_ERP, "an open RMA for this line")]
    open_rmas_on_case: Annotated[_Count, _number(_ERP, "RMAs", "the open RMAs on the case")]
    labels_on_case: Annotated[_Count, _number(_ERP, "labels", "the labels bought on the case")]
    order_paid_out_usd_minor: Annotated[
        _UsdMinor, _number(_ERP, "usd_minor", "what else is authorised, replaced or paid out on the order")
    ]
    # What the dock found of the pieces, and what is to become of them
    grade: Annotated[GradeFound, _word(_HUMAN, "the grade")]
    finding: Annotated[Finding, _word(_HUMAN, "the finding of the inspection")]
    seal_intact: Annotated[bool, _flag(_HUMAN, "an unbroken seal, seen at the dock")]
    disposition: Annotated[Disposition, _word(_HUMAN, "the disposition")]
    write_down_usd_minor: Annotated[
        _UsdMinor, _number(_DERIVED, "usd_minor", "what the move costs against the books")
    ]
    # What the line was charged, goods and tax, and what of it was given back
    line_invoiced_usd_minor: Annotated[_UsdMinor, _number(_ERP, "usd_minor", "what the line was invoiced")]
    line_credited_usd_minor: Annotated[
        _UsdMinor, _number(_ERP, "usd_minor", "what was credited on the line so far")
    ]
    credit_usd_minor: Annotated[_UsdMinor, _number(_DERIVED, "usd_minor", "this credit with its tax")]
    # What the supplier takes back, by the terms the ERP knows, and what the goods cost us
    supplier_window_days: Annotated[
        int, Field(ge=0, le=3_650), _number(_ERP, "days", "the supplier's window from our receipt")
    ]
    supplier_accepts_defective: Annotated[bool, _flag(_ERP, "the supplier taking back defective goods")]
    supplier_accepts_overstock: Annotated[bool, _flag(_ERP, "the supplier taking back surplus goods")]
    supplier_rma_required: Annotated[bool, _flag(_ERP, "the supplier asking for its own RMA number")]
    days_since_receipt: Annotated[
        int, Field(ge=0, le=36_500), _number(_DERIVED, "days", "the days since we received the goods")
    ]
    unit_cost_usd_minor: Annotated[_UsdMinor, _number(_ERP, "usd_minor", "the documented cost of a piece")]
    quantity_claimed: Annotated[
        _Pieces, _number(_ERP, "pieces", "the pieces of this line already claimed from the supplier")
    ]
    packet_complete: Annotated[bool, _flag(_DERIVED, "a claim packet that lacks nothing")]
    # What people decided
    review_status: Annotated[ReviewStatus, _word(_HUMAN, "the state of the review")]
    approvals: Annotated[
        int, Field(ge=0, le=9), _number(_HUMAN, "approvals", "the approvals of this command")
    ]
    approver_is_requester: Annotated[bool, _flag(_HUMAN, "an approval by the requester")]
    approver_is_authoriser: Annotated[
        bool, _flag(_HUMAN, "an approval of the credit by who had approved the RMA, and by nobody else")
    ]

    unknown: frozenset[str] = frozenset()

    FOUND_IN_ERP: ClassVar[frozenset[str]] = frozenset(
        {
            "credit_usd_minor",
            "days_since_delivery",
            "days_since_receipt",
            "rate_age_days",
            "serials_matching",
            "warranty_days_left",
            "write_down_usd_minor",
        }
    )

    @model_validator(mode="before")
    @classmethod
    def _hold_a_place_for_the_unknown(cls, given: object) -> object:
        if not isinstance(given, Mapping) or "unknown" not in given:
            return given
        names = given["unknown"]
        if not isinstance(names, list | frozenset) or not all(isinstance(name, str) for name in names):
            raise ValueError("`unknown` must be a list of names of facts the ERP cannot tell")
        for name in sorted(names):
            if name not in UNKNOWABLE:
                raise ValueError(f"{name} cannot be unknown; that is for facts the ERP tells")
            if name in given:
                raise ValueError(f"{name} stands under `unknown` and has a value as well; keep one of them")
        places = {name: _placeholder(FACTS[name]) for name in names}
        return {**given, **places, "unknown": frozenset(names)}

    @model_validator(mode="after")
    def _agree_with_one_another(self) -> Self:
        for name in self.unknown:
            self.__dict__.pop(name, None)
        known = self.known()
        for sentence, names, holds in AGREEMENTS:
            if names <= known.keys() and not holds(known):
                raise ValueError(sentence)
        return self

    def known(self) -> dict[str, int | str | bool]:
        """Each known fact and each derived figure whose parts are known, by name."""
        values = {
            name: value.value if isinstance(value, StrEnum) else value
            for name, value in self.__dict__.items()
            if name != "unknown"
        }
        return with_figures(values, self.unknown)

    def changed(self, **changes: int | str | bool) -> "Facts":
        """The same facts with these values; ValidationError if they cannot stand together."""
        return Facts.model_validate({**self.__dict__, **changes})

    @classmethod
    def from_record(cls, record: Mapping[str, object]) -> "Facts":
        """Read facts as stored in a decision or written in an example. PolicyError names what is wrong."""
        try:
            return cls.model_validate_json(dumps(dict(record)))
        except ValidationError as wrong:
            said = refused_facts(wrong, FACTS, UNKNOWABLE)
            raise PolicyError(f"these facts cannot be used: {said}") from wrong
        except TypeError as wrong:
            raise PolicyError(f"these facts cannot be used: {wrong}") from wrong

    def record(self) -> dict[str, object]:
        """The facts as seen, ready to be stored; `from_record` reads them back."""
        return {**self.model_dump(mode="json", exclude={"unknown"}), "unknown": sorted(self.unknown)}


@dataclass(frozen=True, slots=True)
class FactInfo:
    """What the policy language knows of a fact: type, source, unit, bounds or closed list, how to say it."""

    name: str
    kind: Kind
    source: Source
    unit: str
    words: str
    low: int = 0
    high: int = 0
    choices: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()


def _info(name: str) -> FactInfo:
    field = Facts.model_fields[name]
    origin = next(mark for mark in field.metadata if isinstance(mark, Origin))
    about = (origin.source, origin.unit, origin.words)
    if field.annotation is bool:
        return FactInfo(name, Kind.FLAG, *about)
    if isinstance(field.annotation, type) and issubclass(field.annotation, StrEnum):
        return FactInfo(name, Kind.CHOICE, *about, choices=tuple(field.annotation))
    low = next(mark.ge for mark in field.metadata if hasattr(mark, "ge"))
    high = next(mark.le for mark in field.metadata if hasattr(mark, "le"))
    return FactInfo(name, Kind.WHOLE, *about, low=low, high=high)


FACTS: Mapping[str, FactInfo] = MappingProxyType(
    {name: _info(name) for name in Facts.model_fields if name != "unknown"}
    | {
        name: FactInfo(
            name, Kind.WHOLE, Source.DERIVED, of.unit, of.words, low=of.low, high=of.high, reads=of.reads
        )
        for name, of in FIGURES.items()
    }
)
"""Every name a rule may read, derived figures included, in the order of the record."""

UNKNOWABLE = frozenset(
    info.name
    for info in FACTS.values()
    if not info.reads and (info.source is Source.ERP or info.name in Facts.FOUND_IN_ERP)
)
"""Facts that may stand in `unknown`: what the ERP tells, and what is worked out from it."""


def parts(name: str) -> tuple[str, ...]:
    """The stored facts behind a name: itself, or those a derived figure is computed from."""
    return FACTS[name].reads or (name,)


def _placeholder(info: FactInfo) -> int | str | bool:
    if info.kind is Kind.CHOICE:
        return info.choices[0]
    return False if info.kind is Kind.FLAG else info.low
