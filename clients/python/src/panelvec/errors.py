"""What the client raises. All of it is a PanelvecError."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .types import Job


class PanelvecError(Exception):
    """Any failure of a call, a job or a store."""


class ApiError(PanelvecError):
    """An error response of the service. docs/api.md lists the codes."""

    def __init__(self, status: int, code: str, message: str, field: str | None, request_id: str | None) -> None:
        super().__init__(status, code, message, field, request_id)
        self.status = status
        self.code = code
        self.message = message
        self.field = field
        """The field of the request at fault, such as `panels[3].bbox`"""
        self.request_id = request_id

    def __str__(self) -> str:
        field = "" if self.field is None else f"{self.field}: "
        request = "" if self.request_id is None else f", request {self.request_id}"
        return f"{field}{self.message} ({self.status} {self.code}{request})"


class BusyError(ApiError):
    """The service has no room, and says to come back later than the timeout of the call allows."""

    def __init__(self, error: ApiError, retry_after: float) -> None:
        super().__init__(error.status, error.code, error.message, error.field, error.request_id)
        self.retry_after = retry_after
        """Seconds until there is room"""


class ConnectionFailedError(PanelvecError):
    """The service cannot be reached, or gave no response in time."""


class ResponseError(PanelvecError):
    """A response is not what the API promises, such as vectors of another length."""


class JobError(PanelvecError):
    """A job has failed or was cancelled."""

    def __init__(self, job: Job) -> None:
        super().__init__(job)
        self.job = job
        error = job["error"]
        self.code: str = error["code"] if error else job["state"]
        self.message: str = error["message"] if error else f"the job was {job['state']}"
        self.field: str | None = error["param"] if error else None

    def __str__(self) -> str:
        return f"job {self.job['id']}: {self.message} ({self.code})"


class StoreError(PanelvecError):
    """A store cannot be opened: it is not there, not complete, or contradicts itself."""
