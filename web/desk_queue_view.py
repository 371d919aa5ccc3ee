"""What the queue shows: its rows with whose they are and why they stand where they stand, and its filters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from backhaul.domain.codes import Action, ProductClass
from backhaul.domain.errors import PolicyError
from backhaul.store import review_details, review_leases, review_queue, review_snoozes
from backhaul.store.queue_tables import ReviewLeaseRow, ReviewSnoozeRow
from backhaul.store.review_about import PERSON_NEEDED
from backhaul.store.review_queue import Page, Place, Wanted
from backhaul.store.tables import ReturnLineRow, ReviewRow
from backhaul.store.unit_of_work import UnitOfWork
from web.desk_notes_view import what_of
from web.desk_queue import DUES, HOLDERS, TITLES, Asked, counted, read, wanted_of, written
from web.desk_signals import worth_in_short
from web.desk_view import stands
from web.pages import dollars, words
from web.who import Member
from web.world import Doors

_PER_CENT, _PERMILLE, _SECONDS_A_MINUTE, _SECONDS_AN_HOUR = 100, 1_000, 60, 3_600
_EFFECTS: Mapping[Action, str] = {
    Action.CREATE_RMA: "A return",
    Action.RETURNLESS_REFUND: "A credit without the goods",
    Action.CREDIT_MEMO: "A credit",
    Action.MOVE_STOCK: "A disposition",
    Action.VENDOR_CLAIM: "A claim on a supplier",
    Action.CANCEL_RMA: "The end of a return",
    Action.REPAIR_ORDER: "A repair",
    Action.REPLACEMENT: "A replacement",
}


@dataclass(frozen=True, slots=True)
class QueueItem:
    """One review in the queue."""

    review: ReviewRow
    account_name: str
    line: ReturnLineRow | None
    age_seconds: float
    left_seconds: float
    """Until the deadline; negative when it has passed"""
    approved: bool
    """Somebody said yes and the worker has not acted on it yet"""
    what: str
    """What is under review when it is no line of an order"""
    worth: str
    """What a look at it is worth, in short"""
    to_read: bool
    """Drawn to be read blind: what the machine read is not shown"""
    lease: ReviewLeaseRow | None
    holder: str
    """The name of who works on it; empty when nobody does"""
    snooze: ReviewSnoozeRow | None

    @property
    def stands(self) -> str:
        return stands(self.review)

    @property
    def sums(self) -> Sequence[tuple[str, str]]:
        """The arithmetic of its place, line by line; none where nothing was worked out."""
        return sums_of(self.review.worth) if self.review.worth else ()


def queue_items(uow: UnitOfWork, doors: Doors, rows: Sequence[ReviewRow]) -> list[QueueItem]:
    """Reviews with what a list shows of them; everything is looked up for all at once."""
    now = uow.clock.now()
    lines, approved = review_details.lines_among(uow, rows), review_details.approved_among(uow, rows)
    to_read = review_details.to_read_among(uow, rows)
    ids = [row.id for row in rows]
    leases, snoozes = review_leases.held_among(uow, ids), review_snoozes.asleep_among(uow, ids)
    people = review_details.names_of(uow, [one.holder for one in leases.values()])
    accounts = {
        account_id: _account_name(doors, account_id) for account_id in {row.account_id for row in rows}
    }
    return [
        QueueItem(
            review=row,
            account_name=accounts[row.account_id],
            line=lines.get(row.proposal_id or ""),
            age_seconds=(now - row.opened_at).total_seconds(),
            left_seconds=(row.due_at - now).total_seconds(),
            approved=row.proposal_id in approved and not row.marked,
            what="" if row.proposal_id in lines else what_of(uow, row) or "A person is needed",
            worth=worth_in_short(row),
            to_read=row.proposal_id in to_read,
            lease=leases.get(row.id),
            holder=people.get(leases[row.id].holder, "") if row.id in leases else "",
            snooze=snoozes.get(row.id),
        )
        for row in rows
    ]


def _account_name(doors: Doors, account_id: str) -> str:
    account = doors.desk.erp.account(account_id)
    return account.name if account else account_id


def sums_of(worth: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    """How the place in the queue was worked out, see tools.review_worth."""
    minutes = max(worth["seconds"] / _SECONDS_A_MINUTE, 1 / _SECONDS_A_MINUTE)
    ahead = (
        "Goes before what is worth nothing by",
        f"{worth['head_start_seconds'] / _SECONDS_AN_HOUR:.1f} h",
    )
    if worth["avoided_usd_minor"] is None:
        return (("At stake", "unknown, so it goes first"), ahead)
    chance = f"{worth['turned_down_permille'] / (_PERMILLE // _PER_CENT):.0f} %"
    return (
        (_chance_words(worth["turned_down"], worth["decided"]), chance),
        ("times what is at stake", dollars(worth["stake_usd_minor"])),
        ("and what a day of waiting costs", dollars(worth["waiting_usd_minor"])),
        ("make the expected loss avoided", dollars(worth["avoided_usd_minor"])),
        (
            f"a reviewer minute, of {minutes:.1f} such a review takes",
            dollars(round(worth["avoided_usd_minor"] / minutes)),
        ),
        ahead,
    )


def _chance_words(turned_down: int, decided: int) -> str:
    told = f"{turned_down} of {decided} such were turned down" if decided else "none such was decided yet"
    return f"Chance of a no ({told})"


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be filtered by: the value for the address, and its words."""

    holders: Sequence[tuple[str, str]]
    dues: Sequence[tuple[str, str]]
    kinds: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    """By effect"""
    goods: Sequence[tuple[str, str]]


