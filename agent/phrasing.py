"""A language model words questions and small talk anew; every fact in them stays ours.

The model sees a template: numbers, dates, ids, goods, names, lists and what a customer wrote are placeholders
before it is asked, and are put back by code. What it answers is held against the template and used only when
nothing was added, dropped or promised; otherwise the template is said as it is. Verdicts, read-backs, news
and a colleague's questions are never reworded.
"""

import re
import string
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from importlib import resources

import structlog
from langchain_core.messages import HumanMessage, SystemMessage
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent.model_calls import Budget, ModelEndpoint, ModelSettings, Unusable, content_of
from agent.model_schema import prompt_version
from agent.state import ReplyOut, TurnState, unpack
from agent.understanding.numerals import NUMBER
from agent.wording import short

log = structlog.get_logger()

INSTRUCTIONS = resources.files("agent.prompts").joinpath("reword_a_reply.txt").read_text(encoding="utf-8")
_SMALL_TALK = frozenset({"hello", "thanks", "unclear", "in_a_moment"})
"""Headings of a turn whose answer says nothing but manners"""
_MOST_SECONDS = 8.0
_MOST_TOKENS = 400
_LONGER, _LONGER_BY = 1.5, 60
_FACT = re.compile(r"^- .*$|\"[^\"\n]*\"|\S*\d\S*\w|\d", re.MULTILINE)
"""A list's line, what stands in quotes, and everything with a digit in it"""
_PLACEHOLDER = re.compile(r"\{[a-z]\}")
_PLAIN = re.compile(r"[A-Za-z .,;:?!'\u2019()\n-]*")
_DOTTED = re.compile(r"[A-Za-z]\.[A-Za-z]")
_NUMBER_WORD = re.compile(rf"\b{NUMBER}\b", re.IGNORECASE)
_NEGATION = re.compile(r"\b(?:not?|never|none|cannot|nothing|without)\b|n['\u2019]t\b", re.IGNORECASE)
_PROMISE = re.compile(
    r"\b(?:approv|authori[sz]|accept|agree|allow|assur|cancel|charg|compensat|confirm|cover|credit|deduct|deliver"
    r"|discount|entitl|exchang|fee|free|guarante|immediate|label|money|owe|paid|pay|polic|price|promis|quick|refund"
    r"|reimburs|repair|replac|right away|rma|send|ship|shortly|soon|today|tomorrow|tonight|warrant|within)\w*"
    r"|\b(?:days?|hours?|weeks?|months?|mon|tues|wednes|thurs|fri|satur|sun)(?:day)?s?\b|\bwill\b|'ll\b",
    re.IGNORECASE,
)
"""What could bind us, by its stem: none may stand there that the template has not"""


