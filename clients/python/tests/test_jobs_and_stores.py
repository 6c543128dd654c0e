from __future__ import annotations

import asyncio
import json
import os
import shutil
import uuid
from pathlib import Path

import numpy as np
import pytest

from panelvec import ApiError, AsyncPanelvec, JobError, Panelvec, StoreError, open_store

from .example_pages import DATASET, NUM_PANELS, PAGES
from .stub_service import Answer, Received, StubService

OUTPUT = f"python-{uuid.uuid4()}"
STORE = Path(os.environ["PANELVEC_STORES"]) / OUTPUT


@pytest.fixture(scope="module")
def job_id() -> str:
    with Panelvec() as client:
        job = client.submit({"type": "embed", "output": OUTPUT, "dataset": DATASET})
        events = list(client.follow(job["id"]))
        assert events[-1]["state"] == "succeeded", events[-1]["error"]
        assert events[-1]["progress"]["done"] == 4
        assert len({event["progress"]["phase"] for event in events}) > 1
        return job["id"]


def test_jobs(client: Panelvec, job_id: str) -> None:
    assert client.job(job_id)["state"] == "succeeded"
    assert client.wait(job_id)["id"] == job_id
    assert job_id in [job["id"] for job in client.jobs(type="embed", state="succeeded")]
    assert "report.json" in [artifact["name"] for artifact in client.artifacts(job_id)]
    assert json.loads(client.artifact(job_id, "report.json"))["store"]["pages"] == 4
    assert json.loads(client.artifact(job_id, "embeddings.zarr/.zgroup")) == {"zarr_format": 2}
    with pytest.raises(ApiError, match="job_ended"):
        client.cancel(job_id)


def test_the_same_key_gives_the_same_job(client: Panelvec) -> None:
    spec = {"type": "embed", "output": "twice", "dataset": DATASET, "dry_run": True}
    first, second = (client.submit(spec, idempotency_key="k1") for _ in range(2))
    assert first["id"] == second["id"]
    client.wait(first["id"])


def test_a_job_that_fails_raises(client: Panelvec) -> None:
    spec = {"type": "embed", "output": "none", "dataset": DATASET | {"panels": {"format": "vlm", "root": "pages"}}}
    with pytest.raises(JobError) as caught:
        client.wait(client.submit(spec)["id"])
    assert caught.value.code == "dataset_invalid" and caught.value.job["state"] == "failed"


def test_events_go_on_after_a_lost_connection(stub: StubService) -> None:
    def event(id: int, state: str) -> bytes:
        return f"id: {id}\nevent: job\ndata: {json.dumps({'id': 'j', 'state': state})}\n\n".encode()

    bodies = iter([event(3, "queued") + event(4, "running"), b":\n\n", event(9, "succeeded")])

    def answer(request: Received) -> Answer:
        length = {"content-type": "text/event-stream"}
        # The second body is shorter than it should be.
        body = next(bodies)
        return Answer(200, body, length if body != b":\n\n" else {**length, "content-length": "100"})

    stub.answer = answer
    with Panelvec(stub.url) as client:
        stub_states = []
        for job in client.follow("j"):
            stub_states.append(job["state"])
    assert stub_states == ["queued", "running", "succeeded"]
    ids = [{k.lower(): v for k, v in r.headers.items()}.get("last-event-id") for r in stub.received]
    assert ids == [None, "4", "4"]


def test_a_store_from_its_folder(job_id: str, client: Panelvec) -> None:
    for location in (STORE, STORE / "embeddings.zarr", str(STORE)):
        store = open_store(location)
        assert store.ids == [f"Moonlit Harbor/page_00{i}" for i in (1, 2, 3, 4)]
        assert store.num_panels.tolist() == NUM_PANELS and len(store) == 4
    vectors, mask = store.load()
    assert vectors.shape == (4, 16, 512) and vectors.dtype == np.float32
    assert mask.dtype == np.bool_ and mask.sum(axis=1).tolist() == NUM_PANELS
    for row, (image, panels) in enumerate(PAGES):
        page = client.page(image, panels)
        assert np.array_equal(page.vectors, store.page(row))
        assert np.array_equal(vectors[row][mask[row]], store.page(store.ids[row]))
        assert (store.model, store.space) == (page.model, page.space)


def test_a_store_over_http(job_id: str, client: Panelvec) -> None:
    expected = open_store(STORE).load()
    store = client.open_store(job_id)
    assert np.array_equal(store.load().vectors, expected.vectors)
    assert np.array_equal(store.vectors[1:3, :2], expected.vectors[1:3, :2])

    async def load() -> None:
        async with AsyncPanelvec() as other:
            assert (await other.wait(job_id))["state"] == "succeeded"
            assert len(await other.open_store(job_id)) == 4

    asyncio.run(load())


def test_a_store_needs_the_key(job_id: str) -> None:
    url = f"{os.environ['PANELVEC_URL']}/v1/jobs/{job_id}/artifacts/embeddings.zarr"
    assert len(open_store(url)) == 4
    with pytest.raises(StoreError, match="this key is not valid \\(401 key_invalid"):
        open_store(url, api_key="pv_wrong")


def test_a_store_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"nothing/embeddings\.zarr is no store of a finished job"):
        open_store(tmp_path / "nothing")


def test_a_store_that_is_not_complete_or_contradicts_itself(job_id: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(STORE, copy)
    pages = json.loads((copy / "metadata.json").read_text())
    (copy / "metadata.json").write_text(json.dumps(pages[:3]))
    with pytest.raises(StoreError, match=r"4 pages, and its metadata\.json 3"):
        open_store(copy)
    (copy / "metadata.json").unlink()
    with pytest.raises(StoreError, match="no store of a finished job"):
        open_store(copy)
