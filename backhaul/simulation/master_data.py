"""The embedded ERP with its master data remembered: nobody changes it while months pass in minutes."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from backhaul.connectors.embedded.erp_reads import EmbeddedErpReads
from backhaul.domain.orders import PurchaseOrder
from backhaul.domain.trade import Account, Contact, Facility, Item, Supplier

T = TypeVar("T")


class RememberingErp(EmbeddedErpReads):
    """`ErpReads` that asks for an account, an article, a supplier or a purchase once."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._known: dict[tuple[str, str], object] = {}

    def account(self, account_id: str) -> Account | None:
        return self._once("account", account_id, super().account)

    def contacts(self, account_id: str) -> Sequence[Contact]:
        return self._once("contacts", account_id, super().contacts)

    def item(self, sku: str) -> Item | None:
        return self._once("item", sku, super().item)

    def supplier(self, supplier_id: str) -> Supplier | None:
        return self._once("supplier", supplier_id, super().supplier)

    def purchase_order(self, number: str) -> PurchaseOrder | None:
        return self._once("purchase", number, super().purchase_order)

    def facilities(self) -> Sequence[Facility]:
        ask = super().facilities
        return self._once("facilities", "", lambda _: ask())

    def _once(self, kind: str, key: str, ask: Callable[[str], T]) -> T:
        known = self._known.get((kind, key))
        if known is None:
            known = self._known[kind, key] = ask(key)
        return known  # type: ignore[return-value] # kept under the kind that it was asked for
