"""The closed lists of the trade: reasons, actions, resolutions, outcomes, classes, tiers.

Every list is closed on purpose: policy tables must cover each member, and a value from outside is an
error at the door. The crosswalk to X12 element 1293 is data, in `crosswalk.py`.
"""

from enum import StrEnum


class Reason(StrEnum):
    """Why goods come back. Leaves only; `other` is a valid return whose reason is not on the list."""

    DEFECTIVE = "defective"
    DAMAGED_IN_TRANSIT = "damaged_in_transit"
    WRONG_ITEM = "wrong_item"
    WRONG_SIZE = "wrong_size"
    NO_LONGER_NEEDED = "no_longer_needed"
    ORDERED_BY_MISTAKE = "ordered_by_mistake"
    OVER_SHIPPED = "over_shipped"
    NOT_AS_DESCRIBED = "not_as_described"
    LATE_OR_MISSING = "late_or_missing"
    MISSING_PARTS = "missing_parts"
    WARRANTY_FAILURE = "warranty_failure"
    RECALL = "recall"
    OTHER = "other"


class Action(StrEnum):
    """What can be proposed or carried out. Each effect has its own command, verdict and permit."""

    CREATE_RMA = "create_rma"
    CREATE_LABEL = "create_label"
    REPLACEMENT = "replacement"
    CREDIT_MEMO = "credit_memo"
    RETURNLESS_REFUND = "returnless_refund"
    CANCEL_RMA = "cancel_rma"
    VOID_LABEL = "void_label"
    VENDOR_CLAIM = "vendor_claim"
    MOVE_STOCK = "move_stock"
    """What the inspector settled on: restock, B-stock, repair, supplier, scrap, or back to the customer"""
    REPAIR_ORDER = "repair_order"


class Resolution(StrEnum):
    """What the customer wants in exchange for the goods."""

    CREDIT = "credit"
    REPLACEMENT = "replacement"
    REPAIR = "repair"
    KEEP_WITH_ALLOWANCE = "keep_with_allowance"


class Outcome(StrEnum):
    """What the guard answers. `ask` means one named piece of evidence is missing."""

    PERMIT = "permit"
    DENY = "deny"
    ESCALATE = "escalate"
    ASK = "ask"


class ProductClass(StrEnum):
    """Commercial class of an item; keys of the policy tables."""

    CONSUMABLE = "consumable"
    FASTENER = "fastener"
    HAND_TOOL = "hand_tool"
    POWER_TOOL = "power_tool"
    ELECTRICAL = "electrical"
    ELECTRONICS = "electronics"
    DRIVES_AND_MOTORS = "drives_and_motors"
    BEARING = "bearing"
    PNEUMATIC = "pneumatic"
    SAFETY_GEAR = "safety_gear"
    CHEMICAL = "chemical"


class Tier(StrEnum):
    """Commercial tier of an account."""

    STANDARD = "standard"
    SILVER = "silver"
    GOLD = "gold"
    PLATINUM = "platinum"


class Region(StrEnum):
    """Sales region of an account's delivery address."""

    NORTHEAST = "northeast"
    SOUTHEAST = "southeast"
    MIDWEST = "midwest"
    SOUTHWEST = "southwest"
    WEST = "west"


class Condition(StrEnum):
    """State of the goods as the customer tells it."""

    UNOPENED = "unopened"
    OPENED_UNUSED = "opened_unused"
    USED = "used"
    BROKEN = "broken"
    NOT_STATED = "not_stated"


class QualityStatus(StrEnum):
    """Stock status of an inventory balance."""

    AVAILABLE = "available"
    QUARANTINE = "quarantine"
    B_STOCK = "b_stock"
    SCRAP = "scrap"
    VENDOR_STAGING = "vendor_staging"
    REPAIR = "repair"


class Role(StrEnum):
    """What a member of staff may do; a customer is never staff."""

    REVIEWER = "reviewer"
    APPROVER = "approver"
    INSPECTOR = "inspector"
    FINANCE = "finance"
    POLICY_OWNER = "policy_owner"
    AUDITOR = "auditor"
    ADMIN = "admin"
