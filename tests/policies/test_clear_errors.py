"""What an owner reads when something is wrong: the whole sentence, with its place and the way out."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from backhaul.bootstrap.policy_shelf import read_documents
from backhaul.domain.errors import PolicyError
from policies.book import PolicyBook
from policies.examples import run_examples
from policies.facts import Facts

MakeFacts = Callable[..., Facts]
Texts = dict[str, str]
CONTROLS, BASELINE = "controls-2020a.yaml", "baseline.yaml"
TIERS = "standard, silver, gold or platinum"


@dataclass(frozen=True, slots=True)
class Fault:
    """A change to one document, and what is then said about which line of which document."""

    name: str
    file: str
    old: str
    new: str
    line: str
    says: str
    clause: str = ""
    said_of: str = ""


FAULTS = [
    Fault(**entry) for entry in yaml.safe_load((Path(__file__).parent / "clear_errors.yaml").read_text())
]


def line_of(text: str, beginning: str) -> int:
    at = text.index("\n" + beginning) + 1 if not text.startswith(beginning) else 0
    return text.count("\n", 0, at) + 1


def refusal(texts: Texts) -> PolicyError:
    with pytest.raises(PolicyError) as refused:
        PolicyBook.load(texts)
    return refused.value


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_in_a_document_is_told_with_file_line_clause_and_what_to_do(
    texts: Texts, fault: Fault
) -> None:
    assert fault.old in texts[fault.file]
    wrong = {**texts, fault.file: texts[fault.file].replace(fault.old, fault.new, 1)}
    named = fault.said_of or fault.file
    line = line_of(wrong[named], fault.line)
    clause = f" [{fault.clause}]" if fault.clause else ""
    says = fault.says.replace("{line-2}", str(line - 2))
    error = refusal(wrong)
    assert str(error) == f"{named}:{line}{clause}: {says}"
    assert (error.file, error.line, error.clause) == (named, line, fault.clause)


def test_an_example_that_contradicts_itself_is_told_with_its_place(texts: Texts) -> None:
    old, new = "{given: {consent_given: false}", "{given: {consent_given: false, serials_matching: 1}"
    wrong = texts[CONTROLS].replace(old, new)
    with pytest.raises(PolicyError) as refused:
        list(run_examples(PolicyBook.load({**texts, CONTROLS: wrong})))
    place = f"{CONTROLS}:{line_of(wrong, f'  - {new}')} [CTL-5.2]"
    assert str(refused.value) == (
        f"{place}: these facts cannot be used: serials_matching cannot exceed serials_given"
    )


DEEP = "more than 20 mappings and lists stand inside one another; write it flatter"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "kind: Policy\nid: " + "7" * 5_000,
            "stray.yaml:2: a whole number of 5,000 digits is beyond any figure",
        ),
        ("kind: Policy\nid: -" + "1" * 19, "stray.yaml:2: a whole number of 19 digits is beyond any figure"),
        ("kind: Policy\nid: !!int '--5'", "stray.yaml:2: write whole numbers with plain digits"),
        ("kind: Policy\nid:\n  " + "[" * 3_000 + "]" * 3_000, f"stray.yaml:3: {DEEP}"),
        ("kind: Policy\nid: " + "[{a: " * 50_000, f"stray.yaml:2: {DEEP}"),
        ("- " * 100_000 + "a", f"stray.yaml:1: {DEEP}"),
        ("".join(f"{' ' * deep}a:\n" for deep in range(400)), f"stray.yaml:21: {DEEP}"),
        ("kind: Policy\n# " + "-" * 500_000, "stray.yaml: the file is longer than 500,000 bytes"),
        ("kind: Policy\n[a, b]: c", "stray.yaml:2: a mapping or a list cannot be a key"),
        ("clause: {a: b}\nid: 1.5", "stray.yaml:2: a number with a point is rounded by machines"),
    ],
    ids=[
        "digits",
        "minus",
        "two minuses",
        "deep",
        "endless",
        "hyphens",
        "block",
        "long",
        "a key",
        "a clause",
    ],
)
def test_what_no_policy_needs_is_refused_by_its_place_before_it_can_do_harm(
    texts: Texts, text: str, says: str
) -> None:
    assert str(refusal({**texts, "stray.yaml": text})).startswith(says)


def test_more_documents_than_anybody_owns_are_not_read(texts: Texts) -> None:
    many = {f"stray-{number}.yaml": "" for number in range(200)}
    assert str(refusal({**texts, **many})).startswith(
        f"there are {200 + len(texts)} documents here, and at most 200"
    )


def test_long_figures_brackets_in_quotes_and_remarks_are_no_reason_to_refuse(texts: Texts) -> None:
    title = "title: The order is known on this account"
    assert title in texts[CONTROLS]
    quoted = f'title: "{"[" * 100}{"9" * 100}"  # {"{" * 100}'
    read = PolicyBook.load({**texts, CONTROLS: texts[CONTROLS].replace(title, quoted, 1)})
    assert read.bundle_hash != PolicyBook.load(texts).bundle_hash


EMPTY = "a policy document is a mapping that begins with its `kind`, such as `kind: Policy`"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", f"stray.yaml:1: the file is empty; {EMPTY}"),
        (b"# only a remark\n", f"stray.yaml:1: the file is empty; {EMPTY}"),
        (b"- a list\n", f"stray.yaml:1: {EMPTY}"),
        (
            "kind: Grants\ngrants: # Für Reno\n".encode("latin-1"),
            "stray.yaml:2: a character here is not UTF-8; save the file again with that encoding",
        ),
    ],
    ids=["empty", "only remarks", "a list", "not UTF-8"],
)
def test_a_file_that_holds_no_document_is_told_by_name(
    texts: Texts, tmp_path: Path, content: bytes, says: str
) -> None:
    for file, text in texts.items():
        (tmp_path / file).write_text(text, "utf-8")
    (tmp_path / "stray.yaml").write_bytes(content)
    with pytest.raises(PolicyError) as refused:
        PolicyBook.load(read_documents(tmp_path))
    assert str(refused.value) == says


def test_an_empty_folder_decides_nothing_and_says_so(tmp_path: Path) -> None:
    with pytest.raises(PolicyError) as refused:
        read_documents(tmp_path)
    assert str(refused.value) == f"there are no policy documents (*.yaml) in {tmp_path}"
    assert str(refusal({})) == "there are no policy documents here; put at least one *.yaml of kind Policy in"


def test_a_folder_without_a_policy_decides_nothing_and_says_so(texts: Texts) -> None:
    error = refusal({BASELINE: texts[BASELINE]})
    line = line_of(texts[BASELINE], "kind: Baseline")
    assert str(error) == (
        f"{BASELINE}:{line}: none of the documents is of kind Policy; nothing could be decided"
    )


def test_a_second_baseline_is_refused(texts: Texts) -> None:
    error = refusal({**texts, "other.yaml": texts[BASELINE]})
    assert str(error) == "other.yaml:2: there is another document of kind Baseline; keep one of them"


PIECES = "it must be a whole number of pieces from 1 to 1,000,000"


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("quantity", None, f"quantity is null; {PIECES}"),
        ("quantity", "9", f"quantity is text; {PIECES}"),
        ("quantity", 1.5, f"quantity is a number with a point; {PIECES}"),
        ("quantity", True, f"quantity is true or false; {PIECES}"),
        ("quantity", [9], f"quantity is a list; {PIECES}"),
        ("quantity", 0, f"quantity is out of its range; {PIECES}"),
        ("quantity", 10**20, f"quantity is out of its range; {PIECES}"),
        ("hazmat", 1, "hazmat is a whole number; it must be true or false"),
        ("tier", "titanium", f"tier is none of its list; it must be one of {TIERS}"),
        ("tier", {"is": "gold"}, f"tier is a mapping; it must be one of {TIERS}"),
        (
            "unit_price_usd_minor",
            19.99,
            (
                "unit_price_usd_minor is a number with a point; it must be a whole number of cents of US "
                "dollars from 0 to 100,000,000,000"
            ),
        ),
        ("vip", True, "vip is no fact a policy knows; leave it out"),
        ("tiers", "gold", "tiers is no fact a policy knows (did you mean tier?); leave it out"),
        (
            "amount_usd_minor",
            1,
            "amount_usd_minor is worked out from unit_price_usd_minor and quantity; leave it out",
        ),
        ("unknown", "tier", "`unknown` must be a list of names of facts the ERP cannot tell"),
        ("unknown", ["photos"], "photos cannot be unknown; that is for facts the ERP tells"),
        (
            "unknown",
            ["tier"],
            "tier stands under `unknown` and has a value as well; keep one of them",
        ),
        ("serials_matching", 1, "serials_matching cannot exceed serials_given"),
    ],
)
def test_a_fact_that_cannot_be_used_is_told_by_name_with_what_is_accepted(
    ordinary: MakeFacts, name: str, value: object, says: str
) -> None:
    with pytest.raises(PolicyError) as refused:
        Facts.from_record({**ordinary().record(), name: value})
    assert str(refused.value) == f"these facts cannot be used: {says}"


def test_every_missing_fact_is_told_and_which_of_them_the_erp_may_not_know(ordinary: MakeFacts) -> None:
    record = ordinary().record()
    del record["photos"], record["tier"]
    with pytest.raises(PolicyError) as refused:
        Facts.from_record(record)
    assert str(refused.value) == (
        "these facts cannot be used: photos is missing; it must be a whole number of photos from 0 to 1,000; "
        f"tier is missing; it must be one of {TIERS}, or be listed under `unknown` if the ERP cannot tell"
    )
