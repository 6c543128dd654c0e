"""The calls that embed and search."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from ._operation import FilePart, Operation, json_part, path_of, read_json
from .embeddings import Embeddings, PageEmbeddings, read_embeddings, read_pages
from .types import (
    EmbedOptions,
    ImageInput,
    PageOptions,
    PanelInput,
    PanelsInput,
    SearchOptions,
    SearchResults,
)

# Base64 has the bits of float32 as a NumPy array has them, and room for notes, masks and what was cut off.
ENCODING = {"encoding_format": "base64"}


def embed_images(images: ImageInput | Sequence[ImageInput], options: EmbedOptions) -> Operation[Embeddings]:
    pictures = _list_images(images)
    if not pictures:
        raise ValueError("there is no image")
    fields = _body_options(options) | ENCODING
    # A form has lists as JSON, and so it has true and false.
    data = {name: value if isinstance(value, str) else json.dumps(value) for name, value in fields.items()}
    if "outputs" in options:
        data["outputs"] = ",".join(options["outputs"])
    return Operation(
        "POST",
        path_of("embeddings", "image"),
        lambda response: read_embeddings(read_json(response)),
        data=data,
        files=[_image_part("image", picture) for picture in pictures],
        **_call_arguments(options),
    )


def embed_texts(texts: str | Sequence[str], options: EmbedOptions) -> Operation[Embeddings]:
    return Operation(
        "POST",
        path_of("embeddings", "text"),
        lambda response: read_embeddings(read_json(response)),
        json=_body_options(options) | ENCODING | {"input": [texts] if isinstance(texts, str) else list(texts)},
        **_call_arguments(options),
    )


def embed_panels(panels: Sequence[PanelInput], options: EmbedOptions) -> Operation[Embeddings]:
    files: list[FilePart] = []
    items: list[dict[str, Any]] = []
    for i, panel in enumerate(panels):
        item: dict[str, Any] = dict(panel)
        if "image" in panel:
            name = item["image"] = f"image{i}"
            files.append(_image_part(name, panel["image"]))
        items.append(item)
    request = _body_options(options) | ENCODING | {"input": items}
    return Operation(
        "POST",
        path_of("embeddings", "panel"),
        lambda response: read_embeddings(read_json(response)),
        files=[json_part(request), *files],
        **_call_arguments(options),
    )


def embed_page(image: ImageInput, panels: PanelsInput, options: PageOptions) -> Operation[PageEmbeddings]:
    page = _read_panels(panels)
    canonical_id = options.get("canonical_id")
    if canonical_id is not None:
        page["canonical_id"] = canonical_id
    # Saved files may have fields of the same names, so options stand apart from them.
    page_options = _body_options(options) | ENCODING
    page_options.pop("canonical_id", None)
    page.pop("image", None)
    return Operation(
        "POST",
        path_of("embeddings", "page"),
        lambda response: read_pages(read_json(response))[0],
        files=[json_part(page | {"options": page_options}), _image_part("image", image)],
        **_call_arguments(options),
    )


def search(collection: str, options: SearchOptions) -> Operation[SearchResults]:
    request: dict[str, Any] = _body_options(options) | {"collection": collection}
    image = options.get("image")
    request.pop("image", None)

    def parse(response: Any) -> SearchResults:
        return cast(SearchResults, read_json(response))

    if image is None:
        return Operation("POST", path_of("search"), parse, json=request, **_call_arguments(options))
    files = [json_part(request), _image_part("image", image)]
    return Operation("POST", path_of("search"), parse, files=files, **_call_arguments(options))


def _list_images(images: ImageInput | Sequence[ImageInput]) -> list[ImageInput]:
    if isinstance(images, str | bytes | os.PathLike) or hasattr(images, "read"):
        return [cast(ImageInput, images)]
    return list(images)


def _image_part(name: str, image: ImageInput) -> FilePart:
    """A part with the bytes themselves: another try sends them again."""
    if isinstance(image, bytes):
        return (name, (name, image, "application/octet-stream"))
    if isinstance(image, str | os.PathLike):
        path = Path(image)
        return (name, (path.name, path.read_bytes(), "application/octet-stream"))
    content: object = image.read()
    if not isinstance(content, bytes):
        raise TypeError(f"{name}: the file is open as text; open it with mode 'rb'")
    return (name, (name, content, "application/octet-stream"))


def _read_panels(panels: PanelsInput) -> dict[str, Any]:
    if isinstance(panels, str | os.PathLike):
        return _read_panel_file(Path(panels))
    return dict(panels) if isinstance(panels, Mapping) else {"panels": [dict(panel) for panel in panels]}


def _read_panel_file(path: Path) -> dict[str, Any]:
    try:
        # By its bytes, so that UTF-16 is read, too.
        page = json.loads(path.read_bytes())
    except ValueError as error:
        raise ValueError(f"{path} is no JSON: {error}") from error
    if not isinstance(page, dict):
        raise ValueError(f"{path} is no panel file of a page: it has no object")
    return page


def _body_options(options: EmbedOptions | SearchOptions) -> dict[str, Any]:
    fields = {name: value for name, value in options.items() if name not in ("timeout", "priority")}
    for name in ("outputs", "composition", "positive", "negative"):
        if name in fields:
            fields[name] = list(cast(Sequence[Any], fields[name]))
    return fields


def _call_arguments(options: EmbedOptions | SearchOptions) -> dict[str, Any]:
    priority = options.get("priority")
    headers = {} if priority is None else {"x-priority": priority}
    return {"headers": headers, "timeout": options.get("timeout"), "has_deadline": True}
