"""Stores that `embed` jobs write, which sequence models (Stage 4) read."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import numpy as np
from numpy.typing import NDArray

from ._operation import read_error
from ._settings import find_api_key
from .embeddings import Mask, Vectors
from .errors import StoreError

if TYPE_CHECKING:
    import zarr

ARRAYS = "embeddings.zarr"
METADATA = "metadata.json"
VECTORS = "panel_embeddings"
MASKS = "panel_masks"
TIMEOUT_SECONDS = 60.0


class StoreArrays(NamedTuple):
    """All of a store in memory."""

    vectors: Vectors
    """Pages, panels, dimensions"""
    mask: Mask
    """Pages, panels"""


@dataclass(frozen=True)
class Store:
    """The vectors of the pages of a job, in the order of its pages.

    `vectors` and `mask` are arrays of zarr: they read the chunks that a slice needs.
    """

    location: str
    vectors: zarr.Array[Any]
    """float32 (pages, panels, dimensions)"""
    mask: zarr.Array[Any]
    """bool (pages, panels). By default a page without panels has one true mask, over zeros: count `num_panels`."""
    metadata: list[dict[str, Any]] = field(repr=False)
    """What metadata.json has of each page, such as `overall_summary`"""
    attributes: Mapping[str, Any] = field(repr=False)
    """What the store was made from"""

    def __len__(self) -> int:
        return len(self.metadata)

    @cached_property
    def ids(self) -> list[str]:
        """The `canonical_id` of each page."""
        return [page["canonical_id"] for page in self.metadata]

    @cached_property
    def num_panels(self) -> NDArray[np.int64]:
        """The panels of each page."""
        return np.array([page["num_panels"] for page in self.metadata], dtype=np.int64)

    @property
    def model(self) -> str:
        return str(self.attributes["model"])

    @property
    def space(self) -> str:
        return str(self.attributes["space"])

    def page(self, page: int | str) -> Vectors:
        """The vectors of the panels of a page, by its index or its id."""
        index = self._rows[page] if isinstance(page, str) else range(len(self))[page]
        return np.asarray(self.vectors[index], dtype=np.float32)[: self.num_panels[index]]

    def load(self) -> StoreArrays:
        """Reads all vectors and masks into memory."""
        return StoreArrays(np.asarray(self.vectors[:], dtype=np.float32), np.asarray(self.mask[:], dtype=np.bool_))

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {id: row for row, id in enumerate(self.ids)}


def open_store(
    location: str | os.PathLike[str], *, api_key: str | None = None, storage_options: Mapping[str, Any] | None = None
) -> Store:
    """Opens the store of a finished `embed` job: its folder, or a URL that ends with embeddings.zarr.

    `storage_options` go to fsspec, for URLs such as s3://.
    """
    text = os.fspath(location)
    options = dict(storage_options or {})
    if "://" in text:
        folder = text.rstrip("/").removesuffix(ARRAYS).rstrip("/")
        key = find_api_key(api_key)
        if key is not None and _is_http(text):
            options["headers"] = {"authorization": f"Bearer {key}", **options.get("headers", {})}
        return _open(f"{folder}/{ARRAYS}", f"{folder}/{METADATA}", options)
    path = Path(text)
    folder_path = path.parent if path.name == ARRAYS else path
    return _open(str(folder_path / ARRAYS), str(folder_path / METADATA), options)


def open_job_store(url: str, api_key: str | None, job_id: str) -> Store:
    """Opens the store of a job of a service."""
    return open_store(f"{url}/v1/jobs/{job_id}/artifacts/{ARRAYS}", api_key=api_key)


def _open(arrays: str, metadata: str, options: dict[str, Any]) -> Store:
    try:
        import zarr
    except ImportError as error:
        raise StoreError('stores need zarr and fsspec: pip install "panelvec[store]"') from error
    try:
        # It is written last: a store that has it is complete.
        pages = json.loads(_read_file(metadata, options))
        group = zarr.open_group(arrays, mode="r", storage_options=options or None)
        vectors, mask = group[VECTORS], group[MASKS]
    except StoreError:
        raise
    except (OSError, KeyError, ValueError) as error:
        raise StoreError(f"{arrays} is no store of a finished job: {_describe(error)}") from error
    except Exception as error:
        # Clients of remote storage have errors of their own, which are those of none of these classes.
        raise StoreError(f"{arrays} cannot be opened: {_describe(error)}") from error
    if not isinstance(vectors, zarr.Array) or not isinstance(mask, zarr.Array):
        raise StoreError(f"{arrays} has a group in place of an array")
    _check(arrays, vectors, mask, pages)
    return Store(arrays, vectors, mask, pages, group.attrs.asdict())


def _check(location: str, vectors: zarr.Array[Any], mask: zarr.Array[Any], pages: list[Any]) -> None:
    if vectors.ndim != 3 or vectors.dtype != np.float32:
        raise StoreError(f"{location}: the vectors are {vectors.dtype} {vectors.shape}, expected float32 of three axes")
    if mask.shape != vectors.shape[:2] or mask.dtype != np.bool_:
        raise StoreError(f"{location}: the masks are {mask.dtype} {mask.shape}, expected bool {vectors.shape[:2]}")
    if len(pages) != vectors.shape[0]:
        raise StoreError(
            f"{location} has {vectors.shape[0]} pages, and its metadata.json {len(pages)}: were files mixed up?"
        )


def _is_http(location: str) -> bool:
    return location.startswith(("http://", "https://"))


def _read_file(location: str, options: Mapping[str, Any]) -> bytes:
    if not _is_http(location):
        import fsspec

        with fsspec.open(location, **options) as file:
            return bytes(file.read())
    try:
        # The errors of the service say more than those of fsspec.
        response = httpx.get(location, headers=options.get("headers"), timeout=TIMEOUT_SECONDS)
    except httpx.TransportError as error:
        raise StoreError(f"{location} cannot be reached: {_describe(error)}") from error
    if not response.is_success:
        raise StoreError(f"{location} cannot be read: {read_error(response)}")
    return response.content


def _describe(error: Exception) -> str:
    return str(error) or type(error).__name__
