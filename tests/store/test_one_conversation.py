"""Two requests at the same moment with one key: one conversation, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from backhaul.store import conversation
from tests.house import SPEAKER, House

_AT_ONCE = 6


def test_a_key_that_is_used_by_many_at_once_starts_one_conversation(house: House) -> None:
    together = Barrier(_AT_ONCE)

    def opened() -> str:
        together.wait()
        with house.store.begin() as uow:
            return conversation.open_thread(uow, house.desk.ids, SPEAKER, channel="chat", once="ON-1").id

    with ThreadPoolExecutor(_AT_ONCE) as hands:
        led_to = [one.result() for one in [hands.submit(opened) for _ in range(_AT_ONCE)]]

    assert len(set(led_to)) == 1
    with house.store.read() as uow:
        assert [one.id for one in conversation.threads_of(uow, SPEAKER.account_id)] == led_to[:1]
