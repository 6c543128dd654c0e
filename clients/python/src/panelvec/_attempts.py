"""When a call is tried again."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime

import httpx

from ._operation import read_error
from .errors import BusyError, ConnectionFailedError

MAX_LOST_CONNECTIONS = 2
"""A service may close an idle connection just when it is used. More than that is another problem."""
LOST_CONNECTION_PAUSE_SECONDS = 0.2
BUSY_STATUSES = (429, 503)
MAX_TIMEOUT_MS = 600_000
"""The longest time that the service takes"""


class Attempts:
    """The tries of one call until its deadline."""

    def __init__(self, timeout: float, address: str) -> None:
        self._timeout = timeout
        self._deadline = time.monotonic() + timeout
        self._address = address
        self._lost_connections = 0

    @property
    def seconds_left(self) -> float:
        return max(0.001, self._deadline - time.monotonic())

    @property
    def headers(self) -> dict[str, str]:
        """Tells the service how long somebody waits for its response."""
        return {"x-request-timeout-ms": str(min(MAX_TIMEOUT_MS, max(1, int(1000 * self.seconds_left))))}

    def after_response(self, response: httpx.Response) -> float:
        """The seconds to wait after an error response. Only who is told when to come back tries again."""
        pause = read_retry_after(response.headers) if response.status_code in BUSY_STATUSES else None
        if pause is None:
            raise read_error(response)
        if pause < self.seconds_left:
            return pause
        raise BusyError(read_error(response), pause)

    def after_transport_error(self, error: httpx.TransportError) -> float:
        """The seconds to wait after a lost connection."""
        self._lost_connections += 1
        if isinstance(error, httpx.ReadTimeout | httpx.WriteTimeout):
            raise ConnectionFailedError(f"{self._address} gave no response within {self._timeout:g} s") from error
        pause = LOST_CONNECTION_PAUSE_SECONDS * self._lost_connections
        if self._lost_connections > MAX_LOST_CONNECTIONS or pause >= self.seconds_left:
            reason = str(error) or type(error).__name__
            raise ConnectionFailedError(f"{self._address} cannot be reached: {reason}") from error
        return pause


def read_retry_after(headers: httpx.Headers) -> float | None:
    """The seconds after which the service has room: exact ones, or those of Retry-After, which may be a date."""
    try:
        milliseconds = headers.get("x-retry-after-ms") or headers.get("retry-after-ms")
        if milliseconds is not None:
            return max(0.0, float(milliseconds) / 1000)
        value = headers.get("retry-after")
        if value is None:
            return None
        if value.strip().isdigit():
            return float(value)
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None
