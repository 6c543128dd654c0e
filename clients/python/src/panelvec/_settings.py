"""What both clients are made of."""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass, field
from typing import Any

import httpx

DEFAULT_URL = "http://127.0.0.1:8080"
DEFAULT_TIMEOUT_SECONDS = 120.0
# A place that a busy service has promised is kept for the connection, for up to a minute.
KEEP_ALIVE_SECONDS = 70.0
# One connection for each call at a time: the next try of a call goes over its own.
LIMITS = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=KEEP_ALIVE_SECONDS)


@dataclass(frozen=True)
class Settings:
    """Where the service is, and how long calls may take."""

    url: str
    api_key: str | None = field(repr=False)
    timeout: float
    verify: ssl.SSLContext

    def http_arguments(self) -> dict[str, Any]:
        """The arguments of a client of httpx."""
        headers = {"user-agent": "panelvec-python"}
        if self.api_key is not None:
            headers["authorization"] = f"Bearer {self.api_key}"
        return {"base_url": self.url, "headers": headers, "limits": LIMITS, "verify": self.verify}


def make_settings(url: str | None, api_key: str | None, timeout: float) -> Settings:
    """Takes what is not given from PANELVEC_URL and PANELVEC_API_KEY."""
    url = url or os.environ.get("PANELVEC_URL") or DEFAULT_URL
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"the URL of the service begins with http:// or https://, not {url!r}")
    return Settings(url.rstrip("/"), find_api_key(api_key), timeout, httpx.create_ssl_context())


def find_api_key(api_key: str | None) -> str | None:
    """The key that was given, or that of the environment. An empty one is none."""
    return (os.environ.get("PANELVEC_API_KEY") if api_key is None else api_key) or None
