from concurrent.futures import ThreadPoolExecutor

import pytest

from policies.book import PolicyBook
from policies.proofs import check, difference, mutation_score
from tests.policies.proofs.conftest import Amend


@pytest.mark.slow
def test_threads_that_ask_the_prover_at_once_get_the_answers_they_get_alone(
    first: PolicyBook, new_edition: Amend
) -> None:
    limits = ('gold: "2500.00", platinum: "5000.00"', 'gold: "2500.00", platinum: "4000.00"')
    other = PolicyBook.load(new_edition("controls", "2031-03-01", limits))
    questions = [
        lambda: check(first),
        lambda: difference(first, other),
        lambda: mutation_score(first),
    ]
    alone = [ask() for ask in questions]

    with ThreadPoolExecutor(6) as pool:
        asked = [pool.submit(ask) for ask in questions * 2]
        together = [one.result() for one in asked]

    assert together == alone * 2
