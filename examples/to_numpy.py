"""Embeds the pages of the manifest and loads the response as one NumPy array: python3 examples/to_numpy.py

Needs only NumPy and a running service. (Under the name numpy.py it would import itself.)
"""

import csv
import io
import os
import urllib.request
import uuid
from pathlib import Path

import numpy as np

SERVICE = os.environ.get("PANELVEC_URL", "http://127.0.0.1:8080")
EXAMPLES = Path(__file__).parent


def embed(images: list[Path]) -> np.ndarray:
    """Embeds images, one row for each. The response is the array in binary, so that no number is printed and parsed."""
    boundary = uuid.uuid4().hex
    body = b""
    for image in images:
        # A file name marks the part as a file. The service recognises the format by its bytes, so any type will do.
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="image"; filename="{image.name}"\r\n'.encode()
        body += b"Content-Type: application/octet-stream\r\n\r\n" + image.read_bytes() + b"\r\n"
    body += f"--{boundary}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Accept": "application/x-npy"}
    request = urllib.request.Request(f"{SERVICE}/v1/embeddings/image?normalize=true", body, headers)
    with urllib.request.urlopen(request) as response:
        # The .npy format has no place for model and space: store them beside the vectors.
        print(response.headers["x-panelvec-model"], "space", response.headers["x-panelvec-space"])
        return np.load(io.BytesIO(response.read()))


with open(EXAMPLES / "manifest.csv", newline="") as manifest:
    rows = list(csv.DictReader(manifest))
vectors = embed([EXAMPLES / row["absolute_image_path"] for row in rows])
print(vectors.shape, vectors.dtype)
print("cosines of whole pages:")
print(np.round(vectors @ vectors.T, 2))
