"""The sheet of the demo's stages: which return, on which staged order, does what on which day."""

from functools import cache
from importlib import resources

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from backhaul.domain.claims import Answer
from backhaul.domain.codes import Action, Reason, Resolution
from backhaul.domain.receiving import Disposition, Finding, Grade, ParcelStatus, ReceiptKind

_SHEET = "stages.yaml"


class _Sheet(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AskSheet(_Sheet):
    """What the customer asks for, beside the words."""

    reason: Reason
    quantity: int
    resolution: Resolution = Resolution.CREDIT
    keeps: bool = False
    photos: int = 0


class CountSheet(_Sheet):
    """What comes out of the parcel. Serials are those of the order unless others are named."""

    quantity: int
    kind: ReceiptKind = ReceiptKind.EXPECTED
    sku: str = ""
    serials: tuple[str, ...] = ()
    lots: tuple[str, ...] = ()
    photos: int = 0
    note: str = ""


class InspectSheet(_Sheet):
    """What the inspector finds."""

    grade: Grade
    finding: Finding = Finding.CONFIRMED
    found_reason: Reason | None = None
    seal_intact: bool = True


class DecideSheet(_Sheet):
    """Who says yes, or no, to which effect."""

    action: Action
    by: str
    approve: bool = Field(default=True)


class AnswerSheet(_Sheet):
    """What the supplier says."""

    says: Answer
    note: str = ""


class StepSheet(_Sheet):
    """One act, so many days before the demo's first day."""

    ago: float = Field(gt=0)
    say: bool = False
    ask: AskSheet | None = None
    scan: ParcelStatus | None = None
    count: CountSheet | None = None
    inspect: InspectSheet | None = None
    settle: Disposition | None = None
    decide: DecideSheet | None = None
    answer: AnswerSheet | None = None
    cancel: bool = False

    @model_validator(mode="after")
    def _is_one_act(self) -> "StepSheet":
        told = self.model_dump(exclude={"ago"}, exclude_defaults=True)
        if len(told) != 1:
            raise ValueError(f"a step is one act, not {sorted(told)}")
        return self


class ReturnSheet(_Sheet):
    """One return: the staged order, the customer's words and the steps, the first one first."""

    order: str
    words: str = ""
    steps: tuple[StepSheet, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _goes_forward(self) -> "ReturnSheet":
        days = [step.ago for step in self.steps]
        if days != sorted(days, reverse=True):
            raise ValueError(f"{self.order}: the steps are not in the order of their days")
        return self


class PlanSheet(_Sheet):
    """The whole file."""

    returns: tuple[ReturnSheet, ...]


@cache
def plan() -> PlanSheet:
    """The plan that comes with Backhaul."""
    text = resources.files(__package__).joinpath(_SHEET).read_text(encoding="utf-8")
    return PlanSheet.model_validate(yaml.safe_load(text))
