"""The systems outside that settings choose. Today each is the embedded one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from backhaul.bootstrap.mailbox import Mailbox
from backhaul.connectors.embedded.carrier_tariff import KESTREL
from backhaul.connectors.embedded.erp_reads import EmbeddedErpReads
from backhaul.connectors.embedded.erp_writes import EmbeddedErpWrites
from backhaul.connectors.embedded.supplier import EmbeddedSupplierDesk
from backhaul.connectors.embedded.warehouse import EmbeddedWarehouse
from backhaul.connectors.notify import SmtpNotifier, SmtpServer
from backhaul.connectors.ports import DROP_OFF, ErpReads, ErpWrites, Notifier, SupplierDesk, Warehouse
from backhaul.domain.clock import Clock
from backhaul.settings import Settings
from backhaul.store.blobs import BlobStore
from backhaul.store.unit_of_work import Store

if TYPE_CHECKING:
    from backhaul.connectors.embedded.carrier import EmbeddedCarrier


def erp_reads(settings: Settings) -> ErpReads:
    """The ERP without the right to write."""
    return EmbeddedErpReads(settings.erp_path)


def erp_writes(settings: Settings, clock: Clock) -> ErpWrites:
    """The ERP with the right to write: the worker's alone."""
    return EmbeddedErpWrites(settings.erp_path, clock)


def carriers(settings: Settings, clock: Clock) -> Sequence[EmbeddedCarrier]:
    """Carriers in the order they are tried."""
    from backhaul.connectors.embedded.carrier import EmbeddedCarrier  # noqa: PLC0415 - only the worker prints

    return (
        EmbeddedCarrier(settings.carrier_path, clock),
        EmbeddedCarrier(settings.second_carrier_path, clock, name=KESTREL),
    )


def drop_off(settings: Settings, clock: Clock) -> EmbeddedCarrier:
    """Labels of our own, when every carrier is silent: they need nobody but us."""
    from backhaul.connectors.embedded.carrier import EmbeddedCarrier  # noqa: PLC0415 - only the worker prints

    return EmbeddedCarrier(settings.drop_off_path, clock, name=DROP_OFF)


def warehouse(settings: Settings) -> Warehouse:
    """The dock's list of what to expect."""
    return EmbeddedWarehouse(settings.warehouse_path)


def supplier_desk(settings: Settings, erp: ErpReads) -> SupplierDesk:
    """Where suppliers give their own numbers for what goes back to them."""
    return EmbeddedSupplierDesk(settings.supplier_path, erp)


def notifier(settings: Settings, store: Store, blobs: BlobStore) -> Notifier:
    """Letters by SMTP when a mail server is set; a copy always stays in the mailbox.

    What is simulated goes to nobody, whatever server is set, and says that it is simulated.
    """
    is_simulated = settings.simulated_mark.exists()
    onward = None
    if settings.smtp_host and not is_simulated:
        server = SmtpServer(
            host=settings.smtp_host,
            port=settings.smtp_port,
            sender=settings.smtp_from,
            starttls=settings.smtp_starttls,
            username=settings.smtp_user or None,
            password=settings.smtp_password.get_secret_value() or None,
        )
        onward = SmtpNotifier(server, settings.home / "sent.db")
    return Mailbox(store, blobs, onward, is_simulated)
