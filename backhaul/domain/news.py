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
)
"""News that is told as it is."""

KINDS = (*RESUMES, *TELLS)
