"""What counts as read on a case page, and what keys and thoughts cost."""

from evals.keystrokes import K_SECONDS, M_SECONDS, WAYS, estimate

PAGE = """
<main>
<header class="case-head"><h1>Two drives</h1></header>
<section aria-labelledby="why"><p>The value is above the limit</p>
<details><summary>More</summary><div>not seen <details><summary>nor this</summary></details></div></details>
</section>
<section aria-labelledby="history"><p>three earlier returns</p></section>
<form action="/desk/RV-1/reject"><label><input type="radio" name="reason" value="a" data-reply="">One</label>
<label><input type="radio" name="reason" value="b" data-reply="We cannot take it back">Two</label></form>
</main><footer>not in it</footer>
"""
APPROVE = next(way for way in WAYS if way.act == "a")
REJECT = next(way for way in WAYS if way.act == "r")


def test_only_what_is_seen_is_read_and_only_what_a_decision_rests_on_at_once() -> None:
    found = estimate(APPROVE, PAGE)

    assert found.read_words == len(["Two", "drives", "The", "value", "is", "above", "the", "limit", "More"])
    assert found.all_words == found.read_words + len(["three", "earlier", "returns", "One", "Two"])


def test_the_text_that_is_sent_is_read_as_well() -> None:
    assert estimate(REJECT, PAGE).read_words == estimate(APPROVE, PAGE).read_words + 5


def test_an_approval_is_a_key_and_two_thoughts_and_every_other_act_three_of_each() -> None:
    approve, reject = estimate(APPROVE, "<main></main>"), estimate(REJECT, "<main></main>")

    assert approve.seconds == 2 * M_SECONDS + K_SECONDS
    assert reject.seconds == 3 * (M_SECONDS + K_SECONDS)
