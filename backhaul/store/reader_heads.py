"""Heads of the reader on record: trained, compared, promoted, gone back from, withdrawn."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from backhaul.domain.audit import Tag
from backhaul.domain.errors import BadInput, NotAllowed, NotFound
from backhaul.domain.release import SHORT, SHORTEST
from backhaul.store import corrections
from backhaul.store.reader_tables import HeadsRow, PromotionRow
from backhaul.store.releases import MAY_RELEASE
from backhaul.store.reviews import staff_roles
from backhaul.store.unit_of_work import UnitOfWork, in_turn

PROMOTED, ROLLBACK, WITHDRAWN = "promoted", "rollback", "withdrawn"
SHIPPED = "shipped"
"""What the heads are called that the shipped exemplars make"""
TAG_OF = {
    PROMOTED: Tag.READER_PROMOTED,
    ROLLBACK: Tag.READER_ROLLED_BACK,
    WITHDRAWN: Tag.READER_WITHDRAWN,
}
"""What the audit log calls each kind of entry"""
_TURN = "reader"


def keep(
    uow: UnitOfWork, *, name: str, sha256: str, learnt: Sequence[str], figures: Mapping[str, Any], by: str
) -> HeadsRow:
    """Put trained heads on record, by the id of a member of staff; training them again changes nothing.

    Raises:
        NotAllowed: They may not train.
        BadInput: A correction that was learnt from was erased meanwhile; or they are promoted, and the file
            that was made now is another one.
    """
    check_may(uow, by)
    in_turn(uow, _TURN)
    held = corrections.named(uow, learnt)
    if len(held) != len(learnt) or any(row.state != corrections.CONFIRMED for row in held):
        raise BadInput("a correction was erased while the heads were trained; train again", field="hash")
    row = uow.session.get(HeadsRow, name)
    if row is not None and row.sha256 == sha256:
        return row
    if row is not None and in_use(uow) == name:
        raise BadInput(
            f"{name[:SHORT]} is promoted, and this machine makes another file of it; train it where it was "
            "trained, or go back with `backhaul reader rollback`",
            field="hash",
        )
    if row is None:
        row = HeadsRow(name=name, corrections=list(learnt))
        uow.session.add(row)
    row.sha256, row.figures = sha256, dict(figures)
    row.trained_by, row.trained_at, row.compared = by, uow.clock.now(), None
    uow.session.flush()
    facts = {"sha256": sha256, "corrections": len(learnt)}
    uow.record(Tag.READER_TRAINED, actor=f"staff:{by}", subject=name, facts=facts)
    return row


def keep_comparison(
    uow: UnitOfWork, row: HeadsRow, *, against: str, is_worse: bool, told: str, figures: Sequence[Any]
) -> None:
    """Keep the newest comparison with the heads `against`; `told` says in words how it came out."""
    said = {"against": against, "is_worse": is_worse, "told": told, "figures": list(figures)}
    row.compared = {**said, "at": uow.clock.now().isoformat()}
    uow.session.flush()
    facts = {"against": against, "is_worse": is_worse}
    uow.record(Tag.READER_COMPARED, actor="cli:reader", subject=row.name, facts=facts)


def promote(uow: UnitOfWork, row: HeadsRow, *, by: str, why: str, force: bool = False) -> PromotionRow:
    """Have both processes read with these heads.

    Raises:
        NotAllowed: They may not.
        BadInput: Words it learnt from were erased; it is in use; or, without `force`, there is no comparison
            with what is in use, or that found it worse. With `force`, no reason was given.
    """
    check_may(uow, by)
    in_turn(uow, _TURN)
    if row.withdrawn_at is not None:
        raise BadInput(f"{row.name[:SHORT]} learnt from words that were erased; train again", field="hash")
    current = in_use(uow)
    if current == row.name:
        raise BadInput(f"{row.name[:SHORT]} is promoted already", field="hash")
    if force and not why.strip():
        raise BadInput("say with --why what speaks for it against the comparison", field="why")
    if not force and (obstacle := _not_shown(row, current or SHIPPED)):
        raise BadInput(f"{obstacle}, or take --force with --why", field="hash")
    return _enter(uow, row.name, PROMOTED, by=by, why=why, forced=force)


def _not_shown(row: HeadsRow, current: str) -> str:
    told = row.compared
    if told is None or told["against"] != current:
        return f"compare it with {current[:SHORT]} first"
    return f"the comparison does not clear it: {told['told']}" if told["is_worse"] else ""


def roll_back(uow: UnitOfWork, *, by: str, why: str) -> PromotionRow:
    """Go back to what was read with before the newest promotion; withdrawn heads are passed over.

    Raises:
        NotAllowed: They may not.
        BadInput: The shipped heads are in use already.
    """
    check_may(uow, by)
    in_turn(uow, _TURN)
    current = in_use(uow)
    if current is None:
        raise BadInput("the shipped heads are in use, there is nothing to go back from", field="hash")
    back_to = _before(uow, current)
    return _enter(uow, back_to, ROLLBACK, by=by, why=why)


def _before(uow: UnitOfWork, current: str) -> str | None:
    """The heads that the ones in use took the place of, when they were first promoted."""
    entries = history(uow)
    first = next(at for at, entry in enumerate(entries) if entry.heads == current)
    earlier = [entry.heads for entry in entries[:first]]
    usable = [one for one in earlier if one is None or _is_usable(uow, one)]
    return usable[-1] if usable else None


def forget(uow: UnitOfWork, account_id: str, *, by: str, cases: Sequence[str] | None = None) -> list[str]:
    """Erase what an account taught, or some cases of it: its words, and every head that learnt from them.

    What is in use falls back to the shipped heads in the same transaction. The names of the heads, whose
    files the caller deletes.
    """
    in_turn(uow, _TURN)
    erased = set(corrections.erase_of_account(uow, account_id, by=by, cases=cases))
    gone = [row for row in all_heads(uow) if row.withdrawn_at is None and erased & set(row.corrections)]
    current = in_use(uow)
    for row in gone:
        row.withdrawn_at = uow.clock.now()
    if current in {row.name for row in gone}:
        why = "words it had learnt from were erased"
        _enter(uow, None, WITHDRAWN, by=by, why=why)
    return [row.name for row in gone]


def newest(uow: UnitOfWork) -> PromotionRow | None:
    """The entry that holds; None when nothing was ever promoted."""
    query = sa.select(PromotionRow).order_by(PromotionRow.id.desc()).limit(1)
    return uow.session.scalars(query).first()


def in_use(uow: UnitOfWork) -> str | None:
    """The promoted heads by name; None is the shipped ones."""
    entry = newest(uow)
    return entry.heads if entry else None


def history(uow: UnitOfWork) -> Sequence[PromotionRow]:
    """What was in use from when on, oldest first."""
    return uow.session.scalars(sa.select(PromotionRow).order_by(PromotionRow.id)).all()


def all_heads(uow: UnitOfWork) -> Sequence[HeadsRow]:
    """All heads on record, the newest first."""
    return uow.session.scalars(sa.select(HeadsRow).order_by(HeadsRow.trained_at.desc(), HeadsRow.name)).all()


def named(uow: UnitOfWork, beginning: str) -> HeadsRow:
    """The heads whose name begins so.

    Raises:
        NotFound: There are none.
        BadInput: Less than eight characters were given, or several begin so.
    """
    wanted = beginning.strip().lower()
    if len(wanted) < SHORTEST:
        raise BadInput(f"give at least {SHORTEST} characters of the hash of the heads", field="hash")
    found = [row for row in all_heads(uow) if row.name.startswith(wanted)]
    if not found:
        raise NotFound("trained heads", beginning)
    if len(found) > 1:
        raise BadInput(f"{len(found)} heads begin with {beginning}; give more of the hash", field="hash")
    return found[0]


def check_may(uow: UnitOfWork, staff_id: str) -> None:
    """NotAllowed unless this person may train and promote: whoever may release may."""
    if not staff_roles(uow, staff_id) & MAY_RELEASE:
        raise NotAllowed(f"the reader is for people with one of the roles {', '.join(sorted(MAY_RELEASE))}")


def _is_usable(uow: UnitOfWork, name: str) -> bool:
    row = uow.session.get(HeadsRow, name)
    return row is not None and row.withdrawn_at is None


def _enter(
    uow: UnitOfWork, heads: str | None, kind: str, *, by: str, why: str, forced: bool = False
) -> PromotionRow:
    entry = PromotionRow(heads=heads, kind=kind, by=by, at=uow.clock.now(), why=why.strip())
    uow.session.add(entry)
    uow.session.flush()
    facts = {"entry": entry.id, "forced": forced}
    uow.record(TAG_OF[kind], actor=f"staff:{by}", subject=heads or SHIPPED, facts=facts)
    return entry
