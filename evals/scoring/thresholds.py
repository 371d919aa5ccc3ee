"""The thresholds of the gate, as they stand in `evals/gate.yaml`."""

from pathlib import Path

import yaml
from pydantic import Field, ValidationError, model_validator

from backhaul.domain.errors import BadInput
from evals.scenario import Sheet
from evals.scoring.named import FIGURES

SHIPPED = Path(__file__).parent.parent / "gate.yaml"


class Threshold(Sheet):
    """What a figure has to keep: at least a floor, or at most a ceiling, in the unit of the figure.

    `sees` is the shortfall that must not go unseen: when fewer cases were run than show it in 80 of 100 runs,
    the check is "not enough evidence".
    """

    floor: float | None = Field(default=None, gt=0)
    ceiling: float | None = Field(default=None, ge=0)
    sees: float = Field(gt=0)

    @model_validator(mode="after")
    def _one_side(self) -> "Threshold":
        if (self.floor is None) == (self.ceiling is None):
            raise ValueError("say either `floor` or `ceiling`")
        return self


class SuiteGate(Sheet):
    """The thresholds of one suite, by the name of the figure.

    `regression` is the drop of the share that passes, against the baseline, that must not go unseen. Any drop
    that chance does not explain breaks the gate; None asks for no baseline.
    """

    figures: dict[str, Threshold] = Field(min_length=1)
    regression: float | None = Field(default=None, gt=0, lt=1)

    @model_validator(mode="after")
    def _known(self) -> "SuiteGate":
        unknown = sorted(set(self.figures) - set(FIGURES))
        if unknown:
            raise ValueError(f"no such figure: {', '.join(unknown)}; there are {', '.join(FIGURES)}")
        return self


class Gate(Sheet):
    """The whole file."""

    suites: dict[str, SuiteGate] = Field(min_length=1)


def read_gate(path: Path = SHIPPED) -> Gate:
    """Read the file strictly.

    Raises:
        BadInput: It cannot be read, or a word or a number in it is not understood.
    """
    try:
        return Gate.model_validate(yaml.safe_load(path.read_bytes()))
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}", field="thresholds") from error
    except (yaml.YAMLError, ValidationError) as error:
        raise BadInput(f"{path} holds no thresholds: {error}", field="thresholds") from error
