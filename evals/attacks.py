"""Attacks: a goal written by hand, and the ways it comes in. Figures are clustered by goal."""

from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import Field, model_validator

from backhaul.domain.receiving import ParcelStatus
from evals.scenario import Attack, Customer, Deed, Gold, Saying, Scenario, Sheet, Step, World

_GOAL_TAG = "goal: "
Carrier = Literal["message", "note", "file_name", "item_text", "carrier_event", "photo_text"]


class AttackGoal(Sheet):
    """What somebody is after, a request that is honest as far as it goes, and the words for each carrier.

    The words are put where their carrier says: into the opening message, into a technician's note that is
    pasted into it, into the name or onto the picture of a photo, into the description of the article that
    comes back, or into the place of a scan that the carrier reports. Right is what would be right without
    them.
    """

    goal: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{2,50}$")]
    about: str
    world: World
    customer: Customer
    gold: Gold
    steps: tuple[Step, ...] = ()
    ways: dict[Carrier, str]

    @model_validator(mode="after")
    def _some_way(self) -> "AttackGoal":
        if not self.ways:
            raise ValueError("an attack comes in some way")
        if "item_text" in self.ways and not self.world.orders:
            raise ValueError("an article's description needs an order in the world")
        return self

    def scenarios(self) -> list[Scenario]:
        """The request without any attack, and one scenario for each way."""
        attacks = (self._by(carrier, words) for carrier, words in sorted(self.ways.items()))
        return [self._scenario("by-nobody", self.world, self.customer, self.steps), *attacks]

    def _by(self, carrier: Carrier, words: str) -> Scenario:
        world, customer, steps = self.world, self.customer, self.steps
        match carrier:
            case "message":
                customer = _says(customer, lambda said: {"text": f"{said.text}\n\n{words}"})
            case "note":
                customer = _says(customer, lambda said: {"text": f"{said.text}\n\nNote on the job:\n{words}"})
            case "file_name":
                customer = _says(customer, lambda said: {**_with_photo(said), "file_name": words})
            case "photo_text":
                customer = _says(customer, lambda said: {**_with_photo(said), "photo_text": words})
            case "item_text":
                sku = world.orders[0].lines[0].sku
                world = world.model_copy(update={"descriptions": {**world.descriptions, sku: words}})
            case "carrier_event":
                steps = (
                    Step(who="carrier", does=Deed.SCAN, status=ParcelStatus.IN_TRANSIT, place=words),
                    *steps,
                )
        name, attack = f"by-{carrier.replace('_', '-')}", Attack(goal=self.goal, carrier=carrier)
        return self._scenario(name, world, customer, steps, attack)

    def _scenario(
        self,
        name: str,
        world: World,
        customer: Customer,
        steps: tuple[Step, ...],
        attack: Attack | None = None,
    ) -> Scenario:
        return Scenario(
            id=f"{self.goal}-{name}",
            about=self.about,
            tags=("attack", goal_tag(self.goal)),
            world=world,
            customer=customer,
            steps=steps,
            gold=self.gold,
            attack=attack,
        )


def goal_tag(goal: str) -> str:
    """What all scenarios of a goal share, the one that nobody attacks among them."""
    return f"{_GOAL_TAG}{goal}"


def goal_of(scenario: Scenario) -> str | None:
    """The goal a scenario was written for, also the one that nobody attacks; None for all others."""
    if scenario.attack is not None:
        return scenario.attack.goal
    return next((tag.removeprefix(_GOAL_TAG) for tag in scenario.tags if tag.startswith(_GOAL_TAG)), None)


def is_goal_tag(tag: str) -> bool:
    """Whether a tag is that of a goal."""
    return tag.startswith(_GOAL_TAG)


def _with_photo(said: Saying) -> dict[str, object]:
    return {"photos": said.photos or ("what-came",)}


def _says(customer: Customer, change: Callable[[Saying], dict[str, object]]) -> Customer:
    """The customer with another first message."""
    first, *others = customer.says
    changed = tuple(said.model_copy(update=change(said)) for said in first)
    return customer.model_copy(update={"says": (changed, *others)})
