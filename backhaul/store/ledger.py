"""Order versions, ledger entries, permits and commands: what only the worker writes, from one front."""

from backhaul.domain.ledger_laws import (
    AUTHORISED,
    CLAIMED,
    CREDITED,
    DISPOSED,
    MATCHED,
    RECEIVED,
    RECOVERED,
    RELEASED,
    REPAIRED,
    REPLACED,
    UNMATCHED,
)
from backhaul.store.ledger_entries import Entry, enter, note_bound, order_version, raise_version, release
from backhaul.store.ledger_sums import (
    authorised_value,
    net_quantity,
    on_rma_line,
    paid_out_minor,
    settled_quantity,
    unbooked_quantity,
)
from backhaul.store.outbox import command, intend, issue_again, peer_key, sent_commands, unattested
from backhaul.store.permits_kept import add_permit, permit, public_key, publish_key, spend

__all__ = [
    "AUTHORISED",
    "CLAIMED",
    "CREDITED",
    "DISPOSED",
    "MATCHED",
    "RECEIVED",
    "RECOVERED",
    "RELEASED",
    "REPAIRED",
    "REPLACED",
    "UNMATCHED",
    "Entry",
    "add_permit",
    "authorised_value",
    "command",
    "enter",
    "intend",
    "issue_again",
    "net_quantity",
    "note_bound",
    "on_rma_line",
    "order_version",
    "paid_out_minor",
    "peer_key",
    "permit",
    "public_key",
    "publish_key",
    "raise_version",
    "release",
    "sent_commands",
    "settled_quantity",
    "spend",
    "unattested",
    "unbooked_quantity",
]
