"""Searches vectors by a scan of the whole matrix in memory, as the original's server does.

Arguments: a file of float32 rows, a file of float32 queries, the dimensions, the number of results. For each line of JSON
{"callers": n, "seconds": s} it prints {"latencies_ms": [...]}; for {"exact": true} it prints {"rows": [[...], ...]}.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

matrix_file, query_file, dimensions, top_k = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
matrix = np.fromfile(matrix_file, np.float32).reshape(-1, dimensions)
queries = np.fromfile(query_file, np.float32).reshape(-1, dimensions)


def search(query):
    scores = matrix @ query
    best = np.argpartition(-scores, top_k)[:top_k]
    return best[np.argsort(-scores[best], kind="stable")]


def call(caller, callers, end):
    latencies = []
    index = caller
    while time.perf_counter() < end:
        start = time.perf_counter()
        search(queries[index % len(queries)])
        latencies.append((time.perf_counter() - start) * 1000)
        index += callers
    return latencies


for line in sys.stdin:
    request = json.loads(line)
    if "exact" in request:
        answer = {"rows": [search(query).tolist() for query in queries]}
    else:
        callers = request["callers"]
        end = time.perf_counter() + request["seconds"]
        with ThreadPoolExecutor(callers) as threads:
            done = threads.map(lambda caller: call(caller, callers, end), range(callers))
            answer = {"latencies_ms": [latency for latencies in done for latency in latencies]}
    print(json.dumps(answer), flush=True)
