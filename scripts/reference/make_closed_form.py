"""Makes the fixture of the closed-form start of a head: features that are drawn, and what a plain computation gives for them.

    python3 make_closed_form.py FOLDER

All rows are in memory here, and the formulas are those of docs/training.md. Vectors are compared by their cosines, because the
head turns them.
"""

import sys
from pathlib import Path

import numpy
import torch

from safetensors_file import write_safetensors

PANELS, VIEWS, QUERIES, LATENTS = 40, 3, 5, 6
TEXT_FEATURES = 10
OPTIONS = {
    "page_weight": 0.7,
    "shrinkage": 0.5,
    "picture_scale": 1.5,
    "ridge": 0.2,
    "text_whitening": 0.25,
    "text_floor": 0.05,
    "layout_passes": 2,
    "layout_ridge": 0.4,
    "gate": {"vision": 1, "text": 0.7, "composition": 0.1},
}
CASES = {
    "single": {"widths": [12], "dimensions": 16, "picture": 7, "aligned": 8, "views": VIEWS, "text_parts": 2},
    "concat": {"widths": [12, 9], "dimensions": 20, "picture": 11, "aligned": 5, "views": VIEWS, "text_parts": 1},
    "unchanged": {"widths": [12], "dimensions": 16, "picture": 9, "aligned": 6, "views": 1, "text_parts": 1},
}


def draw(widths, views, random):
    """Features of panels whose pictures and texts depend on the same latent numbers. The fourth feature never changes."""
    mixing = random.normal(size=(LATENTS, sum(widths)))
    text_mixing = random.normal(size=(LATENTS, TEXT_FEATURES))

    def panels(count, views):
        latents = random.normal(size=(count, LATENTS))
        noise = random.normal(size=(count, views, sum(widths)))
        pictures = (latents @ mixing)[:, None] + 0.5 * noise + 0.3
        pictures[:, :, 3] = 0.25
        texts = latents @ text_mixing + 0.5 * random.normal(size=(count, TEXT_FEATURES)) + 0.2
        layouts = latents[:, :2] + 0.5 * random.normal(size=(count, 2)) + 0.4
        return pictures.astype("float32"), texts.astype("float32"), layouts.astype("float32")

    pictures, texts, layouts = panels(PANELS, views)
    query_pictures, query_texts, _ = panels(QUERIES, 1)
    has_text = (numpy.arange(PANELS) % 4 != 3).astype("float32")
    return {
        "pictures": pictures,
        "texts": texts * has_text[:, None],
        "layouts": layouts,
        "has_text": has_text,
        "page": numpy.sort(random.integers(0, PANELS // 3, PANELS)).astype("float32"),
        "query_pictures": query_pictures[:, 0],
        "query_texts": query_texts,
    }


def leading(covariance, count):
    values, vectors = numpy.linalg.eigh(covariance)
    return values[::-1][:count], vectors[:, ::-1][:, :count]


def root(x):
    return numpy.sign(x) * numpy.sqrt(numpy.abs(x))


def unit(x):
    return x / numpy.linalg.norm(x, axis=1, keepdims=True)


def power(matrix, exponent):
    values, vectors = numpy.linalg.eigh(matrix)
    return vectors * values**exponent @ vectors.T


def layout_directions(rows, layouts):
    """Orthonormal directions of pictures that ridge regressions to their layouts find, each on what the ones before have left."""
    targets = (layouts - layouts.mean(0)) / layouts.std(0)
    directions = numpy.zeros((rows.shape[1], 0))
    for _ in range(OPTIONS["layout_passes"]):
        left = rows - rows @ directions @ directions.T
        penalized = left.T @ left / len(rows) + OPTIONS["layout_ridge"] * numpy.eye(rows.shape[1])
        solution = numpy.linalg.inv(penalized) @ left.T @ targets / len(rows)
        solution = solution - directions @ directions.T @ solution
        directions, _ = numpy.linalg.qr(numpy.hstack([directions, solution]))
    return directions


def expected_cosines(data, case):
    """Cosines of the queries' vectors: of the pictures alone, of the texts alone, then of both."""
    data = {name: values.astype("float64") for name, values in data.items()}
    described = data["has_text"] == 1
    pictures = root(data["pictures"])
    features = pictures.shape[2]
    mean, deviation = pictures.mean((0, 1)), pictures.std((0, 1))
    scale = numpy.where(deviation > 1e-6, 1 / (deviation + 1e-6), 0)
    z = (pictures - mean) * scale
    removed = layout_directions(z.reshape(-1, features), numpy.repeat(data["layouts"], case["views"], axis=0))
    z = z - z @ removed @ removed.T
    unchanged = z[:, 0]

    panel_means = z.mean(1)
    of_views = (z - panel_means[:, None]).reshape(-1, features)
    of_panels = panel_means.copy()
    for page in set(data["page"]):
        of_panels[data["page"] == page] -= panel_means[data["page"] == page].mean(0)
    within = of_views.T @ of_views / len(of_views) + OPTIONS["page_weight"] * of_panels.T @ of_panels / PANELS
    within *= features / numpy.trace(within)
    shortening = power(within + OPTIONS["shrinkage"] * numpy.eye(features), -0.5)
    shortened = unchanged @ shortening
    _, directions = leading(shortened.T @ shortened / PANELS, case["picture"])
    components = shortening @ directions

    def standardise(texts):
        parts = numpy.split(texts, case["text_parts"], axis=1)
        trained = [part[described] for part in numpy.split(data["texts"], case["text_parts"], axis=1)]
        centred = [(part - rows.mean(0)) / numpy.sqrt(rows.var(0).sum()) for part, rows in zip(parts, trained)]
        return numpy.hstack(centred)

    texts = standardise(data["texts"])[described]
    variances, directions = leading(texts.T @ texts / len(texts), case["aligned"])
    floored = numpy.maximum(variances, OPTIONS["text_floor"] * variances[0])
    whitening = directions * floored ** -OPTIONS["text_whitening"]

    paired = z[described].reshape(-1, features)
    targets = numpy.repeat(texts @ whitening, case["views"], axis=0)
    penalized = paired.T @ paired / len(paired) + OPTIONS["ridge"] * numpy.eye(features)
    regression = numpy.linalg.inv(penalized) @ paired.T @ targets / len(paired)

    def block(weights, rows):
        return rows @ weights / numpy.sqrt(((unchanged @ weights) ** 2).sum(1).mean())

    queries = (root(data["query_pictures"]) - mean) * scale
    queries = queries - queries @ removed @ removed.T
    visual = unit(numpy.hstack([OPTIONS["picture_scale"] * block(components, queries), block(regression, queries)]))
    words = standardise(data["query_texts"]) @ whitening
    words = unit(numpy.hstack([numpy.zeros((QUERIES, case["picture"])), words]))
    gate = OPTIONS["gate"]
    both = gate["vision"] * visual + gate["text"] * words
    vectors = unit(numpy.vstack([visual, words, both]))
    return vectors @ vectors.T


def main(folder):
    for seed, (name, case) in enumerate(CASES.items()):
        data = draw(case["widths"], case["views"], numpy.random.default_rng(seed))
        tensors = {**data, "expected.cosines": expected_cosines(data, case).astype("float32")}
        path = folder / f"{name}.safetensors"
        torch_tensors = {key: torch.from_numpy(numpy.ascontiguousarray(value)) for key, value in tensors.items()}
        write_safetensors(path, torch_tensors, {"case": case, "options": OPTIONS})


main(Path(sys.argv[1]))
