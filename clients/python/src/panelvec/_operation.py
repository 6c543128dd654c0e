"""A call of the API apart from how it is sent: the synchronous and the asynchronous client send the same ones."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeAlias, TypeVar
from urllib.parse import quote

import httpx

from .errors import ApiError, ResponseError

T = TypeVar("T")
FilePart: TypeAlias = tuple[str, tuple[str | None, bytes, str]]

SNIPPET_LENGTH = 200


@dataclass(frozen=True)
class Operation(Generic[T]):
    """A request, and how its response is read."""

    method: str
    path: str
    parse: Callable[[httpx.Response], T]
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    data: Mapping[str, str] | None = None
    files: list[FilePart] | None = None
    timeout: float | None = None
    """Seconds for the call, if not those of the client"""
    has_deadline: bool = False
    """Whether the service takes the time that is left, and drops what it could not finish by then"""

    def arguments(self) -> dict[str, Any]:
        """The arguments of httpx that do not differ between tries."""
        arguments: dict[str, Any] = {"method": self.method, "url": self.path, "params": self.params}
        for name in ("json", "data", "files"):
            value = getattr(self, name)
            if value is not None:
                arguments[name] = value
        return arguments


def read_json(response: httpx.Response) -> Any:
    """Reads a response of JSON."""
    try:
        return response.json()
    except ValueError as error:
        raise ResponseError(f"{response.request.url} answered with no JSON: {_snippet(response)}") from error


def read_error(response: httpx.Response) -> ApiError:
    """The error of a response. A gateway in front of the service may answer in a form of its own."""
    status = response.status_code
    request_id = response.headers.get("x-request-id")
    try:
        error = response.json()["error"]
        return ApiError(status, error["code"], error["message"], error["param"], error.get("request_id", request_id))
    except (ValueError, KeyError, TypeError):
        return ApiError(status, f"http_{status}", _snippet(response) or response.reason_phrase, None, request_id)


def path_of(*parts: str) -> str:
    """A path of the API. Names in it may have any sign."""
    return "/v1/" + "/".join(quote(part, safe="") for part in parts)


def json_part(value: Any) -> FilePart:
    """The part `request` of a form."""
    return ("request", (None, json.dumps(value).encode(), "application/json"))


def _snippet(response: httpx.Response) -> str:
    return response.text[:SNIPPET_LENGTH]
