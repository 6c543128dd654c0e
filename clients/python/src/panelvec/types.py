"""What calls take and return. The service may add fields to what it returns."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO, Literal, NotRequired, TypeAlias, TypedDict

ImageInput: TypeAlias = str | os.PathLike[str] | bytes | BinaryIO
"""The path of a picture, its bytes, or an open file"""

PanelsInput: TypeAlias = str | os.PathLike[str] | Mapping[str, Any] | Sequence[Mapping[str, Any]]
"""Panels with `bbox` or `box_2d`, a whole panel file of a page, or the path of one"""

OutputName: TypeAlias = Literal["fused", "vision", "text", "composition"]
JobState: TypeAlias = Literal["queued", "running", "cancelling", "succeeded", "failed", "cancelled"]


class CallOptions(TypedDict, total=False):
    """Options of calls that compute."""

    timeout: float
    """Seconds for the whole call, with all waits and tries"""
    priority: Literal["interactive", "batch"]


class EmbedOptions(CallOptions, total=False):
    """Options of calls that embed. docs/api.md describes them."""

    model: str
    outputs: Sequence[OutputName]
    normalize: bool
    dimensions: int
    truncate: Literal["end", "refuse"]
    expected_space: str


class PageOptions(EmbedOptions, total=False):
    """Options of pages."""

    canonical_id: str
    pad_to: int
    empty_pages: Literal["zero_vector", "masked"]
    box_scale: Literal[1, 1000, "pixels"]
    box_order: Literal["yxyx", "xyxy", "xywh"]


class SearchOptions(CallOptions, total=False):
    """The query of a search and its options. docs/search.md describes them."""

    text: str
    image: ImageInput
    panel: str
    composition: Sequence[float]
    positive: Sequence[str]
    negative: Sequence[str]
    weights: Mapping[str, float]
    level: Literal["panel", "page"]
    top_k: int
    exact: bool
    filters: Mapping[str, str | bool]
    cursor: str
    model: str


class PanelInput(TypedDict, total=False):
    """A panel without its page. It needs at least one of the three."""

    image: ImageInput
    text: str
    composition: Sequence[float]


class Gate(TypedDict):
    """The weight of each modality in a fused vector."""

    vision: float
    text: float
    composition: float


class PanelInfo(TypedDict):
    """What a response says of a panel beside its vectors."""

    modalities: list[str]
    gate: Gate | None
    truncated: bool
    unknown_tokens: int
    unknown_text: bool
    crop: NotRequired[list[int]]
    """In pixels of the page: left, top, right, bottom"""
    composition: NotRequired[list[float]]


class Note(TypedDict):
    """Something of a page that was read differently from how it is written."""

    note: str
    panel: NotRequired[int]
    detail: NotRequired[str]


class JobProblem(TypedDict):
    """Why a job has failed."""

    code: str
    message: str
    param: str | None


class Artifact(TypedDict):
    """A file or a folder that a job has written."""

    name: str
    kind: Literal["file", "folder"]
    bytes: int | None


class Progress(TypedDict):
    """How far a job is."""

    done: int
    total: int | None
    rate: float
    seconds_left: float | None
    phase: str
    detail: dict[str, float | None] | None


class Job(TypedDict):
    """A job, as it was when the service answered."""

    id: str
    type: str
    state: JobState
    spec: dict[str, Any]
    progress: Progress
    attempts: int
    error: JobProblem | None
    created_at: str
    started_at: str | None
    finished_at: str | None
    artifacts: list[Artifact]


class SearchHit(TypedDict):
    """A panel that a search has found."""

    id: str
    score: float
    canonical_id: str
    book: str
    page_type: str
    panel: int
    number: float | None
    box: list[float]
    text: str | None
    image_url: str
    page_url: str
    near_duplicate_of: str | None
    panels: NotRequired[list[dict[str, Any]]]


class SearchResults(TypedDict):
    """The results of a search, best first."""

    collection: str
    model: str
    space: str
    level: Literal["panel", "page"]
    exact: bool
    query: dict[str, Any]
    data: list[SearchHit]
    next_cursor: str | None


class Collection(TypedDict):
    """What an index job has made, to be searched."""

    name: str
    model: str
    space: str
    dimensions: int
    pages: int
    panels: int
    source: dict[str, Any]
    job_id: str
    created_at: int
    ready_at: int
    searchable: bool
    has_map: bool
    facets_url: str


class Model(TypedDict):
    """A model of the service. It has further fields; docs/api.md tells of them."""

    id: str
    name: str
    version: int
    description: str
    default: bool
    aliases: list[str]
    space: str
    dimensions: int
    state: str
    served: bool
    loaded: bool
