"""Who plays the customer of a scenario: its script, or a language model."""

from collections.abc import Callable, Mapping

from backhaul.settings import Settings
from evals.customer import PlaysCustomer, ScriptedCustomer
from evals.scenario import Scenario

CastsCustomer = Callable[[Scenario, int], PlaysCustomer]
"""From a scenario and an epoch to who plays its customer"""


def scripted(scenario: Scenario, epoch: int) -> PlaysCustomer:
    """The script; the same for the same epoch."""
    return ScriptedCustomer(scenario.customer, epoch, scenario.id, _meant(scenario))


def by_a_model(scenario: Scenario, epoch: int) -> PlaysCustomer:
    """The language model of the settings; BadInput when there is none."""
    del epoch
    from evals.model_customer import ModelCustomer, chat_of  # noqa: PLC0415 - two seconds of imports few need

    return ModelCustomer(scenario, chat_of(Settings()))


CUSTOMERS: Mapping[str, CastsCustomer] = {"scripted": scripted, "model": by_a_model}
"""By the name that is asked for"""


def _meant(scenario: Scenario) -> dict[str, tuple[str, int]]:
    """SKU and pieces by order line that the customer means; nothing of an attacker."""
    if scenario.attack:
        return {}
    skus = {
        f"{order.number}/{at}": line.sku
        for order in scenario.world.orders
        for at, line in enumerate(order.lines, start=1)
    }
    return {line.key: (skus[line.key], line.quantity) for line in scenario.gold.lines if line.key in skus}
