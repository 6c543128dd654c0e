from __future__ import annotations

import os
from typing import Any

import pytest

from panelvec import ApiError, ConnectionFailedError, Panelvec, PanelvecError, ResponseError

from .example_pages import PAGES
from .stub_service import Answer, StubService


def test_an_error_names_code_field_and_request(client: Panelvec) -> None:
    with pytest.raises(ApiError) as caught:
        client.page(PAGES[0][0], [{"bbox": [0, 0, 10, 10]}, {"bbox": [0, 0, 1]}])
    error = caught.value
    assert (error.status, error.code, error.field) == (400, "invalid_request", "panels[1].bbox")
    assert error.request_id is not None and error.request_id in str(error)
    assert isinstance(error, PanelvecError)


def test_a_wrong_key(client: Panelvec) -> None:
    with Panelvec(api_key="pv_wrong") as other, pytest.raises(ApiError) as caught:
        other.models()
    assert (caught.value.status, caught.value.code) == (401, "key_invalid")


def test_the_key_is_not_shown(client: Panelvec) -> None:
    assert os.environ["PANELVEC_API_KEY"] not in repr(vars(client))


def test_nobody_listens() -> None:
    with Panelvec("http://127.0.0.1:9") as client, pytest.raises(ConnectionFailedError, match=r"127\.0\.0\.1:9"):
        client.models()


def test_an_address_without_scheme() -> None:
    with pytest.raises(ValueError, match="http://"):
        Panelvec("127.0.0.1:8080")


def test_the_error_of_a_gateway(stub: StubService) -> None:
    stub.answer = lambda _: Answer(502, b"<h1>Bad Gateway</h1>", {"x-request-id": "g1"})
    with Panelvec(stub.url) as client, pytest.raises(ApiError) as caught:
        client.models()
    assert (caught.value.code, caught.value.request_id) == ("http_502", "g1")
    assert "Bad Gateway" in str(caught.value)


def test_vectors_of_another_length_are_refused(stub: StubService) -> None:
    item: dict[str, Any] = {"embedding": "AAAAAA==", "modalities": [], "gate": None, "truncated": False}
    stub.answer = lambda _: Answer(200, {"model": "m@1", "space": "s", "dimensions": 2, "data": [item]})
    with Panelvec(stub.url) as client, pytest.raises(ResponseError, match="2 dimensions"):
        client.text("a")


def test_a_client_that_is_closed() -> None:
    client = Panelvec()
    client.close()
    with pytest.raises(RuntimeError, match="closed"):
        client.models()
