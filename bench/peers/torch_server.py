"""The visual encoder of `compact` as a service in PyTorch and FastAPI, as somebody who knows both writes it.

    torch_server.py PORT WEIGHTS PROCESSES [compile]

WEIGHTS is efficientnet_lite1.safetensors of `compact`. The cores are shared out among the processes.
"""
import io
import multiprocessing
import os
import socket
import sys

import torch
import torch._inductor.config
import uvicorn
from efficientnet_lite_pytorch import EfficientNet
from fastapi import FastAPI, Request
from PIL import Image
from safetensors.torch import load_file

SIZE = 224
MEAN, STD = 127 / 255, 128 / 255
port, weights, processes = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
compiles = "compile" in sys.argv[4:]


class Encoder(torch.nn.Module):
    """Pooled features, and a projection to as many numbers as `compact` responds with."""

    def __init__(self):
        super().__init__()
        self.net = EfficientNet.from_name("efficientnet-lite1")
        state = {key: value.float() for key, value in load_file(weights).items()}
        missing = self.net.load_state_dict(state, strict=False).missing_keys
        assert all(key.startswith("_fc.") or key.endswith("num_batches_tracked") for key in missing), missing
        self.projection = torch.nn.Linear(1280, 512)

    def forward(self, pixels):
        normalised = (pixels.permute(0, 3, 1, 2).float() / 255 - MEAN) / STD
        return self.projection(self.net.extract_features(normalised).mean((2, 3)))


def load_model():
    model = Encoder().eval()
    if compiles:
        # Folds normalisation into convolutions, which a trainable model cannot.
        torch._inductor.config.freezing = True
        torch._inductor.config.compile_threads = 1
        model = torch.compile(model.to(memory_format=torch.channels_last), dynamic=False)
    # Made outside of inference mode, as those of requests are: else the first request compiles again.
    blank = torch.zeros(1, SIZE, SIZE, 3, dtype=torch.uint8)
    with torch.inference_mode():
        for _ in range(3):
            model(blank)
    return model


app = FastAPI()


@app.get("/health")
async def health():
    return {}


@app.post("/embed")
async def embed(request: Request):
    picture = Image.open(io.BytesIO(await request.body()))
    picture.draft("RGB", (SIZE, SIZE))  # decodes JPEG at half its size
    resized = picture.convert("RGB").resize((SIZE, SIZE), Image.Resampling.BILINEAR)
    pixels = torch.frombuffer(bytearray(resized.tobytes()), dtype=torch.uint8).view(1, SIZE, SIZE, 3)
    with torch.inference_mode():
        return {"embedding": app.state.model(pixels)[0].tolist()}


def serve(listener):
    torch.set_num_threads(max(1, (os.cpu_count() or 1) // processes))
    app.state.model = load_model()
    uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])


if __name__ == "__main__":
    # Not with uvicorn's own workers: it kills those whose start takes longer than five seconds.
    listener = socket.create_server(("127.0.0.1", port), backlog=2048)
    context = multiprocessing.get_context("fork")
    children = [context.Process(target=serve, args=(listener,), daemon=True) for _ in range(processes)]
    for child in children:
        child.start()
    for child in children:
        child.join()