def queue_context(uow: UnitOfWork, doors: Doors, who: Member, asked: Asked) -> Mapping[str, Any]:
    """Everything the page of the queue shows of the queue itself."""
    wanted = wanted_of(doors, asked, who)
    page = review_queue.page(uow, wanted, after=read(asked.after))
    counts = dict(review_queue.counts(uow, who.user_id))
    if not asked.is_narrowed:
        counts[wanted.place] = page.count
    return {
        "asked": asked,
        "shown": wanted.place.value,
        "filters": [(place.value, title, counted(counts[place])) for place, title in TITLES.items()],
        "items": queue_items(uow, doors, page.rows),
        "count": counted(page.count),
        "onward": asked.at(after=written(page.onward)) if page.onward else "",
        "choices": _choices(uow, doors, wanted),
        "account_asked": _account_name(doors, asked.account) if asked.account else "",
    }


def first_items(uow: UnitOfWork, doors: Doors, place: Place) -> list[QueueItem]:
    """The most pressing of a place, for the command line."""
    found: Page = review_queue.page(uow, Wanted("", place), size=2 * review_queue.PAGE)
    return queue_items(uow, doors, found.rows)


def _choices(uow: UnitOfWork, doors: Doors, wanted: Wanted) -> Choices:
    titles = _rule_titles(doors, uow.clock.now().date())
    found = {wanted.kind, *review_queue.kinds(uow, wanted.place)} - {""}
    by_effect: dict[str, list[tuple[str, str]]] = {}
    for kind in sorted(found):
        effect, said = _kind_words(kind, titles)
        by_effect.setdefault(effect, []).append((kind, said))
    goods = {wanted.product_class, *review_queue.classes(uow, wanted.place)} - {""}
    return Choices(
        holders=[(one.value, said) for one, said in HOLDERS.items()],
        dues=[(one.value, said) for one, said in DUES.items()],
        kinds=sorted(by_effect.items()),
        goods=[(one, words(one)) for one in sorted(goods & {each.value for each in ProductClass})],
    )


def _kind_words(kind: str, titles: Mapping[str, str]) -> tuple[str, str]:
    """The effect, and the rule that wanted a person, as its title has it."""
    effect, _, rule = kind.partition("/")
    if kind == PERSON_NEEDED or effect not in set(Action):
        return "A person is needed", "Somebody or something asked for a person"
    return _EFFECTS.get(Action(effect), words(effect)), titles.get(rule, rule or "For another reason")


def _rule_titles(doors: Doors, day: date) -> Mapping[str, str]:
    """Of the rules in force; a case can be found, if less well, while no documents can be read."""
    try:
        bundle = doors.desk.policies().bundle
    except PolicyError:
        return {}
    rules = [
        rule
        for editions in bundle.policies.values()
        for edition in sorted(editions, key=lambda one: one.policy.effective.covers(day))
        for rule in edition.policy.rules
    ]
    bound = [(one.rule.id, one.rule.title) for overlay in bundle.overlays for one in overlay.rules]
    return {**dict(bound), **{rule.id: rule.title for rule in rules}}
