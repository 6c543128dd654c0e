"""Vectors as NumPy arrays, with what the service says of them."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias, cast

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .errors import ResponseError
from .types import Note, PanelInfo

Vectors: TypeAlias = NDArray[np.float32]
Mask: TypeAlias = NDArray[np.bool_]

NO_INFO = ("object", "index", "embedding", "outputs")


class OutputVectors(NamedTuple):
    """The vectors of one of several outputs. Rows of panels that lack the modality are zeros, and False in the mask."""

    vectors: Vectors
    mask: Mask


@dataclass(frozen=True, slots=True)
class Embeddings:
    """The vectors of pictures, texts or panels, one row for each. NumPy takes it as an array."""

    vectors: Vectors
    model: str
    """As `name@version`"""
    space: str
    """Vectors of different spaces do not compare."""
    items: list[PanelInfo]
    outputs: dict[str, OutputVectors]
    """By name, if several outputs were asked for"""

    def __len__(self) -> int:
        return len(self.vectors)

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.vectors, dtype=dtype, copy=copy)

    @property
    def truncated(self) -> Mask:
        """The rows whose text was longer than the model reads."""
        return np.array([item["truncated"] for item in self.items], dtype=np.bool_)


class PageEmbeddings(tuple[Vectors, Mask]):
    """The vectors of the panels of a page, and their mask: `vectors, mask = client.page(image, panels)`.

    The mask is False in rows that `pad_to` has added.
    """

    model: str
    space: str
    canonical_id: str | None
    num_panels: int
    width: int
    height: int
    panels: list[PanelInfo]
    notes: list[Note]
    """What was read differently from how it is written"""
    ignored_fields: list[str]
    outputs: dict[str, OutputVectors]

    @property
    def vectors(self) -> Vectors:
        return self[0]

    @property
    def mask(self) -> Mask:
        return self[1]


def read_embeddings(body: dict[str, Any]) -> Embeddings:
    """Reads a response of /v1/embeddings/image, /text or /panel."""
    dimensions = body["dimensions"]
    items = body["data"]
    output_lists = {name: [item["outputs"][name] for item in items] for name in items[0].get("outputs", {})}
    return Embeddings(
        vectors=decode_vectors([item["embedding"] for item in items], dimensions),
        model=body["model"],
        space=body["space"],
        items=[_panel_info(item) for item in items],
        outputs=_decode_outputs(output_lists, dimensions),
    )


def read_pages(body: dict[str, Any]) -> list[PageEmbeddings]:
    """Reads a response of /v1/embeddings/page."""
    return [_read_page(body, item) for item in body["data"]]


def _read_page(body: dict[str, Any], item: dict[str, Any]) -> PageEmbeddings:
    dimensions = body["dimensions"]
    metadata = item["metadata"]
    vectors = decode_vectors(item["panel_embeddings"], dimensions)
    mask = np.array(item["panel_mask"], dtype=np.bool_)
    if mask.shape != vectors.shape[:1]:
        raise ResponseError(f"the page has {len(vectors)} vectors and a mask of {len(mask)}")
    page = PageEmbeddings((vectors, mask))
    page.model = body["model"]
    page.space = body["space"]
    page.canonical_id = item["canonical_id"]
    page.num_panels = metadata["num_panels"]
    page.width = metadata["width"]
    page.height = metadata["height"]
    page.panels = metadata["panels"]
    page.notes = metadata["notes"]
    page.ignored_fields = metadata["ignored_fields"]
    page.outputs = _decode_outputs(item.get("panel_outputs") or {}, dimensions)
    return page


def _panel_info(item: dict[str, Any]) -> PanelInfo:
    return cast(PanelInfo, {name: value for name, value in item.items() if name not in NO_INFO})


def _decode_outputs(lists: dict[str, list[str | None]], dimensions: int) -> dict[str, OutputVectors]:
    zeros = base64.b64encode(bytes(4 * dimensions)).decode()
    return {
        name: OutputVectors(
            decode_vectors([zeros if text is None else text for text in texts], dimensions),
            np.array([text is not None for text in texts], dtype=np.bool_),
        )
        for name, texts in lists.items()
    }


def decode_vectors(texts: list[str], dimensions: int) -> Vectors:
    """Decodes vectors in base64: the bits of little-endian float32. A copy, so that the array can be written to."""
    try:
        rows = [np.frombuffer(base64.b64decode(text, validate=True), dtype="<f4") for text in texts]
    except (binascii.Error, ValueError, TypeError) as error:
        raise ResponseError(f"a vector is no base64: {error}") from error
    lengths = {len(row) for row in rows} - {dimensions}
    if lengths:
        raise ResponseError(f"the model has {dimensions} dimensions, and a vector has {lengths.pop()} numbers")
    vectors = np.empty((len(rows), dimensions), dtype=np.float32)
    for i, row in enumerate(rows):
        vectors[i] = row
    return vectors
