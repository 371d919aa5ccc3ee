"""How retrieval is measured: no message is its own neighbour, and chance is what the labels give."""

import numpy as np
import pytest

from evals.reading.messages import Message
from evals.similar import measure


def test_the_share_of_the_nearest_is_held_against_chance() -> None:
    by_reason = {"defective": [1.0, 0.0], "wrong_item": [0.0, 1.0], "out_of_scope": [1.0, 0.0]}
    messages = [
        Message(f"{label} {number}", label, register=("mail", "b2b")[number % 2])
        for label in by_reason
        for number in range(12)
    ]

    everybody, other_voice = measure(
        messages, lambda texts: np.array([by_reason[text.split()[0]] for text in texts], dtype=np.float32)
    )

    assert len(everybody.shares) == 24, "what asks for no return is not looked for"
    assert everybody.share == 1.0
    assert everybody.by_chance == pytest.approx(11 / 23)
    assert other_voice.by_chance == pytest.approx(6 / 12)
    assert everybody.interval() == (1.0, 1.0)
    assert other_voice.share == pytest.approx(0.6)
