"""A release: what decides here, by the hash of each of its parts, and what its examination found."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any, Self

from backhaul.domain.canonical import digest
from backhaul.domain.errors import BadInput

SHORT = 12
"""Characters of a hash that people are shown"""
OFFLINE = "offline"
"""The model of a release that asks none"""
SHORTEST = 8
"""Characters of a hash that name a release"""


class Component(StrEnum):
    """A part of a release. Whatever changes a decision belongs to exactly one of them."""

    CODE = "code"
    READER = "reader"
    EXEMPLARS = "exemplars"
    PROMPTS = "prompts"
    MODEL = "model"
    POLICIES = "policies"


@dataclass(frozen=True, slots=True)
class Release:
    """What identifies each component: a SHA-256, for the model its name and where it is asked.

    `policies` is empty where only the program is meant, whatever the policies say.
    """

    code: str
    reader: str
    exemplars: str
    prompts: str
    model: str
    policies: str = ""

    @property
    def hash(self) -> str:
        """SHA-256 over all components, as hex: the name of the release."""
        return digest({"release": self})

    def manifest(self) -> dict[str, str]:
        """The components by name, as they are kept."""
        return {one.value: getattr(self, one.value) for one in Component}

    def having_learnt(self, mark: str) -> Self:
        """The same release with what its reader learnt here, which counts among its exemplars.

        `mark` is the SHA-256 of the promoted heads; empty where those of the shipped exemplars read.
        """
        if not mark:
            return self
        return replace(self, exemplars=digest({"exemplars": self.exemplars, "learnt": mark}))

    @classmethod
    def from_manifest(cls, manifest: Mapping[str, Any]) -> Self:
        """Read what `manifest` gave.

        Raises:
            BadInput: It does not name exactly the components of a release.
        """
        named = {one.name for one in fields(cls)}
        if set(manifest) != named or not all(isinstance(value, str) for value in manifest.values()):
            raise BadInput(f"a release names {', '.join(Component)}, each as text")
        return cls(**manifest)


def differences(before: Release, after: Release) -> tuple[Component, ...]:
    """The components in which two releases differ."""
    return tuple(one for one in Component if getattr(before, one.value) != getattr(after, one.value))


class GateResult(StrEnum):
    """What the gate of the examination said."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_ENOUGH_EVIDENCE = "not enough evidence"


@dataclass(frozen=True, slots=True)
class Gate:
    """The gate's answer with the run it rests on. `figures` are the run's own, as JSON."""

    result: GateResult
    run: str
    figures: Mapping[str, Any]

    def result_and_run(self) -> dict[str, str]:
        """What the audit log keeps of it."""
        return {"result": self.result.value, "run": self.run}
