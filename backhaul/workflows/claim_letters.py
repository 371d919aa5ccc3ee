"""Letters to suppliers: the claim with its packet and the link to answer through, and the reminder."""

from datetime import datetime, timedelta

from backhaul.connectors.ports import Letter
from backhaul.domain.audit import Tag
from backhaul.domain.claims import ClaimState, kept_as, link_token
from backhaul.domain.errors import ConnectorRejected
from backhaul.domain.money import LEDGER_CURRENCY, Money
from backhaul.store import due
from backhaul.store.money_tables import VendorClaimRow
from backhaul.store.unit_of_work import UnitOfWork
from backhaul.workflows.world import WorkerWorld

LINK_LASTS = timedelta(days=30)
_REMIND_AFTER = timedelta(days=14)
REMINDER, SILENCE = "claim_answer", "claim_silence"
"""Deadlines of a claim that was filed: a reminder, and the end of its link without an answer"""
_MEDIA_TYPE = "application/pdf"


def send_claim(
    world: WorkerWorld, row: VendorClaimRow, sending: str, *, ends: datetime, supplier_rma: str | None
) -> None:
    """Send the packet with a link; the same sending again is the same letter with the same link.

    Raises:
        ConnectorRejected: The supplier has no address, or the mail server refuses the letter for good.
        ConnectorUnavailable: The mail server does not answer.
    """
    lines = [
        f"claim {row.id}: {row.quantity} x {row.sku}, {_amount(row)}.",
        *([f"Your return number: {supplier_rma}."] if supplier_rma else []),
        "The packet with the evidence is attached.",
        "",
        f"Please answer by {ends:%d %B %Y} here; nobody has to sign in:",
        _address(world, sending),
        "",
        "There you can approve it in full or in part, decline it, ask us for more, or send a picture.",
    ]
    file = (f"{row.id}.pdf", _MEDIA_TYPE, world.blobs.get(row.packet_blob or ""))
    _send(
        world, row, f"Claim {row.id} for {row.quantity} x {row.sku}", lines, (file,), key=f"{sending}:claim"
    )


def remind(world: WorkerWorld, row: VendorClaimRow) -> None:
    """Remind a supplier that has not answered yet, once for each sending; the link stays the same."""
    if row.sent_as is None or row.link_ends_at is None or row.state != ClaimState.FILED.value:
        return
    lines = [
        f"we have no answer yet to claim {row.id}: {row.quantity} x {row.sku}, {_amount(row)}.",
        f"Please answer by {row.link_ends_at:%d %B %Y} here:",
        _address(world, row.sent_as),
    ]
    _send(world, row, f"Claim {row.id}: please answer", lines, (), key=f"{row.sent_as}:reminder")


def note_sent(
    world: WorkerWorld, uow: UnitOfWork, row: VendorClaimRow, sending: str, *, ends: datetime
) -> None:
    """The claim is with the supplier: keep the hash of its link, and its deadlines."""
    key, now = world.link_key.get_secret_value(), uow.clock.now()
    row.state, row.why, row.sent_as = ClaimState.FILED.value, None, sending
    row.link_digest, row.link_ends_at = kept_as(key, link_token(key, sending)), ends
    row.filed_at = row.filed_at or now
    row.version += 1
    due.set_again(uow, kind=REMINDER, subject=row.id, at=now + _REMIND_AFTER)
    due.set_again(uow, kind=SILENCE, subject=row.id, at=ends)
    facts = {"supplier": row.supplier_id, "claimed_minor": row.cost_minor + row.allowance_minor}
    uow.record(Tag.CLAIM_FILED, actor="worker:claims", subject=row.id, case_id=row.case_id, facts=facts)


def _address(world: WorkerWorld, sending: str) -> str:
    return f"{world.public_url}/supplier/{link_token(world.link_key.get_secret_value(), sending)}"


def _amount(row: VendorClaimRow) -> str:
    return str(Money(row.cost_minor + row.allowance_minor, LEDGER_CURRENCY))


def _send(
    world: WorkerWorld,
    row: VendorClaimRow,
    subject: str,
    lines: list[str],
    files: tuple[tuple[str, str, bytes], ...],
    *,
    key: str,
) -> None:
    supplier = world.erp.supplier(row.supplier_id)
    if supplier is None or not supplier.email:
        raise ConnectorRejected("mail", f"supplier {row.supplier_id} has no e-mail address")
    body = "\n".join([f"To {supplier.name}:", "", *lines, ""])
    world.notifier.send(Letter(supplier.email, subject, body, files), key=key)
