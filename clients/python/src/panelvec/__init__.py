"""Client of panelvec: vectors of comic panels as NumPy arrays."""

from importlib.metadata import version

from .async_client import AsyncPanelvec
from .client import Panelvec
from .embeddings import Embeddings, OutputVectors, PageEmbeddings
from .errors import (
    ApiError,
    BusyError,
    ConnectionFailedError,
    JobError,
    PanelvecError,
    ResponseError,
    StoreError,
)
from .store import Store, StoreArrays, open_store

__version__ = version("panelvec")
__all__ = [
    "ApiError",
    "AsyncPanelvec",
    "BusyError",
    "ConnectionFailedError",
    "Embeddings",
    "JobError",
    "OutputVectors",
    "PageEmbeddings",
    "Panelvec",
    "PanelvecError",
    "ResponseError",
    "Store",
    "StoreArrays",
    "StoreError",
    "open_store",
]
