"""Numbers of scikit-learn and SciPy for the measures of an evaluation.

    python3 scripts/reference/make_measures.py test/fixtures/measures/measures.json

Needs numpy, scipy and scikit-learn (tried with 2.4, 1.17 and 1.9).
"""

import json
import sys

import numpy as np
from scipy.stats import binomtest
from sklearn.cluster import KMeans
from sklearn.linear_model import Ridge
from sklearn.metrics import (
    adjusted_rand_score,
    normalized_mutual_info_score,
    r2_score,
    silhouette_samples,
)

DIMENSIONS = 12
PENALTIES = [1e-3, 1e-2, 1e-1, 1, 10, 100, 1000]


def make_panels(rng):
    """Books of two to four pages, pages of two to five panels."""
    panels = []
    for book in range(9):
        for page in range(rng.integers(2, 5)):
            for panel in range(rng.integers(2, 6)):
                panels.append({"id": f"b{book}/p{page}#{panel}", "book": f"b{book}", "page": f"b{book}/p{page}"})
    for panel in panels:
        panel["page_type"] = ["narrative", "cover", "credits"][int(rng.integers(0, 3))]
        panel["aspect"] = round(float(rng.uniform(0.4, 2.5)), 3)
    return panels


def make_views(rng, panels):
    """Vectors that know something of the book, the page and the aspect; whole thousandths, so that they are the same anywhere."""
    def codes(key):
        names = sorted({panel[key] for panel in panels})
        table = rng.normal(size=(len(names), DIMENSIONS))
        return table[[names.index(panel[key]) for panel in panels]]

    layout = np.array([[panel["aspect"]] for panel in panels]) * rng.normal(size=(1, DIMENSIONS))
    content = 0.8 * codes("book") + 0.7 * codes("page") + 1.5 * layout + rng.normal(size=(len(panels), DIMENSIONS))
    query = content + rng.normal(scale=2.5, size=content.shape)
    return {"stored": np.round(content * 1000), "picture": np.round(query * 1000)}


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def retrieval(query, target):
    cosines = query @ target.T
    ranks = [int(1 + np.sum(np.delete(row, i) > row[i])) for i, row in enumerate(cosines)]
    ranks = np.array(ranks)
    return {
        "ranks": ranks.tolist(),
        "recall_at_1": float(np.mean(ranks <= 1)),
        "recall_at_5": float(np.mean(ranks <= 5)),
        "recall_at_10": float(np.mean(ranks <= 10)),
        "mrr": float(np.mean(1 / ranks)),
        "median_rank": float(np.median(ranks)),
    }


def neighbours(stored, panels):
    cosines = stored @ stored.T
    np.fill_diagonal(cosines, -2)
    nearest = cosines.argmax(1)

    def share(key):
        values = [panel[key] for panel in panels]
        rows = [i for i, value in enumerate(values) if values.count(value) > 1]
        return float(np.mean([values[nearest[i]] == values[i] for i in rows]))

    return {"same_page": share("page"), "same_book": share("book")}


def clustering(stored, panels, rng):
    labels = rng.integers(0, 5, size=len(stored))
    k_means = KMeans(n_clusters=10, n_init=50, random_state=0).fit(stored)
    of = {key: [panel[key] for panel in panels] for key in ("book", "page", "page_type")}
    return {
        "labels": labels.tolist(),
        "silhouettes": silhouette_samples(stored, labels).tolist(),
        "nmi": {key: normalized_mutual_info_score(names, labels) for key, names in of.items()},
        "ari": {key: adjusted_rand_score(names, labels) for key, names in of.items()},
        "inertia": float(k_means.inertia_),
        "k_means_nmi": normalized_mutual_info_score(of["book"], k_means.labels_),
    }


def group_folds(rows, group_of, count):
    """The largest groups first, each into the smallest fold."""
    groups = {}
    for row in rows:
        groups.setdefault(group_of[row], []).append(row)
    folds = [[] for _ in range(min(count, len(groups)))]
    for group in sorted(groups.values(), key=len, reverse=True):
        min(folds, key=len).extend(group)
    return folds


def leakage(stored, panels):
    target = np.array([panel["aspect"] for panel in panels])
    books = [panel["book"] for panel in panels]
    predicted = np.zeros(len(stored))
    for test in group_folds(range(len(stored)), books, 5):
        training = [row for row in range(len(stored)) if row not in test]
        inner = group_folds(training, books, 4)
        place = {row: i for i, row in enumerate(training)}
        splits = [([place[r] for r in training if r not in fold], [place[r] for r in fold]) for fold in inner]
        # The error over all rows, not the mean of the folds' errors.
        errors = []
        for penalty in PENALTIES:
            error = 0
            for rest, held in splits:
                model = Ridge(alpha=penalty).fit(stored[training][rest], target[training][rest])
                error += np.sum((model.predict(stored[training][held]) - target[training][held]) ** 2)
            errors.append(error)
        model = Ridge(alpha=PENALTIES[int(np.argmin(errors))]).fit(stored[training], target[training])
        predicted[test] = model.predict(stored[test])
    return {"aspect": r2_score(target, predicted)}


def collapse(stored, panels):
    pages = [panel["page"] for panel in panels]
    cosines = stored @ stored.T
    within = []
    for page in dict.fromkeys(pages):
        rows = [i for i, other in enumerate(pages) if other == page]
        upper = np.triu_indices(len(rows), 1)
        within.append(cosines[np.ix_(rows, rows)][upper].mean())
    other_page = np.array([[a != b for b in pages] for a in pages])
    between = [cosines[i][other_page[i]].mean() for i in range(len(stored))]
    upper = np.triu_indices(len(stored), 1)
    return {
        "within_page": float(np.mean(within)),
        "between_pages": float(np.mean(between)),
        "all_pairs": float(cosines[upper].mean()),
    }


def main(file):
    rng = np.random.default_rng(7)
    panels = make_panels(rng)
    views = make_views(rng, panels)
    stored, picture = unit(views["stored"]), unit(views["picture"])
    splits = [(0, 0), (3, 1), (9, 1), (20, 8), (60, 60), (1400, 1200)]
    result = {
        "panels": panels,
        "views": {name: values.astype(int).tolist() for name, values in views.items()},
        "expected": {
            "retrieval": retrieval(picture, stored),
            "neighbours": neighbours(stored, panels),
            "clustering": clustering(stored, panels, rng),
            "leakage": leakage(stored, panels),
            "collapse": collapse(stored, panels),
            "ablation": float(np.mean(np.sum(stored * picture, axis=1))),
            "sign_tests": [
                {"better": a, "worse": b, "p": binomtest(a, a + b).pvalue if a + b else 1.0} for a, b in splits
            ],
        },
    }
    with open(file, "w", encoding="utf-8") as out:
        json.dump(result, out, indent=None)
        out.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])
