from __future__ import annotations

from typing import Any

import nbclient
import nbformat
import pytest

from .conftest import EXAMPLES

NOTEBOOK = EXAMPLES.parent / "clients/python/examples/stage4.ipynb"


def read_outputs(notebook: Any) -> list[str]:
    """What the cells print and return."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    outputs = [output for cell in cells for output in cell.outputs]
    return [output.get("text") or output["data"]["text/plain"] for output in outputs]


# Kernels leave sockets to the collector.
@pytest.mark.filterwarnings("default")
def test_the_notebook_gives_the_outputs_that_it_shows() -> None:
    stored, executed = (nbformat.read(NOTEBOOK, as_version=4) for _ in range(2))  # type: ignore[no-untyped-call]
    resources = {"metadata": {"path": EXAMPLES.parent}}
    nbclient.NotebookClient(executed, timeout=120, resources=resources).execute()
    assert len(read_outputs(stored)) >= 5
    assert read_outputs(executed) == read_outputs(stored)
