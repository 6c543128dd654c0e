from __future__ import annotations

import asyncio

import pytest

from panelvec import ApiError, AsyncPanelvec, Panelvec

from .example_pages import PAGES


def test_search_by_words_pictures_and_panels(client: Panelvec) -> None:
    results = client.search("examples", text="a lighthouse", top_k=3)
    assert len(results["data"]) == 3 and results["query"]["weights"] == {"text": 1}
    panel = results["data"][0]
    assert len(client.search("examples", image=PAGES[0][0], text="a ship", weights={"text": 0.5})["data"]) == 10
    assert client.search("examples", panel=panel["id"])["data"][0]["id"] != panel["id"]
    assert client.search("examples", image=PAGES[0][0], level="page")["level"] == "page"
    with pytest.raises(ApiError, match="book"):
        client.search("examples", text="a", filters={"book": "no such book"})


def test_search_all_follows_the_cursors(client: Panelvec) -> None:
    total = client.collection("examples")["panels"]
    hits = list(client.search_all("examples", text="a lighthouse", top_k=7))
    assert len({hit["id"] for hit in hits}) == len(hits) == total > 7


def test_panel_images(client: Panelvec) -> None:
    panel = client.search("examples", text="a cat", top_k=1)["data"][0]
    assert client.panel_image("examples", panel["id"], width=160).startswith(b"\xff\xd8")


def test_collections_and_models(client: Panelvec) -> None:
    assert [collection["name"] for collection in client.collections()] == ["examples"]
    with pytest.raises(ApiError, match="not_found"):
        client.delete_collection("no such/collection")
    (model,) = [model for model in client.models() if model["default"]]
    assert client.model(model["id"])["space"] == model["space"] == client.collection("examples")["space"]
    assert client.call("GET", "/v1/access")["anonymous"] is False


def test_asynchronous_search(client: Panelvec) -> None:
    async def search() -> list[str]:
        async with AsyncPanelvec() as other:
            assert (await other.search("examples", text="a cat", top_k=1))["data"]
            return [hit["id"] async for hit in other.search_all("examples", text="a cat", top_k=9)]

    assert asyncio.run(search()) == [hit["id"] for hit in client.search_all("examples", text="a cat", top_k=9)]
