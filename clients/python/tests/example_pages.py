"""The example pages of the repository."""

from __future__ import annotations

from typing import Any

from .conftest import EXAMPLES

PAGES = [
    (EXAMPLES / f"pages/page_00{i}.{extension}", EXAMPLES / f"vlm/Moonlit Harbor/page_00{i}.json")
    for i, extension in ((1, "jpg"), (2, "png"), (3, "webp"), (4, "jpg"))
]
NUM_PANELS = [5, 6, 5, 4]
DATASET: dict[str, Any] = {
    "manifest": "manifest.csv",
    "pss_labels": "pss_labels.json",
    "panels": {"format": "vlm", "root": "vlm"},
}
