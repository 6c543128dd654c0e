"""What users of the Python package openai do. Arguments: address, model."""
import json
import sys

import openai

address, model = sys.argv[1:]
client = openai.OpenAI(base_url=f"{address}/v1", api_key="unused", max_retries=0)
texts = [f"text {i % 7}" for i in range(2049)]


def error_of(call):
    try:
        call()
    except openai.APIStatusError as error:
        names = ("code", "type", "param", "message", "request_id")
        return {"name": type(error).__name__, "status": error.status_code, **{name: getattr(error, name) for name in names}}


one = client.embeddings.create(model=model, input="text 1")
floats = client.embeddings.create(model=model, input="text 1", encoding_format="float")
short = client.embeddings.create(model=model, input=["text 1"], dimensions=4, user="somebody")
many = client.embeddings.create(model=model, input=texts[:512])
most = client.embeddings.create(model=model, input=texts[:2048])
models = [entry.model_dump() for entry in client.models.list()]

print(json.dumps({
    "one": one.model_dump(),
    "floats": floats.model_dump(),
    "short": short.model_dump(),
    "counts": [len(many.data), len(most.data)],
    "indexes": [item.index for item in most.data] == list(range(2048)),
    "second": [many.data[1].embedding, most.data[1].embedding, most.data[2046].embedding],
    "models": models,
    "retrieved": client.models.retrieve(models[0]["id"]).model_dump(),
    "errors": {
        "tooMany": error_of(lambda: client.embeddings.create(model=model, input=texts)),
        "noTexts": error_of(lambda: client.embeddings.create(model=model, input=[])),
        "tokens": error_of(lambda: client.embeddings.create(model=model, input=[[1, 2], [3]])),
        "notFound": error_of(lambda: client.embeddings.create(model="no-such-model", input="a")),
        "retrieve": error_of(lambda: client.models.retrieve("no-such-model")),
    },
}))
