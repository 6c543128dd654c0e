from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from panelvec import ApiError, AsyncPanelvec, PageEmbeddings, Panelvec

from .example_pages import NUM_PANELS, PAGES


def test_page_gives_a_row_for_each_panel(client: Panelvec) -> None:
    image, panels = PAGES[0]
    vectors, mask = client.page(image, panels)
    assert vectors.shape == (5, 512) and vectors.dtype == np.float32
    assert mask.dtype == np.bool_ and mask.tolist() == [True] * 5
    vectors[0] = 0  # It can be written to.


def test_page_has_the_bits_of_the_service(client: Panelvec) -> None:
    image, panels = PAGES[0]
    data_uri = f"data:image/jpeg;base64,{base64.b64encode(image.read_bytes()).decode()}"
    body = client.call("POST", "/v1/embeddings/page", json=json.loads(panels.read_text()) | {"image": data_uri})
    expected = np.array(body["data"][0]["panel_embeddings"], dtype=np.float32)
    page = client.page(str(image), json.loads(panels.read_text()))
    assert np.array_equal(page.vectors, expected)
    assert (page.model, page.space) == (body["model"], body["space"])
    assert [panel["crop"] for panel in page.panels] == [p["crop"] for p in body["data"][0]["metadata"]["panels"]]


def test_page_options(client: Panelvec) -> None:
    image, panels = PAGES[0]
    page = client.page(image, panels, pad_to=8, outputs=["fused", "composition"], dimensions=16, canonical_id="a/1")
    assert page.vectors.shape == (8, 16) and page.mask.tolist() == [True] * 5 + [False] * 3
    assert not page.vectors[5:].any()
    assert page.outputs["composition"].vectors.shape == (5, 16)
    assert (page.canonical_id, page.num_panels) == ("a/1", 5)


def test_page_tells_what_was_read_differently(client: Panelvec) -> None:
    image, _ = PAGES[0]
    page = client.page(image, [{"bbox": [0, 0, 99_999, 50], "text": "hello", "colour": "red"}])
    assert page.notes == [{"panel": 0, "note": "reaches_over_page"}]
    assert page.ignored_fields == ["panels[].colour"]


def test_page_without_panels(client: Panelvec) -> None:
    vectors, mask = client.page(PAGES[0][0], [])
    assert vectors.shape == (0, 512) and mask.shape == (0,)


def test_a_panel_file_that_is_none_is_named(client: Panelvec, tmp_path: Path) -> None:
    (tmp_path / "page.json").write_text("[")
    with pytest.raises(ValueError, match=r"page\.json is no JSON"):
        client.page(PAGES[0][0], tmp_path / "page.json")


def test_image_takes_paths_bytes_and_files(client: Panelvec) -> None:
    path = PAGES[0][0]
    with path.open("rb") as file:
        embeddings = client.image([path, path.read_bytes(), file, str(path)], normalize=True)
    assert embeddings.vectors.shape == (4, 512)
    assert np.allclose(np.linalg.norm(np.asarray(embeddings), axis=1), 1, atol=1e-5)
    assert np.array_equal(client.image(path, normalize=True).vectors[0], embeddings.vectors[0])
    assert embeddings.items[0]["modalities"] == ["vision"] and len(embeddings) == 4


def test_image_options_of_a_form(client: Panelvec) -> None:
    embeddings = client.image(PAGES[0][0], outputs=["vision", "fused", "text"], dimensions=8, normalize=False)
    assert np.array_equal(embeddings.vectors, embeddings.outputs["vision"].vectors)
    assert embeddings.outputs["text"].mask.tolist() == [False]
    assert "outputs" not in embeddings.items[0]


def test_text_tells_what_was_cut(client: Panelvec) -> None:
    embeddings = client.text(["a cat on a crate", "a cat " * 1000])
    assert embeddings.vectors.shape == (2, 512)
    assert embeddings.truncated.tolist() == [False, True]


def test_panel_has_any_modalities(client: Panelvec) -> None:
    composition = [1.5, 0.25, 0, 0, 0, 0.5, 0.25]
    panels = client.panel([{"image": PAGES[0][0], "text": "boom"}, {"composition": composition}])
    assert [item["modalities"] for item in panels.items] == [["vision", "text"], ["composition"]]


def test_pages_come_in_their_order_and_are_read_late(client: Panelvec) -> None:
    taken = []

    def lazily() -> Iterator[tuple[Path, Path]]:
        for i, page in enumerate(PAGES * 2):
            taken.append(i)
            yield page

    results = client.pages(lazily(), concurrency=2)
    first = next(results)
    assert first.num_panels == 5 and taken == [0, 1]
    assert [page.num_panels for page in results] == [*NUM_PANELS, *NUM_PANELS][1:]


def test_a_bad_page_among_many(client: Panelvec) -> None:
    pages: list[tuple[bytes | Path, Path]] = [PAGES[0], (b"no picture", PAGES[0][1]), PAGES[1]]
    results = list(client.pages(pages, return_errors=True))
    assert isinstance(results[0], PageEmbeddings) and isinstance(results[2], PageEmbeddings)
    assert isinstance(results[1], ApiError) and results[1].code == "unsupported_media_type"
    with pytest.raises(ApiError, match="unsupported_media_type"):
        list(client.pages(pages))


def test_the_asynchronous_client_gives_the_same(client: Panelvec) -> None:
    async def embed() -> None:
        async with AsyncPanelvec() as other:
            page = await other.page(*PAGES[0])
            assert np.array_equal(page.vectors, client.page(*PAGES[0]).vectors)
            pages = [page async for page in other.pages(PAGES, concurrency=3)]
            assert [page.num_panels for page in pages] == NUM_PANELS
            text, image = await asyncio.gather(other.text("a cat"), other.image(PAGES[0][0]))
            assert np.array_equal(text.vectors, client.text("a cat").vectors)
            assert np.array_equal(image.vectors, client.image(PAGES[0][0]).vectors)
            results = [p async for p in other.pages([(b"no picture", []), PAGES[1]], return_errors=True)]
            assert isinstance(results[0], ApiError) and isinstance(results[1], PageEmbeddings)

    asyncio.run(embed())
