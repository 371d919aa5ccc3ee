"""Why a review is on the desk again, in a sentence for each mark that needs one."""

from collections.abc import Mapping

from backhaul.store import desk_decisions, reviews

_NO_LONGER_COUNTS = "Approvals given before no longer count; what is shown here is how it stands now."
WHY_BACK: Mapping[str, str] = {
    reviews.POLICY_CHANGED: f"The policy has changed since this was approved. {_NO_LONGER_COUNTS}",
    reviews.FACTS_CHANGED: "What the ERP or our own books say has changed since this was approved, "
    f"the policy has not. {_NO_LONGER_COUNTS}",
    reviews.BOTH_CHANGED: "The policy has changed since this was approved, and so has what the ERP or our "
    f"own books say. {_NO_LONGER_COUNTS}",
    desk_decisions.LAPSED: "It was decided, and changed before that was carried out: nothing came of the "
    "decision. What is shown here is how it stands now.",
    reviews.ANOTHER_NEEDED: "The approval given stands. At this value a second person has to agree.",
}
