"""The synchronous client."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar, Unpack, overload

import httpx
from httpx_sse import EventSource

from . import _embedding_operations as embedding
from . import _service_operations as service
from ._attempts import Attempts, read_retry_after
from ._job_events import JobEvents
from ._operation import Operation, read_error
from ._settings import DEFAULT_TIMEOUT_SECONDS, make_settings
from .embeddings import Embeddings, PageEmbeddings
from .errors import ApiError, JobError
from .types import (
    Artifact,
    Collection,
    EmbedOptions,
    ImageInput,
    Job,
    Model,
    PageOptions,
    PanelInput,
    PanelsInput,
    SearchHit,
    SearchOptions,
    SearchResults,
)

if TYPE_CHECKING:
    from .store import Store

T = TypeVar("T")


class Panelvec:
    """A panelvec service. Threads may share a client.

    A call that finds the service busy waits as long as the service says and tries again over the same connection, for
    which its place is kept, until the timeout is over.
    """

    def __init__(
        self, url: str | None = None, *, api_key: str | None = None, timeout: float = DEFAULT_TIMEOUT_SECONDS
    ) -> None:
        self._settings = make_settings(url, api_key, timeout)
        self._idle: deque[httpx.Client] = deque()
        self._is_closed = False

    def close(self) -> None:
        self._is_closed = True
        while self._idle:
            self._idle.pop().close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def image(self, images: ImageInput | Sequence[ImageInput], **options: Unpack[EmbedOptions]) -> Embeddings:
        """Embeds one picture or several, each as a panel without text and place."""
        return self._run(embedding.embed_images(images, options))

    def text(self, texts: str | Sequence[str], **options: Unpack[EmbedOptions]) -> Embeddings:
        """Embeds one text or several."""
        return self._run(embedding.embed_texts(texts, options))

    def panel(self, panels: Sequence[PanelInput], **options: Unpack[EmbedOptions]) -> Embeddings:
        """Embeds panels that are cut out already, each with a picture, a text, a composition or several of these."""
        return self._run(embedding.embed_panels(panels, options))

    def page(self, image: ImageInput, panels: PanelsInput, **options: Unpack[PageOptions]) -> PageEmbeddings:
        """Embeds all panels of a page: `vectors, mask = client.page("page.jpg", "page.json")`."""
        return self._run(embedding.embed_page(image, panels, options))

    @overload
    def pages(
        self,
        pages: Iterable[tuple[ImageInput, PanelsInput]],
        *,
        concurrency: int = 4,
        return_errors: Literal[False] = False,
        **options: Unpack[PageOptions],
    ) -> Iterator[PageEmbeddings]: ...

    @overload
    def pages(
        self,
        pages: Iterable[tuple[ImageInput, PanelsInput]],
        *,
        concurrency: int = 4,
        return_errors: Literal[True],
        **options: Unpack[PageOptions],
    ) -> Iterator[PageEmbeddings | ApiError]: ...

    def pages(
        self,
        pages: Iterable[tuple[ImageInput, PanelsInput]],
        *,
        concurrency: int = 4,
        return_errors: bool = False,
        **options: Unpack[PageOptions],
    ) -> Iterator[PageEmbeddings | ApiError]:
        """Embeds many pages, some at a time, in their order. Pages are read when their turn comes.

        With `return_errors`, a page that the service refuses gives its error in place of its vectors. For a whole
        corpus, a job is faster, and goes on where it was after a failure.
        """

        def embed(image: ImageInput, panels: PanelsInput) -> PageEmbeddings | ApiError:
            try:
                return self.page(image, panels, **options)
            except ApiError as error:
                if return_errors:
                    return error
                raise

        executor = ThreadPoolExecutor(concurrency)
        try:
            running: deque[Future[PageEmbeddings | ApiError]] = deque()
            for image, panels in pages:
                running.append(executor.submit(embed, image, panels))
                if len(running) == concurrency:
                    yield running.popleft().result()
            while running:
                yield running.popleft().result()
        finally:
            executor.shutdown(cancel_futures=True)

    def search(self, collection: str, **query: Unpack[SearchOptions]) -> SearchResults:
        """Finds the panels or pages of a collection that are nearest to a query."""
        return self._run(embedding.search(collection, query))

    def search_all(self, collection: str, **query: Unpack[SearchOptions]) -> Iterator[SearchHit]:
        """The results of a search one after the other, as far as the service goes (1000)."""
        while True:
            results = self.search(collection, **query)
            yield from results["data"]
            if results["next_cursor"] is None:
                return
            query["cursor"] = results["next_cursor"]

    def collections(self) -> list[Collection]:
        return self._run(service.list_collections())

    def collection(self, name: str) -> Collection:
        return self._run(service.get_collection(name))

    def delete_collection(self, name: str) -> None:
        self._run(service.delete_collection(name))

    def panel_image(self, collection: str, panel_id: str, *, width: int | None = None) -> bytes:
        """The picture of a panel that a search has found."""
        return self._run(service.panel_image(collection, panel_id, width))

    def submit(self, spec: Mapping[str, Any], *, idempotency_key: str | None = None) -> Job:
        """Submits a job. The same key with the same spec gives the same job."""
        return self._run(service.submit_job(spec, idempotency_key))

    def job(self, job_id: str) -> Job:
        return self._run(service.get_job(job_id))

    def jobs(self, *, state: str | None = None, type: str | None = None) -> Iterator[Job]:
        """All jobs, the newest first."""
        after = None
        while True:
            page = self._run(service.list_jobs(state, type, after))
            yield from page.jobs
            after = page.next
            if after is None:
                return

    def cancel(self, job_id: str) -> Job:
        return self._run(service.cancel_job(job_id))

    def follow(self, job_id: str, *, patience: float = 120.0) -> Iterator[Job]:
        """The job at each change until it has ended. Lost connections are made again, for `patience` seconds."""
        events = JobEvents(job_id, self._settings.url, patience)
        while True:
            lost: httpx.TransportError | None = None
            with self._borrow() as http:
                try:
                    with http.stream(**events.arguments) as response:
                        if not response.is_success:
                            response.read()
                            if read_retry_after(response.headers) is None:
                                raise read_error(response)
                        else:
                            for event in EventSource(response).iter_sse():
                                job = events.read(event)
                                if job is not None:
                                    yield job
                except httpx.TransportError as error:
                    lost = error
            if events.has_ended:
                return
            time.sleep(events.after_end(lost))

    def wait(self, job_id: str, *, patience: float = 120.0) -> Job:
        """Waits until a job has ended. Raises JobError unless it has succeeded."""
        for job in self.follow(job_id, patience=patience):
            last = job
        if last["state"] != "succeeded":
            raise JobError(last)
        return last

    def artifacts(self, job_id: str) -> list[Artifact]:
        return self._run(service.list_artifacts(job_id))

    def artifact(self, job_id: str, name: str) -> bytes:
        """The bytes of a file that a job has written."""
        return self._run(service.get_artifact(job_id, name))

    def open_store(self, job_id: str) -> Store:
        """Opens the store of an `embed` job over HTTP. Its vectors are read when they are asked for."""
        from .store import open_job_store

        return open_job_store(self._settings.url, self._settings.api_key, job_id)

    def models(self) -> list[Model]:
        return self._run(service.list_models())

    def model(self, model_id: str) -> Model:
        return self._run(service.get_model(model_id))

    def call(self, method: str, path: str, *, json: Any = None, params: Mapping[str, str] | None = None) -> Any:
        """Any other call that answers with JSON: `client.call("GET", "/v1/status")`."""
        return self._run(service.call(method, path, json, params))

    def _run(self, operation: Operation[T]) -> T:
        timeout = self._settings.timeout if operation.timeout is None else operation.timeout
        attempts = Attempts(timeout, self._settings.url)
        with self._borrow() as http:
            while True:
                headers = {**operation.headers, **(attempts.headers if operation.has_deadline else {})}
                try:
                    response = http.request(**operation.arguments(), headers=headers, timeout=attempts.seconds_left)
                except httpx.TransportError as error:
                    pause = attempts.after_transport_error(error)
                else:
                    if response.is_success:
                        return operation.parse(response)
                    pause = attempts.after_response(response)
                time.sleep(pause)

    @contextmanager
    def _borrow(self) -> Iterator[httpx.Client]:
        """A connection that nobody else uses. The last one that was returned comes first: it is the warmest."""
        if self._is_closed:
            raise RuntimeError("the client is closed")
        try:
            http = self._idle.pop()
        except IndexError:
            http = httpx.Client(**self._settings.http_arguments())
        try:
            yield http
        finally:
            if self._is_closed:
                http.close()
            else:
                self._idle.append(http)
