"""The calls about jobs, collections and models."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import httpx

from ._operation import Operation, path_of, read_json
from .types import Artifact, Collection, Job, Model


@dataclass(frozen=True)
class JobPage:
    """A part of the list of jobs."""

    jobs: list[Job]
    next: str | None
    """Where the next part begins"""


def submit_job(spec: Mapping[str, Any], idempotency_key: str | None) -> Operation[Job]:
    # With a key, another try after a lost response gives the same job.
    headers = {"idempotency-key": idempotency_key or str(uuid.uuid4())}
    return Operation("POST", path_of("jobs"), _read_job, json=dict(spec), headers=headers)


def get_job(job_id: str) -> Operation[Job]:
    return Operation("GET", path_of("jobs", job_id), _read_job)


def cancel_job(job_id: str) -> Operation[Job]:
    return Operation("POST", path_of("jobs", job_id, "cancel"), _read_job)


def list_jobs(state: str | None, type: str | None, after: str | None) -> Operation[JobPage]:
    params = {"state": state, "type": type, "after": after, "limit": "100"}

    def parse(response: httpx.Response) -> JobPage:
        body = read_json(response)
        return JobPage(body["data"], body["next"])

    return Operation("GET", path_of("jobs"), parse, params={k: v for k, v in params.items() if v is not None})


def list_artifacts(job_id: str) -> Operation[list[Artifact]]:
    return Operation("GET", path_of("jobs", job_id, "artifacts"), lambda r: cast(list[Artifact], read_json(r)["data"]))


def get_artifact(job_id: str, name: str) -> Operation[bytes]:
    # The files of a folder follow after slashes.
    path = path_of("jobs", job_id, "artifacts", *name.split("/"))
    return Operation("GET", path, lambda response: response.content)


def list_collections() -> Operation[list[Collection]]:
    return Operation("GET", path_of("collections"), lambda r: cast(list[Collection], read_json(r)["data"]))


def get_collection(name: str) -> Operation[Collection]:
    return Operation("GET", path_of("collections", name), lambda r: cast(Collection, read_json(r)))


def delete_collection(name: str) -> Operation[None]:
    return Operation("DELETE", path_of("collections", name), lambda response: None)


def panel_image(collection: str, panel_id: str, width: int | None) -> Operation[bytes]:
    params = {} if width is None else {"width": str(width)}
    path = path_of("collections", collection, "panels", panel_id, "image")
    return Operation("GET", path, lambda response: response.content, params=params)


def list_models() -> Operation[list[Model]]:
    return Operation("GET", path_of("models"), lambda r: cast(list[Model], read_json(r)["data"]))


def get_model(model_id: str) -> Operation[Model]:
    return Operation("GET", path_of("models", model_id), lambda r: cast(Model, read_json(r)))


def call(method: str, path: str, json: Any, params: Mapping[str, str] | None) -> Operation[Any]:
    return Operation(method, path, read_json, json=json, params=params or {})


def _read_job(response: httpx.Response) -> Job:
    return cast(Job, read_json(response))
