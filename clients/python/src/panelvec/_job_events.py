"""The events of a job, over as many connections as it takes."""

from __future__ import annotations

import json
import time
from typing import Any, cast

import httpx
from httpx_sse import ServerSentEvent

from ._operation import path_of
from .errors import ConnectionFailedError
from .types import Job

END_STATES = ("succeeded", "failed", "cancelled")
# The service sends something every 15 s.
TIMEOUT = httpx.Timeout(10.0, read=60.0)
FIRST_PAUSE_SECONDS = 0.5
MAX_PAUSE_SECONDS = 5.0


class JobEvents:
    """Where somebody who follows a job has come to."""

    def __init__(self, job_id: str, address: str, patience: float) -> None:
        self.path = path_of("jobs", job_id, "events")
        self.has_ended = False
        self._address = address
        self._patience = patience
        """Seconds without any connection after which to give up"""
        self._last_id = ""
        self._last_contact = time.monotonic()
        self._pause = FIRST_PAUSE_SECONDS

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments of httpx for the next connection."""
        headers = {"accept": "text/event-stream"}
        if self._last_id:
            headers["last-event-id"] = self._last_id
        return {"method": "GET", "url": self.path, "headers": headers, "timeout": TIMEOUT}

    def read(self, event: ServerSentEvent) -> Job | None:
        """The job of an event; None if the event is of another kind."""
        self._last_contact = time.monotonic()
        self._pause = FIRST_PAUSE_SECONDS
        if event.event != "job":
            return None
        self._last_id = event.id
        job = cast(Job, json.loads(event.data))
        self.has_ended = job["state"] in END_STATES
        return job

    def after_end(self, error: httpx.TransportError | None = None) -> float:
        """The seconds to wait after a connection has ended: a restart of the service takes a while."""
        if time.monotonic() - self._last_contact > self._patience:
            message = f"{self._address} has sent no event for {self._patience:g} s"
            raise ConnectionFailedError(message) from error
        pause = self._pause
        self._pause = min(2 * pause, MAX_PAUSE_SECONDS)
        return pause