class _Reworded(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str = Field(max_length=2_000)


PROMPT_VERSION = prompt_version(INSTRUCTIONS, _Reworded.model_json_schema())


@dataclass(frozen=True, slots=True)
class Template:
    """Words with placeholders, and what belongs in their places."""

    words: str
    facts: Mapping[str, str]

    def filled(self, words: str) -> str:
        """Other words with the facts in them, which may themselves look like placeholders."""
        return _PLACEHOLDER.sub(lambda found: self.facts[found[0]], words)


def template_of(text: str, names: Iterable[str]) -> Template | None:
    """The text without its facts: `names`, list lines, quotes, and whatever has a digit.

    None where there are more facts than letters, or where the text has braces of its own.
    """
    known = sorted({name for name in names if name.strip()}, key=len, reverse=True)
    wanted = [rf"(?<!\w){re.escape(name)}(?!\w)" for name in known]
    found = re.compile("|".join([*wanted, _FACT.pattern]), re.MULTILINE)
    if "{" in text or "}" in text or len(found.findall(text)) > len(string.ascii_lowercase):
        return None
    facts: dict[str, str] = {}

    def place(fact: re.Match[str]) -> str:
        key = f"{{{string.ascii_lowercase[len(facts)]}}}"
        facts[key] = fact[0]
        return key

    return Template(found.sub(place, text), facts)


def fault_of(answer: str, template: Template) -> str:
    """Why an answer may not be said in place of the template; empty when it may. Pure."""
    held = Counter(_PLACEHOLDER.findall(answer))
    rest = _PLACEHOLDER.sub(" ", answer)
    before = _PLACEHOLDER.sub(" ", template.words)
    if held != Counter(list(template.facts)):
        return "facts"
    if not answer.strip() or len(answer) > len(template.words) * _LONGER + _LONGER_BY:
        return "length"
    if not _PLAIN.fullmatch(rest) or _DOTTED.search(rest):
        return "markup"
    if _numbers(rest) != _numbers(before):
        return "numbers"
    if _words(_PROMISE, rest) - _words(_PROMISE, before):
        return "promises"
    if len(_NEGATION.findall(rest)) != len(_NEGATION.findall(before)) or rest.count("?") != before.count("?"):
        return "meaning"
    return ""


def _numbers(text: str) -> Counter[str]:
    """Numbers in words; "which one" counts nothing."""
    found = Counter(found[0].lower() for found in _NUMBER_WORD.finditer(text))
    del found["one"]
    return found


def _words(pattern: re.Pattern[str], text: str) -> set[str]:
    return {found[0].lower() for found in pattern.finditer(text)}


class ModelPhraser:
    """Has a model reword the last paragraph of questions and small talk; the record keeps what it took."""

    def __init__(self, settings: ModelSettings) -> None:
        limited = replace(
            settings,
            total_seconds=_MOST_SECONDS,
            timeout_seconds=min(_MOST_SECONDS, settings.timeout_seconds),
            max_tokens=_MOST_TOKENS,
            attempts=1,
        )
        self._settings, self._endpoint = limited, ModelEndpoint(limited)

    def phrased(self, said: ReplyOut, values: TurnState, *, to: str) -> ReplyOut:
        """See Phraser. `meta.phrasing` is the record; with `fell_back` the words are as they were."""
        if not _may_be_reworded(said, values):
            return said
        *before, last = said["text"].split("\n\n")
        template = template_of(last, [*_names_in(said, values), to, *to.split()])
        if template is None or not template.words.strip():
            return said
        budget = Budget(self._settings)
        words, why = last, ""
        try:
            words = template.filled(self._reworded(template, budget))
        except Unusable as fault:
            why = str(fault)
            log.warning("model did not word a reply", why=why)
        record = asdict(budget.record(PROMPT_VERSION, fell_back=why))
        return {
            "text": "\n\n".join([*before, words]),
            "outcome": said["outcome"],
            "meta": {**said["meta"], "phrasing": record},
        }

    def _reworded(self, template: Template, budget: Budget) -> str:
        asked = [SystemMessage(INSTRUCTIONS), HumanMessage(template.words)]
        shape = {"name": "reply", "strict": True, "schema": _Reworded.model_json_schema()}
        options = {"response_format": {"type": "json_schema", "json_schema": shape}}
        answer = content_of(self._endpoint.call(asked, budget, options))
        try:
            text = _Reworded.model_validate_json(answer).text.strip()
        except ValidationError as error:
            raise Unusable("malformed") from error
        if fault := fault_of(text, template):
            raise Unusable(fault)
        return text


def _may_be_reworded(said: ReplyOut, values: TurnState) -> bool:
    asks = said["outcome"] == "ask" and said["meta"].get("asks_for") not in {None, "review"}
    return asks or (said["outcome"] == "help" and values.get("next") in _SMALL_TALK)


def _names_in(said: ReplyOut, values: TurnState) -> list[str]:
    """Goods by any name we use, the customer's own words for them, and buttons that a text repeats."""
    names = [choice["label"] for choice in said["meta"].get("choices") or []]
    for line in unpack(values):
        told = (line.description, line.item_words, line.sku_said, line.received_words, line.order_ref)
        names += [*told, short(line.description), short(line.item_words), *line.strange_serials]
    return names
