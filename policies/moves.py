"""What people can bring about, or what only the calendar stands in the way of: the true changes.

A step of a move gives some facts new values. Its size counts what somebody would have to do: a photo, a
piece, a serial number, an approval, a day each count one. A move never asks for more pieces than were asked
for, and never for another item, another account or another reading of somebody's words.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from policies.syntax import Word

Values = Mapping[str, Word]
LONGEST_WALK = 400
WITH = "with "
_MOST_PHOTOS = 10
_MOST_APPROVALS = 2
_NOT_APART = ("approver_is_requester", "approver_is_authoriser")
"""What keeps an approval from counting: who gave it had a part in the matter before"""
_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True, slots=True)
class Step:
    """New values for some facts, and how far that is from where they are."""

    size: int
    changes: Values


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that could be otherwise, or two that hang together; `counts` says how many it counts as.

    `steps` gives every distance it could go, shortest first. `say` finishes the sentence "This would be
    permitted", from the facts as they are, the new values that matter, and the step they belong to.
    """

    counts: int
    touches: frozenset[str]
    steps: Callable[[Values], Iterator[Step]]
    say: Callable[[Values, Values, Step], str]


def _more_photos(values: Values) -> Iterator[Step]:
    for more in range(1, _MOST_PHOTOS + 1):
        yield Step(more, {"photos": int(values["photos"]) + more})


def _say_photos(now: Values, needed: Values, _step: Step) -> str:
    return f"with {_more('photo', int(now['photos']), int(needed['photos']))}"


def _right_serials(values: Values) -> Iterator[Step]:
    """Only those that were shipped, or the right one of every piece; none for goods without serial numbers.

    Adding, correcting or leaving out a serial number counts one.
    """
    if not {"serial_tracked", "serials_matching"} <= values.keys():
        return
    given, right = int(values["serials_given"]), int(values["serials_matching"])
    wrong = given - right
    ends = (int(values["quantity"]), right) if values["serial_tracked"] else (0,)
    steps = [
        Step(
            max(end - right, wrong) if end > right else right - end + wrong,
            {"serials_given": end, "serials_matching": end},
        )
        for end in ends
    ]
    yield from sorted((step for step in steps if step.size), key=lambda step: step.size)


def _say_serials(now: Values, needed: Values, _step: Step) -> str:
    pieces = int(needed.get("quantity", now["quantity"]))
    given, right = int(now["serials_given"]), int(now["serials_matching"])
    end = int(needed.get("serials_given", needed.get("serials_matching", given)))
    if not now["serial_tracked"]:
        return "without a serial number"
    if end == pieces:
        each = "the piece" if pieces == 1 else f"each of the {pieces} pieces"
        return f"with the right serial number of {each}"
    wrong = "number that was" if given - right == 1 else "numbers that were"
    return f"without the serial {wrong} not shipped on this line"


def _fewer_pieces(values: Values) -> Iterator[Step]:
    """A piece that stays takes its serial number along, a wrong one first."""
    now = int(values["quantity"])
    for fewer in range(1, min(now - 1, LONGEST_WALK) + 1):
        left = now - fewer
        changes: dict[str, Word] = {"quantity": left}
        for name in ("serials_given", "serials_matching"):
            if name in values:
                changes[name] = min(int(values[name]), left)
        yield Step(fewer, changes)


def _say_pieces(now: Values, needed: Values, _step: Step) -> str:
    left = int(needed["quantity"])
    said = f"with {left} {'piece' if left == 1 else 'pieces'} instead of {now['quantity']}"
    if not {"serials_given", "serials_matching"} & needed.keys():
        return said
    if int(now["serials_given"]) > int(now.get("serials_matching", now["serials_given"])):
        return f"{said} and only serial numbers that were shipped on this line"
    return f"{said} and only as many serial numbers"


def _fewer_pieces_with_right_serials(values: Values) -> Iterator[Step]:
    steps = [
        Step(fewer.size + serials.size, {**fewer.changes, **serials.changes})
        for fewer in _fewer_pieces(values)
        for serials in _right_serials({**values, **fewer.changes})
    ]
    yield from sorted(steps, key=lambda step: step.size)


