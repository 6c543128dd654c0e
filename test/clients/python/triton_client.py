"""What users of tritonclient do. Arguments: host and port, model, side of a picture."""
import json
import sys

import numpy as np
import tritonclient.http as triton

address, model, side = sys.argv[1], sys.argv[2], int(sys.argv[3])
client = triton.InferenceServerClient(url=address)
pixels = np.linspace(-1, 1, 3 * 3 * side * side, dtype=np.float32).reshape(3, 3, side, side)
ids = np.array([[3, 4, 5, 0], [6, 7, 0, 0], [8, 9, 10, 11]], dtype=np.int64)


def tensor(name, array, datatype, binary=True):
    made = triton.InferInput(name, list(array.shape), datatype)
    made.set_data_from_numpy(array, binary_data=binary)
    return made


def infer(rows=slice(None), binary=True, **options):
    inputs = [
        tensor("images", pixels[rows], "FP32", binary),
        tensor("input_ids", ids[rows], "INT64", binary),
        tensor("attention_mask", (ids[rows] > 0).astype(np.int64), "INT64", binary),
    ]
    outputs = [triton.InferRequestedOutput(name, binary_data=binary) for name in ("fused", "gate_weights")]
    result = client.infer(model, inputs, outputs=outputs, request_id="seven", **options)
    assert result.get_response()["id"] == "seven"
    return {name: result.as_numpy(name).tolist() for name in ("fused", "gate_weights")}


def error_of(call):
    try:
        call()
    except triton.InferenceServerException as error:
        return {"status": error.status(), "message": error.message()}


unnamed = client.infer(model, [tensor("images", pixels, "FP32")])
bytes_input = triton.InferInput("text", [1, 1], "BYTES")
bytes_input.set_data_from_numpy(np.array([["who goes there?"]], dtype=object))

print(json.dumps({
    "states": [client.is_server_live(), client.is_server_ready(), client.is_model_ready(model), client.is_model_ready("no-such-model")],
    "server": client.get_server_metadata(),
    "model": client.get_model_metadata(model),
    "binary": infer(),
    "json": infer(binary=False),
    "single": [infer(slice(i, i + 1))["fused"][0] for i in range(3)],
    "compressed": {name: infer(request_compression_algorithm=name, response_compression_algorithm=name) for name in ("gzip", "deflate")},
    "asynchronous": client.async_infer(model, [tensor("images", pixels, "FP32")]).get_result().as_numpy("fused").tolist(),
    "unnamed": {output["name"]: output["shape"] for output in unnamed.get_response()["outputs"]},
    "vision": unnamed.as_numpy("fused").tolist(),
    "errors": {
        "model": error_of(lambda: client.infer("no-such-model", [tensor("images", pixels, "FP32")])),
        "metadata": error_of(lambda: client.get_model_metadata("no-such-model")),
        "shape": error_of(lambda: client.infer(model, [tensor("images", pixels[:, :, 1:], "FP32")])),
        "bytes": error_of(lambda: client.infer(model, [bytes_input])),
        "output": error_of(lambda: client.infer(model, [tensor("images", pixels, "FP32")], outputs=[triton.InferRequestedOutput("logits")])),
    },
}))
