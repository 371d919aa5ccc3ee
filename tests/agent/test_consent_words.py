import pytest

from agent.answers import agrees, gives_up
from agent.understanding.claim import Act, Claim

UNDERSTOOD_AS_YES = Claim(
    act=Act.CONFIRM,
    in_scope=True,
    scope_confidence=1.0,
    lines=(),
    order_refs=(),
    wants_person=False,
    injection_suspected=False,
    language="en",
    text_digest="",
    reader="test",
)


@pytest.mark.parametrize(
    "words", ["yes", "Yes please", "ok, go ahead", "correct", "sounds good to me", "perfect"]
)
def test_a_plain_yes_is_consent(words: str) -> None:
    assert agrees(words, UNDERSTOOD_AS_YES)


@pytest.mark.parametrize(
    "words",
    [
        "ok forget it",
        "sure, leave it",
        "ok cancel it",
        "ok actually don't",
        "yes but don't send it yet, I need to ask my boss",
        "yes, wait",
        "no, i changed my mind",
        "ok never mind",
        "is that right?",
    ],
)
def test_a_yes_with_anything_against_it_is_no_consent(words: str) -> None:
    assert not agrees(words, UNDERSTOOD_AS_YES)


@pytest.mark.parametrize("words", ["ok forget it", "sure, leave it", "ok cancel it", "I changed my mind"])
def test_a_withdrawal_drops_the_request(words: str) -> None:
    assert gives_up(words)
