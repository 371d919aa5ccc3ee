from typing import Any

import pytest

from backhaul.store import heartbeat


def test_with_a_living_worker_everything_is_ready(visitor: Any) -> None:
    assert visitor.opens("/readyz").json()["ready"] is True


def test_a_silent_worker_makes_it_unready_with_a_reason_while_the_process_is_healthy(
    visitor: Any, house: Any
) -> None:
    with house.store.begin() as uow:
        heartbeat.bury(uow, "worker-1")

    ready = visitor.opens("/readyz")

    assert ready.status_code == 503
    assert "backhaul worker" in ready.json()["reason"]
    assert visitor.opens("/healthz").status_code == 200
    visitor.is_staff("reviewer")
    assert "Decisions are delayed." in visitor.opens("/desk").text


def test_metrics_count_by_route_and_never_by_id(visitor: Any, house: Any) -> None:
    review = house.review()
    visitor.is_staff("reviewer")
    visitor.opens(f"/desk/{review}")

    told = visitor.opens("/metrics").text

    assert 'route="/desk/{review_id}"' in told
    assert review not in told
    assert 'backhaul_reviews{state="open"} 1.0' in told


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz"])
def test_a_monitor_may_ask_for_the_head_only(visitor: Any, path: str) -> None:
    assert visitor.client.head(path).status_code == 200
