"""A message that a model read, from the words to the row that the desk and the worker see."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from agent import bookmarks
from agent.conversation import Conversation, Waits
from agent.model_calls import ModelSettings
from agent.model_reader import ModelReader
from agent.model_schema import PROMPT_VERSION
from agent.phrasing import ModelPhraser
from agent.understanding.offline import OfflineReader
from backhaul.bootstrap.agent_side import open_bookmarks
from backhaul.store import cases
from backhaul.store import conversation as talk
from tests.agent.scripted_openai import Answer, scripted_openai
from tests.house import House
from tests.learning import quick_house


@pytest.fixture
def house(seeded_home: Path, reader_cache: Path, tmp_path: Path) -> Iterator[House]:
    yield from quick_house(seeded_home, reader_cache, tmp_path)


def test_a_claim_keeps_model_prompt_tokens_and_the_second_opinion_and_the_reply_its_own_record(
    house: House,
) -> None:
    item = house.desk.erp.order_line("SO-15086", 1)
    assert item is not None
    line = {
        "order_ref": "SO-15086",
        "po_ref": None,
        "sku": item.sku,
        "item_words": "",
        "received_sku": None,
        "received_words": None,
        "quantity": None,
        "all_of_them": False,
        "serials": [],
        "reason": "no_longer_needed",
        "reason_confidence": 0.95,
        "resolution": "credit",
        "condition": "not_stated",
    }
    claim = {"act": "return_request", "in_scope": True, "wants_person": False, "language": "en"}
    answer = Answer({"content": json.dumps({**claim, "lines": [line]})})
    reworded = Answer({"content": json.dumps({"text": "I promise you a refund."})})
    said = f"Please take back {item.sku} from SO-15086, we no longer need it. Credit please."
    saver = open_bookmarks(house.settings)
    offline = OfflineReader(house.settings.home / "cache")
    try:
        with scripted_openai([answer, reworded]) as script:
            settings = ModelSettings(SecretStr("test"), "scripted", script.url, attempts=1)
            reader, phraser = ModelReader(offline, settings), ModelPhraser(settings)
            spoken = Conversation(house.desk, reader, saver, waits=Waits(verdict_seconds=2), phraser=phraser)
            thread = house.thread()
            for words in (said, "1", "yes"):
                spoken.post(thread, words)
                spoken.run_pending(thread)
        with house.store.read() as uow:
            (case,) = cases.cases_of_thread(uow, thread)
            (row,) = cases.proposals(uow, case_id=case.id)
            kept = cases.claim(uow, row.claim_id)
            replies = [one.meta for one in talk.messages(uow, thread) if one.author == "agent"]
            first = next(one for one in talk.messages(uow, thread) if one.author == "agent")
    finally:
        bookmarks.close(saver)

    assert kept is not None
    assert kept.reader == "model:scripted"
    asked = kept.payload["asked"]
    assert (asked["model"], asked["prompt"], asked["fell_back"]) == ("scripted", PROMPT_VERSION, "")
    assert (asked["tokens_in"], asked["tokens_out"], asked["calls"]) == (10, 10, 1)
    assert kept.payload["second_opinion"][0] == "no_longer_needed"
    assert replies[0]["phrasing"]["fell_back"] == "facts"
    assert "refund" not in first.body
