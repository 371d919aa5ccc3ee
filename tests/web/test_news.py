import http.client
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from backhaul.domain.clock import Ids, SystemClock
from backhaul.store import conversation as talk
from backhaul.store.database import open_engine
from backhaul.store.news import listen
from backhaul.store.unit_of_work import Store
from web.app import create_app


def a_thread(store: Store, account_id: str = "A-1001", contact: str = "C-1") -> str:
    speaker = talk.Speaker(account_id, "Dana", f"contact:{contact}")
    with store.begin() as uow:
        return talk.open_thread(uow, Ids(), speaker, channel="web").id


def happens(store: Store, thread_id: str, kind: str = "working") -> None:
    with store.begin() as uow:
        talk.append_event(uow, thread_id, kind, {"on": True})


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = Store(open_engine(database_url), SystemClock())
    yield store
    store.close()


def test_a_listener_hears_which_thread_has_news(store: Store) -> None:
    first, second = a_thread(store), a_thread(store)
    listener = listen(store)
    happens(store, second)

    assert set(listener.wait(5.0)) == {second}
    assert list(listener.wait(0.2)) == [], "the same news is not told twice"
    happens(store, first)
    assert set(listener.wait(5.0)) == {first}
    listener.close()


def test_a_listener_hears_what_another_process_wrote(store: Store, database_url: str) -> None:
    thread = a_thread(store)
    listener = listen(store)
    elsewhere = Store(open_engine(database_url), SystemClock())
    writing = threading.Timer(0.2, happens, (elsewhere, thread))
    writing.start()

    assert set(listener.wait(5.0)) == {thread}
    listener.close()
    # The news is heard at the commit, while the writer still holds its connection: closing the store under it
    # would leave that connection open, and the warning would fail whichever test runs when it is collected.
    writing.join()
    elsewhere.close()


@pytest.fixture
def address(house: Any) -> Iterator[tuple[str, int]]:
    """The doors behind a real server: streams do not end, which a test client would wait for."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = uvicorn.Config(
        create_app(house.doors), host="127.0.0.1", port=port, log_level="error", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    serving = threading.Thread(target=server.run)
    serving.start()
    while not server.started:
        time.sleep(0.02)
    yield "127.0.0.1", port
    server.should_exit = True
    serving.join()


def test_a_stream_goes_on_after_the_last_event_its_browser_has_seen(
    address: tuple[str, int], visitor: Any, house: Any
) -> None:
    visitor.plays(house.doors.stories[0].key)
    thread = visitor.sends("/chat", text="hello").url.path.rpartition("/")[2]
    happens(house.store, thread, "first")
    with house.store.read() as uow:
        seen = talk.events_after(uow, thread, 0)[-1].id
    happens(house.store, thread, "second")
    headers = {
        "Cookie": f"backhaul_customer={visitor.client.cookies['backhaul_customer']}",
        "Last-Event-ID": str(seen),
    }

    connection = http.client.HTTPConnection(*address, timeout=30)
    connection.request("GET", f"/chat/{thread}/events", headers=headers)
    answer = connection.getresponse()
    told = ""
    while '"second"' not in told:
        told += answer.readline().decode()
    connection.close()

    assert answer.getheader("Content-Type", "").startswith("text/event-stream")
    assert '"first"' not in told


def test_news_of_the_desk_are_for_those_who_work_there(visitor: Any) -> None:
    visitor.is_staff("dock")

    assert visitor.opens("/desk/events").status_code == 403
