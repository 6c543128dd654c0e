"""What users of langchain-openai do. Arguments: address, model."""
import json
import sys

import openai
import tiktoken
from langchain_openai import OpenAIEmbeddings

address, model = sys.argv[1:]
options = {"model": model, "api_key": "unused", "base_url": f"{address}/v1", "max_retries": 0}
documents = [f"text {i % 7}" for i in range(1100)]

texts = OpenAIEmbeddings(check_embedding_ctx_length=False, **options)
vectors = texts.embed_documents(documents)

# By default the client sends token ids. It would download OpenAI's tables: this one has a token for each byte.
encoding = tiktoken.Encoding("bytes", pat_str=r".", mergeable_ranks={bytes([i]): i for i in range(256)}, special_tokens={})
tiktoken.encoding_for_model = tiktoken.get_encoding = lambda name: encoding
try:
    OpenAIEmbeddings(**options).embed_documents(documents)
    error = None
except openai.APIStatusError as refused:
    error = {"status": refused.status_code, "code": refused.code, "param": refused.param, "message": refused.message}

print(json.dumps({
    "count": len(vectors),
    "second": vectors[1],
    "last": vectors[-1],
    "query": texts.embed_query("text 1"),
    "tokens": error,
}))
