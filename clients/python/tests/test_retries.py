from __future__ import annotations

import asyncio
import os
import re
import threading
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from panelvec import ApiError, AsyncPanelvec, BusyError, ConnectionFailedError, Panelvec
from panelvec._attempts import read_retry_after

from .example_pages import PAGES
from .stub_service import Answer, Received, StubService, busy

MODELS = Answer(200, {"data": []})


def test_a_busy_service_is_asked_again_over_the_same_connection(stub: StubService) -> None:
    answers = iter([busy(300), busy(200), MODELS])
    stub.answer = lambda _: next(answers)
    start = time.monotonic()
    with Panelvec(stub.url) as client:
        assert client.models() == []
    assert 0.5 <= time.monotonic() - start < 5
    assert [request.connection for request in stub.received] == [1, 1, 1]


def test_a_connection_is_kept_for_as_long_as_its_place(stub: StubService) -> None:
    # httpx closes idle connections after five seconds by default.
    answers = iter([busy(5600), MODELS])
    stub.answer = lambda _: next(answers)
    with Panelvec(stub.url) as client:
        client.models()
    assert [request.connection for request in stub.received] == [1, 1]


def test_each_try_sends_as_many_bytes(stub: StubService) -> None:
    # The service knows a client that comes back by the length, too.
    answers = iter([busy(10), busy(10), Answer(400, {})])
    stub.answer = lambda _: next(answers)
    with Panelvec(stub.url) as client, pytest.raises(ApiError):
        client.page(b"picture", [])
    assert len({len(request.body) for request in stub.received}) == 1


def refuse_first_try_of_each(stub: StubService) -> dict[str, list[int]]:
    """Refuses each path once. Returns the connections of its tries."""
    connections: dict[str, list[int]] = defaultdict(list)

    def answer(request: Received) -> Answer:
        connections[request.path].append(request.connection)
        return busy(400) if len(connections[request.path]) == 1 else Answer(200, {})

    stub.answer = answer
    return connections


def test_calls_at_the_same_time_keep_each_its_connection(stub: StubService) -> None:
    connections = refuse_first_try_of_each(stub)
    with Panelvec(stub.url) as client, ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda i: client.call("GET", f"/{i}"), range(16)))
    assert len(connections) == 16
    assert all(first == second for first, second in connections.values())


def test_so_do_those_of_the_asynchronous_client(stub: StubService) -> None:
    connections = refuse_first_try_of_each(stub)

    async def call_all() -> None:
        async with AsyncPanelvec(stub.url) as client:
            await asyncio.gather(*(client.call("GET", f"/{i}") for i in range(16)))

    asyncio.run(call_all())
    assert len(connections) == 16
    assert all(first == second for first, second in connections.values())


def test_nobody_waits_beyond_the_timeout(stub: StubService) -> None:
    stub.answer = lambda _: busy(30_000)
    start = time.monotonic()
    with (
        Panelvec(stub.url, timeout=2) as client,
        pytest.raises(BusyError, match=r"no room \(429 queue_full, request r1\)") as caught,
    ):
        client.models()
    assert caught.value.retry_after == 30
    assert time.monotonic() - start < 1.5 and len(stub.received) == 1


def test_a_503_that_names_no_time_is_final(stub: StubService) -> None:
    error = {"code": "jobs_off", "message": "no jobs here", "param": None, "request_id": "r2"}
    stub.answer = lambda _: Answer(503, {"error": error})
    with Panelvec(stub.url) as client, pytest.raises(ApiError) as caught:
        client.collections()
    assert (caught.value.status, caught.value.code) == (503, "jobs_off") and len(stub.received) == 1


def test_a_lost_connection_is_made_again(stub: StubService) -> None:
    answers = iter([Answer(None), MODELS])
    stub.answer = lambda _: next(answers)
    with Panelvec(stub.url) as client:
        assert client.models() == []


def test_a_service_that_loses_each_connection_is_given_up(stub: StubService) -> None:
    stub.answer = lambda _: Answer(None)
    with Panelvec(stub.url) as client, pytest.raises(ConnectionFailedError, match="cannot be reached"):
        client.models()
    assert len(stub.received) == 3


def test_a_job_is_submitted_once_however_often_it_is_tried(stub: StubService) -> None:
    answers = iter([Answer(None), busy(1), Answer(202, {"id": "j"})])
    stub.answer = lambda _: next(answers)
    with Panelvec(stub.url) as client:
        client.submit({"type": "embed"})
        stub.answer = lambda _: Answer(202, {"id": "k"})
        client.submit({"type": "embed"})
    *same, other = [{k.lower(): v for k, v in r.headers.items()}["idempotency-key"] for r in stub.received]
    assert len(same) == 3 and len(set(same)) == 1 and other != same[0]


def test_the_service_is_told_how_long_somebody_waits(stub: StubService) -> None:
    answers = iter([busy(300), Answer(400, {"error": {"code": "c", "message": "m", "param": None}})])
    stub.answer = lambda _: next(answers)
    with Panelvec(stub.url, timeout=30) as client, pytest.raises(ApiError):
        client.text("a", timeout=10, priority="batch")
    headers = [{name.lower(): value for name, value in r.headers.items()} for r in stub.received]
    first, second = (int(h["x-request-timeout-ms"]) for h in headers)
    assert 9_000 < first <= 10_000 and second <= first - 300
    assert headers[0]["x-priority"] == "batch"


def test_a_service_that_does_not_answer(stub: StubService) -> None:
    released = threading.Event()

    def answer(_: Received) -> Answer:
        released.wait(10)
        return MODELS

    stub.answer = answer
    try:
        with Panelvec(stub.url, timeout=0.3) as client, pytest.raises(ConnectionFailedError, match=r"within 0\.3 s"):
            client.models()
    finally:
        released.set()


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": "7", "x-retry-after-ms": "6400"}, 6.4),
        ({"retry-after-ms": "6400"}, 6.4),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_forms_of_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert read_retry_after(httpx.Headers(headers)) == seconds


def test_a_full_service_takes_all_who_wait() -> None:
    """Refused clients that keep their connections and obey find the places that they were promised."""
    page = PAGES[0][0].read_bytes()
    with Panelvec(os.environ["PANELVEC_BUSY_URL"], api_key="", timeout=90) as client, ThreadPoolExecutor(24) as threads:
        shapes = list(threads.map(lambda i: client.image(page + bytes([i])).vectors.shape, range(96)))
        assert shapes == [(1, 16)] * 96
        metrics = httpx.get(f"{os.environ['PANELVEC_BUSY_URL']}/metrics").text
    refused = re.findall(r"^panelvec_refused_total\{.*\} (\d+)$", metrics, re.MULTILINE)
    assert sum(map(int, refused)) > 0, metrics
