"""The checklists of the dock, by product class, from `checklists.yaml`."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from backhaul.domain.codes import ProductClass
from backhaul.domain.errors import BadInput

ANSWERS: Mapping[str, str] = {"yes": "Yes", "no": "No", "na": "N/A"}
_FILE = Path(__file__).parent / "checklists.yaml"


class Question(BaseModel):
    """One thing to look at. `good` is the answer of goods as new."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    key: Annotated[str, Field(pattern=r"^[a-z_]{3,30}$")]
    ask: Annotated[str, Field(pattern=r"\?$", max_length=90)]
    good: Literal["yes", "no"]


_SHEET = TypeAdapter(dict[ProductClass, Annotated[tuple[Question, ...], Field(min_length=3, max_length=6)]])


def read_checklists(text: str) -> Mapping[ProductClass, tuple[Question, ...]]:
    """Checklists from a document.

    Raises:
        BadInput: A class is missing, a key stands twice, or a question is malformed; the message says where.
    """
    try:
        sheet = _SHEET.validate_python(yaml.safe_load(text))
    except (ValidationError, yaml.YAMLError) as wrong:
        raise BadInput(f"checklists.yaml: {wrong}", field="checklists") from wrong
    if missing := set(ProductClass) - set(sheet):
        raise BadInput(f"checklists.yaml: no checklist for {', '.join(sorted(missing))}", field="checklists")
    for product_class, questions in sheet.items():
        if len({one.key for one in questions}) < len(questions):
            raise BadInput(f"checklists.yaml: a key stands twice under {product_class}", field="checklists")
    return sheet


@cache
def checklists() -> Mapping[ProductClass, tuple[Question, ...]]:
    """The checklists that are shipped."""
    return read_checklists(_FILE.read_text("utf-8"))


def against_as_new(questions: tuple[Question, ...], answers: Mapping[str, str]) -> Question | None:
    """The first question whose answer is not that of goods as new; `None` when there is none."""
    return next((one for one in questions if answers.get(one.key) not in {one.good, "na"}), None)
