"""The demo's people, stories and moving clock, as the start page shows them."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from backhaul.bootstrap import outside
from backhaul.bootstrap.demo_people import DEMO_STAFF
from backhaul.connectors.embedded.stories import Story as SeedStory
from backhaul.connectors.embedded.stories import stories
from backhaul.connectors.ports import ErpReads
from backhaul.domain.codes import Role
from backhaul.domain.receiving import ParcelStatus
from backhaul.settings import Settings
from backhaul.store import rmas
from backhaul.store.business_clock import next_day
from backhaul.store.unit_of_work import Store
from web.world import Persona, Story

_ABOUT = {
    Role.REVIEWER: "Decides what is not certain: sees the words, the facts and the rules.",
    Role.APPROVER: "Gives the second yes where the policy wants two people, and decides like a reviewer.",
    Role.INSPECTOR: "Works at the dock and sees what is expected to arrive.",
    Role.POLICY_OWNER: "Reads the policies, and tries a changed figure on what has been decided.",
    Role.FINANCE: "Follows the money: credits, what suppliers owe, and whether the books agree.",
    Role.AUDITOR: "Reads everything and changes nothing: claims, policies and what was decided by them.",
    Role.ADMIN: "Looks after people: who may do what, and where they are signed in.",
}
_AS = {
    Role.REVIEWER: "reviewer",
    Role.APPROVER: "approver",
    Role.INSPECTOR: "dock",
    Role.POLICY_OWNER: "policy owner",
    Role.FINANCE: "finance",
    Role.AUDITOR: "auditor",
    Role.ADMIN: "administrator",
}
_NEXT_SCAN = {
    ParcelStatus.LABEL_CREATED: ParcelStatus.DROPPED_OFF,
    ParcelStatus.DROPPED_OFF: ParcelStatus.IN_TRANSIT,
    ParcelStatus.IN_TRANSIT: ParcelStatus.DELIVERED,
}


def demo_personas(erp: ErpReads) -> Sequence[Persona]:
    """The customers of the stories and the demo's staff."""
    speakers = {told.contact_id: told for told in stories()}
    return (*(_customer(erp, told) for told in speakers.values()), *_staff())


def _customer(erp: ErpReads, told: SeedStory) -> Persona:
    account = erp.account(told.account_id)
    contact = next(one for one in erp.contacts(told.account_id) if one.contact_id == told.contact_id)
    tier = account.tier.value if account else ""
    return Persona(
        key=contact.contact_id,
        name=contact.name,
        email=contact.email,
        about=f"Buys for a {tier} account in {account.ship_to.city}, {account.ship_to.state}."
        if account
        else "",
        role="customer",
        account_id=told.account_id,
        account_name=account.name if account else told.account_id,
    )


def _staff() -> Sequence[Persona]:
    return [
        Persona(key=one.email, name=one.name, email=one.email, about=_ABOUT[one.role], role=_AS[one.role])
        for one in DEMO_STAFF
    ]


def demo_stories() -> Sequence[Story]:
    """The ten stories of the start page."""
    return [
        Story(
            key=told.story_id,
            title=told.title,
            persona=told.contact_id,
            first_message=told.message,
            watch_for=told.story,
        )
        for told in stories()
    ]


def day_after(settings: Settings, store: Store) -> Callable[[date], None]:
    """Moves the business clock on from a day, once, and parcels under a label one scan further with it."""

    def advance(since: date) -> None:
        with store.begin() as uow:
            moved = next_day(uow, since=since, actor="demo:start-page")
        if moved:
            _move_parcels(settings, store)

    return advance


def _move_parcels(settings: Settings, store: Store) -> None:
    with store.read() as uow:
        moving = [row.tracking_number for row in rmas.labels_under_way(uow)]
    at = store.clock.now() - timedelta(hours=2)
    for carrier in (*outside.carriers(settings, store.clock), outside.drop_off(settings, store.clock)):
        # What the carrier itself scanned last: the worker may not have read it yet.
        last = {event.tracking_number: event.status for event in carrier.events()}
        for tracking_number in moving:
            following = _NEXT_SCAN.get(last[tracking_number]) if tracking_number in last else None
            if following is not None:
                carrier.report(tracking_number, following, at=at)
        carrier.close()
