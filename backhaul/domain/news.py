"""Kinds of news that the worker leaves on a thread, for the agent to turn into words for the customer."""

RESUMES = ("group_decided", "review_decided")
"""News that a waiting bookmark is resumed with."""

TELLS = (
    "rma_issued",
    "label_ready",
    "replacement_ordered",
    "replacement_waits",
    "replacement_refused",
    "replacement_stuck",
    "rma_cancelled",
    "rma_cancel_waits",
    "rma_cancel_refused",
    "rma_expired",
    "review_asked",
    "review_closed",
    "parcel",
    "goods_received",
    "goods_held",
    "goods_sent_back",
    "parcel_refused",
    "credit_posted",
    "credit_waits",
    "credit_refused",
    "instead_waits",
    "exchange_ordered",
    "exchange_waits",
    "exchange_refused",
    "repair_ordered",
    "repair_waits",
    "repair_refused",
    "rest_expired",
    "rma_ended",
    "rma_closed",
)
"""News that is told as it is."""

REVIEW_OPENED = "review_opened"
"""Only pages that are open hear of this one"""

KINDS = (*RESUMES, *TELLS)