def _say_pieces_and_serials(now: Values, needed: Values, step: Step) -> str:
    pieces = _say_pieces(now, {"quantity": needed["quantity"]}, step)
    return f"{pieces} and {_say_serials(now, needed, step).removeprefix(WITH)}"


def _earlier(values: Values) -> Iterator[Step]:
    """The same request on an earlier day, after delivery: everything that counts days counts along."""
    passed = int(values.get("days_since_delivery", 0))
    runs = bool(values.get("warranty_months"))
    for earlier in range(1, min(passed, LONGEST_WALK) + 1):
        changes: dict[str, Word] = {"days_since_delivery": passed - earlier}
        if "days_since_receipt" in values:
            changes["days_since_receipt"] = max(int(values["days_since_receipt"]) - earlier, 0)
        if runs and "warranty_days_left" in values:
            changes["warranty_days_left"] = int(values["warranty_days_left"]) + earlier
        yield Step(earlier, changes)


def _say_earlier(_now: Values, needed: Values, step: Step) -> str:
    said = f"if the request had come {_counted('day', step.size)} earlier"
    if "days_since_delivery" not in needed:
        return said
    day = int(needed["days_since_delivery"])
    return f"{said}, {_counted('day', day) + ' after' if day else 'on the day of'} delivery"


def _approval(values: Values) -> Iterator[Step]:
    """More approvals; or somebody else's in the place of those that do not count."""
    now, own = int(values["approvals"]), any(values[name] for name in _NOT_APART)
    others: dict[str, Word] = {name: False for name in _NOT_APART if values[name]}
    for size in range(1, _MOST_APPROVALS + own + 1):
        if size <= _MOST_APPROVALS:
            yield Step(size, {"approvals": now + size})
        if own:
            yield Step(size, {**others, "approvals": now + size - 1} if size > 1 else others)


def _say_approval(now: Values, needed: Values, _step: Step) -> str:
    parts = []
    if "approver_is_requester" in needed:
        parts.append("the approval of somebody else in place of the requester's own")
    if "approver_is_authoriser" in needed:
        parts.append("the approval of somebody who had not let the return in")
    if "approvals" in needed:
        parts.append(_more("approval", int(now["approvals"]), int(needed["approvals"])))
    return f"with {' and '.join(parts)}"


def _flag(name: str, words: str) -> Move:
    def steps(values: Values) -> Iterator[Step]:
        if values.get(name) is False:
            yield Step(1, {name: True})

    return Move(1, frozenset({name}), steps, lambda _now, _needed, _step: words)


def _more(what: str, now: int, needed: int) -> str:
    """`one photo`, or `two more photos` where there are some already."""
    more = needed - now
    count = _WORDS[more] if more < len(_WORDS) else str(more)
    return f"{count} {'more ' if now else ''}{what}{'' if more == 1 else 's'}"


def _counted(what: str, number: int) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


_SERIALS = frozenset({"serials_given", "serials_matching"})
_CALENDAR = frozenset({"days_since_delivery", "days_since_receipt", "warranty_days_left"})
EARLIER = Move(1, _CALENDAR, _earlier, _say_earlier)
"""Its size is the number of days: a request that comes so much earlier is decided so much earlier."""
MOVES = (
    _flag("consent_given", "with consent to exactly this"),
    _flag("received_item_known", "with word of which item arrived instead"),
    Move(1, frozenset({"photos"}), _more_photos, _say_photos),
    Move(1, _SERIALS, _right_serials, _say_serials),
    Move(1, _SERIALS | {"quantity"}, _fewer_pieces, _say_pieces),
    Move(2, _SERIALS | {"quantity"}, _fewer_pieces_with_right_serials, _say_pieces_and_serials),
    Move(1, frozenset({"approvals", *_NOT_APART}), _approval, _say_approval),
    EARLIER,
)
"""In the order in which they win when two changes are equally small: what is past comes last."""
