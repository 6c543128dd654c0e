"""The service that the tests call. test/clients/panelvec-python.slow.test.ts starts it and sets the variables."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from panelvec import Panelvec

from .stub_service import StubService

EXAMPLES = Path(__file__).parents[3] / "examples"
VARIABLES = ("PANELVEC_URL", "PANELVEC_API_KEY", "PANELVEC_STORES", "PANELVEC_BUSY_URL")


def pytest_configure() -> None:
    missing = [name for name in VARIABLES if not os.environ.get(name)]
    if missing:
        raise pytest.UsageError(f"{', '.join(missing)} are not set: run npm run test:clients")


@pytest.fixture
def client() -> Iterator[Panelvec]:
    with Panelvec() as client:
        yield client


@pytest.fixture
def stub() -> Iterator[StubService]:
    with StubService() as stub:
        yield stub
