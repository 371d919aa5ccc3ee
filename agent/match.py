"""Third node: the draft takes up what was said, and every line is tied to the one order line it can mean."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from langgraph.runtime import Runtime

from agent import picked
from agent.answered import answered
from agent.dialogue import digest_of
from agent.draft import facts_of, left_out, merge
from agent.expected import assumed, first_of, not_assumed
from agent.filling import Said
from agent.fit import fitting, of_that_size
from agent.handing_over import UNSETTLED
from agent.questions import CLARIFYING, MOST_QUESTIONS, next_question, repeated, settle
from agent.state import (
    DraftLine,
    Question,
    TurnContext,
    TurnState,
    open_question,
    pack,
    pack_question,
    unpack,
)
from agent.targets import adds, in_doubt, with_number
from agent.understanding.claim import Act, Claim, ClaimLine, PurchasedLine
from agent.wishes_apart import with_wishes, without_wishes
from agent.wording import RESOLUTION_WORDS, pieces
from backhaul.domain.codes import Resolution
from backhaul.domain.errors import NotFound
from tools.reads import LineFound, order_lines

_PAIR = 2
_LOOKED_UP = 12
"""Candidates looked up in the ERP before they are offered; fewer than these are shown."""
LEFT_OUT = "All right, I have left that out. Nothing else was asked for, so nothing is requested."


def match(state: TurnState, runtime: Runtime[TurnContext]) -> TurnState:
    """Bring the draft up to date and pick the next question; none means it can be read back."""
    turn = runtime.context
    claim, bought = turn.heard.claim, turn.heard.purchases
    question = open_question(state)
    before = unpack(state)
    draft = [not_assumed(line) for line in before]
    if "picked" in state["message"]:
        draft = picked.taken_up(turn, draft, state["message"]["picked"], question)
    elif claim is not None:
        draft, unsure = _take_up(draft, _said(state, draft, claim, question, turn), turn)
        if unsure is not None:
            return _put(state, draft, unsure, fresh=True)
    fresh = tied_to_orders(turn, draft, claim)
    usable = [assumed(turn, line) for line in fresh if not _why_not(line)]
    notes = [state.get("note", ""), *(_why_not(line) for line in fresh)]
    asked = next_question(usable, bought, partial(first_of, turn))
    notes.append(_noted(before, usable, asked, question))
    if before and not fresh:
        notes.append(LEFT_OUT)
    note = "\n".join(note for note in notes if note)
    if asked:
        again = question if question and asked.asks_the_same(question) else None
        told_else = again is not None and _told_else(asked, before, usable)
        asked = _counted(asked, again, usable, told_else=told_else)
        put = _put(state, usable, asked, fresh=not told_else)
        return {**put, "note": note, "consent": state.get("consent")}
    # A yes to these very lines still holds when only evidence was missing.
    holds = state.get("consent") and digest_of(usable) == state.get("shown_digest")
    return {
        "draft": pack(usable),
        "question": None,
        "note": note,
        "next": "aside" if not usable else "propose" if holds else "read_back",
        "consent": state.get("consent") if holds else None,
        "act": "nothing_left" if not usable else state["act"],
        "asked": 0,
    }


def _put(state: TurnState, draft: Sequence[DraftLine], asked: Question, *, fresh: bool) -> TurnState:
    """Put the question, or hand over to a person when as many were put as a customer may be asked.

    One that is not `fresh` stood open while the customer told something else, and counted before.
    """
    before = state.get("asked", 0)
    put = before + (asked.kind in CLARIFYING and (fresh or before > MOST_QUESTIONS))
    told: TurnState = {"draft": pack(draft), "question": pack_question(asked), "asked": put}
    if put > MOST_QUESTIONS:
        return {**told, "next": "aside", "act": UNSETTLED}
    return {**told, "next": "ask"}


def tied_to_orders(turn: TurnContext, draft: Sequence[DraftLine], claim: Claim | None) -> list[DraftLine]:
    """Each line of the draft with the one order line it can mean, or with those that fit equally well; and
    with what the ERP says of it.
    """
    bought = turn.heard.purchases
    known = {ref.value for ref in claim.order_refs if ref.known} if claim else set()
    tied = [_tie_what_is_left(turn, _tie(line, bought, known), bought) for line in draft]
    return [settle(_with_facts(turn, line)) for line in _one_per_order_line(tied)]


def _noted(
    before: Sequence[DraftLine], now: Sequence[DraftLine], asked: Question | None, question: Question | None
) -> str:
    """A wish that came beside the answer to another question is acknowledged, so that it is not repeated."""
    if asked is None or question is None or not asked.asks_the_same(question):
        return ""
    wish = now[asked.line].resolution if 0 <= asked.line < min(len(now), len(before)) else ""
    if not wish or wish == before[asked.line].resolution:
        return ""
    return f"Noted: {RESOLUTION_WORDS[Resolution(wish)]}."


def _said(
    state: TurnState,
    draft: Sequence[DraftLine],
    claim: Claim,
    question: Question | None,
    turn: TurnContext,
) -> Said:
    text = state["message"]["text"]
    as_read, bought = turn.heard.as_read or claim, turn.heard.purchases
    if draft and claim.act is not Act.CORRECTION and not adds(text.lower()):
        # What arrived instead is named again: it is on no order, and is not what comes back.
        arrived = {line.received_sku for line in draft} - {one.sku for one in bought}
        told = (replace(line, sku=None) if line.sku in arrived else line for line in claim.lines)
        known = (_without_strange_goods(line, bought) for line in told)
        claim = replace(claim, lines=tuple(line for line in known if line is not None))
    return Said(text, with_number(claim, text, question), as_read, question, _new_id(turn))


def _without_strange_goods(line: ClaimLine, bought: Sequence[PurchasedLine]) -> ClaimLine | None:
    """Beside a request, words that fit nothing bought ("thanks for your patience") name no goods."""
    if line.order_ref or line.po_ref or line.sku or line.serials or line.lots:
        return line
    if line.item_words and fitting(ClaimLine(item_words=line.item_words), bought):
        return line
    rest = replace(line, item_words="")
    return None if rest == ClaimLine(alternatives=line.alternatives, spans=line.spans) else rest


def _take_up(
    before: list[DraftLine], said: Said, turn: TurnContext
) -> tuple[list[DraftLine], Question | None]:
    """The draft after the message; or, when nothing tells which line it is about, the question that asks."""
    draft, said = left_out(before, said)
    unsure = in_doubt(draft, said.claim, said.text, said.question)
    if unsure is not None or (before and not draft):
        return draft, unsure
    question = said.question
    if len(draft) > 1 and (wished := with_wishes(draft, said.text)):
        draft, said = wished, without_wishes(said, answers=question is not None and question.line >= 0)
    if question is not None and 0 <= question.line < len(draft):
        line = answered(draft[question.line], question, said, turn.heard.purchases, many=len(draft) > 1)
        if line is not None:
            return [line if at == question.line else other for at, other in enumerate(draft)], None
    return merge(draft, said), None


def _new_id(turn: TurnContext) -> Callable[[], str]:
    return lambda: turn.desk.ids.new("RL")


def _tie(line: DraftLine, bought: Sequence[PurchasedLine], known: set[str]) -> DraftLine:
    if line.order_number:
        return line
    papers = {one.order_number for one in bought} | {one.po_number for one in bought} | known
    if {line.order_ref, line.po_ref} - {""} - papers:
        # A number that leads nowhere is asked for again; the words are not taken for something else instead.
        return replace(line, order_ref="", po_ref="", candidates=())
    allowed = [one for one in bought if one.order_number not in line.not_orders]
    chosen = [one for one in allowed if (f"{one.order_number}/{one.line}",) == line.candidates]
    fit = chosen or (_instead(line, allowed) if line.not_lines else fitting(line.hint(), allowed))
    if len(fit) != 1:
        return replace(line, candidates=tuple(f"{one.order_number}/{one.line}" for one in fit))
    one = fit[0]
    return replace(
        line,
        order_number=one.order_number,
        line=one.line,
        sku=one.sku,
        description=one.description,
        candidates=(),
    )


def _tie_what_is_left(turn: TurnContext, line: DraftLine, bought: Sequence[PurchasedLine]) -> DraftLine:
    """Without order lines of which nothing can come back, while others fit as well: they are not offered."""
    looked_up, rest = line.candidates[:_LOOKED_UP], line.candidates[_LOOKED_UP:]
    if len(looked_up) < _PAIR:
        return line
    orders = dict.fromkeys(name.partition("/")[0] for name in looked_up)
    spent = {
        f"{one.order}/{one.line}" for order in orders for one in _lines_of(turn, order) if not one.returnable
    }
    shipped = {f"{one.order_number}/{one.line}" for one in bought if one.quantity_shipped}
    # Where all are spent, what was never shipped is not meant: the return that covers the other is told.
    left = tuple(name for name in looked_up if name not in spent) + rest or tuple(
        name for name in looked_up if name in shipped
    )
    if not left or left == line.candidates:
        return line
    narrowed = replace(line, candidates=left)
    return _tie(narrowed, bought, {line.order_ref, line.po_ref}) if len(left) == 1 else narrowed


def _instead(line: DraftLine, allowed: Sequence[PurchasedLine]) -> Sequence[PurchasedLine]:
    """Another article of the order in place of one the customer took back; all are offered when none fits."""
    others = [one for one in allowed if f"{one.order_number}/{one.line}" not in line.not_lines]
    here = [one for one in others if line.order_ref in {"", one.order_number}]
    return fitting(replace(line, order_ref="").hint(), of_that_size(line.item_words, here)) or fitting(
        ClaimLine(order_ref=line.order_ref or None), allowed
    )


def _with_facts(turn: TurnContext, line: DraftLine) -> DraftLine:
    if not line.order_number:
        return line
    found = next((one for one in _lines_of(turn, line.order_number) if one.line == line.line), None)
    if found is None:
        return line
    serials = next(
        (
            one.serials
            for one in turn.heard.purchases
            if (one.order_number, one.line) == (line.order_number, line.line)
        ),
        (),
    )
    strange = tuple(serial for serial in line.serials if serial not in serials)
    waits = not line.serials or len(line.serials) < line.quantity
    return replace(
        line,
        shipped=found.shipped,
        returnable=found.returnable,
        already_rma=found.already_rma,
        unit_serials=serials,
        serials=tuple(serial for serial in line.serials if serial in serials),
        strange_serials=strange or (line.strange_serials if waits else ()),
    )


def _lines_of(turn: TurnContext, order: str) -> Sequence[LineFound]:
    try:
        return order_lines(turn.desk, turn.speaker, order)
    except NotFound:
        return ()


def _one_per_order_line(lines: Sequence[DraftLine]) -> list[DraftLine]:
    """Two mentions of one order line are one line; the later words win."""
    kept: dict[str, DraftLine] = {}
    for at, line in enumerate(lines):
        name = line.key or f"unmatched {at}"
        earlier = kept.get(name)
        kept[name] = line if earlier is None else _joined(earlier, line)
    return list(kept.values())


def _joined(earlier: DraftLine, later: DraftLine) -> DraftLine:
    fields = (
        "quantity",
        "reason",
        "reason_permille",
        "resolution",
        "received_sku",
        "received_words",
        "words",
    )
    said: dict[str, Any] = {name: getattr(later, name) for name in fields if getattr(later, name)}
    more: dict[str, Any] = {"said": later.said, "reader": later.reader} if later.reason else {}
    return replace(
        earlier,
        **said,
        **more,
        all_of_them=later.all_of_them or (earlier.all_of_them and not later.quantity),
        serials=(*earlier.serials, *(one for one in later.serials if one not in earlier.serials)),
    )


def _why_not(line: DraftLine) -> str:
    """Why nothing of this order line can be requested; empty when something can."""
    if not line.order_number or line.returnable > 0:
        return ""
    if line.already_rma:
        return f"You already have {line.already_rma} for {line.description} from {line.order_number}."
    if not line.shipped:
        return f"{line.description} on {line.order_number} has not been shipped yet, so it cannot come back."
    return f"All {pieces(line.shipped, line.description)} from {line.order_number} are already on a return."


def _told_else(asked: Question, before: Sequence[DraftLine], now: Sequence[DraftLine]) -> bool:
    """Whether the request is another one since the question was put; insisting on too many answers it."""
    line = now[asked.line]
    insists = asked.kind == "quantity" and line.quantity > line.returnable
    return not insists and facts_of(now) != facts_of(before)


def _counted(
    asked: Question, again: Question | None, draft: Sequence[DraftLine], *, told_else: bool
) -> Question:
    """The question as often as it was put; not once more if it stood open while something else was told."""
    if again is None:
        return asked
    same = replace(asked, times=again.times)
    return same if told_else else repeated(same, draft[asked.line])
