"""The asynchronous client."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
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


class AsyncPanelvec:
    """A panelvec service for programs with asyncio. Tasks of one event loop may share a client.

    A call that finds the service busy waits as long as the service says and tries again over the same connection, for
    which its place is kept, until the timeout is over.
    """

    def __init__(
        self, url: str | None = None, *, api_key: str | None = None, timeout: float = DEFAULT_TIMEOUT_SECONDS
    ) -> None:
        self._settings = make_settings(url, api_key, timeout)
        self._idle: deque[httpx.AsyncClient] = deque()
        self._is_closed = False

    async def close(self) -> None:
        self._is_closed = True
        while self._idle:
            await self._idle.pop().aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def image(self, images: ImageInput | Sequence[ImageInput], **options: Unpack[EmbedOptions]) -> Embeddings:
        """Embeds one picture or several, each as a panel without text and place."""
        return await self._run(embedding.embed_images(images, options))

    async def text(self, texts: str | Sequence[str], **options: Unpack[EmbedOptions]) -> Embeddings:
        """Embeds one text or several."""
        return await self._run(embedding.embed_texts(texts, options))

    async def panel(self, panels: Sequence[PanelInput], **options: Unpack[EmbedOptions]) -> Embeddings:
        """Embeds panels that are cut out already, each with a picture, a text, a composition or several of these."""
        return await self._run(embedding.embed_panels(panels, options))

    async def page(self, image: ImageInput, panels: PanelsInput, **options: Unpack[PageOptions]) -> PageEmbeddings:
        """Embeds all panels of a page: `vectors, mask = await client.page("page.jpg", "page.json")`."""
        return await self._run(embedding.embed_page(image, panels, options))

    @overload
    def pages(
        self,
        pages: Iterable[tuple[ImageInput, PanelsInput]],
        *,
        concurrency: int = 4,
        return_errors: Literal[False] = False,
        **options: Unpack[PageOptions],
    ) -> AsyncIterator[PageEmbeddings]: ...

    @overload
    def pages(
        self,
        pages: Iterable[tuple[ImageInput, PanelsInput]],
        *,
        concurrency: int = 4,
        return_errors: Literal[True],
        **options: Unpack[PageOptions],
    ) -> AsyncIterator[PageEmbeddings | ApiError]: ...

    async def pages(
        self,
        pages: Iterable[tuple[ImageInput, PanelsInput]],
        *,
        concurrency: int = 4,
        return_errors: bool = False,
        **options: Unpack[PageOptions],
    ) -> AsyncIterator[PageEmbeddings | ApiError]:
        """Embeds many pages, some at a time, in their order. Pages are read when their turn comes.

        With `return_errors`, a page that the service refuses gives its error in place of its vectors. For a whole
        corpus, a job is faster, and goes on where it was after a failure.
        """

        async def embed(image: ImageInput, panels: PanelsInput) -> PageEmbeddings | ApiError:
            try:
                return await self.page(image, panels, **options)
            except ApiError as error:
                if return_errors:
                    return error
                raise

        running: deque[asyncio.Task[PageEmbeddings | ApiError]] = deque()
        try:
            for image, panels in pages:
                running.append(asyncio.create_task(embed(image, panels)))
                if len(running) == concurrency:
                    yield await running[0]
                    running.popleft()
            while running:
                yield await running[0]
                running.popleft()
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def search(self, collection: str, **query: Unpack[SearchOptions]) -> SearchResults:
        """Finds the panels or pages of a collection that are nearest to a query."""
        return await self._run(embedding.search(collection, query))

    async def search_all(self, collection: str, **query: Unpack[SearchOptions]) -> AsyncIterator[SearchHit]:
        """The results of a search one after the other, as far as the service goes (1000)."""
        while True:
            results = await self.search(collection, **query)
            for hit in results["data"]:
                yield hit
            if results["next_cursor"] is None:
                return
            query["cursor"] = results["next_cursor"]

    async def collections(self) -> list[Collection]:
        return await self._run(service.list_collections())

    async def collection(self, name: str) -> Collection:
        return await self._run(service.get_collection(name))

    async def delete_collection(self, name: str) -> None:
        await self._run(service.delete_collection(name))

    async def panel_image(self, collection: str, panel_id: str, *, width: int | None = None) -> bytes:
        """The picture of a panel that a search has found."""
        return await self._run(service.panel_image(collection, panel_id, width))

    async def submit(self, spec: Mapping[str, Any], *, idempotency_key: str | None = None) -> Job:
        """Submits a job. The same key with the same spec gives the same job."""
        return await self._run(service.submit_job(spec, idempotency_key))

    async def job(self, job_id: str) -> Job:
        return await self._run(service.get_job(job_id))

    async def jobs(self, *, state: str | None = None, type: str | None = None) -> AsyncIterator[Job]:
        """All jobs, the newest first."""
        after = None
        while True:
            page = await self._run(service.list_jobs(state, type, after))
            for job in page.jobs:
                yield job
            after = page.next
            if after is None:
                return

    async def cancel(self, job_id: str) -> Job:
        return await self._run(service.cancel_job(job_id))

    async def follow(self, job_id: str, *, patience: float = 120.0) -> AsyncIterator[Job]:
        """The job at each change until it has ended. Lost connections are made again, for `patience` seconds."""
        events = JobEvents(job_id, self._settings.url, patience)
        while True:
            lost: httpx.TransportError | None = None
            async with self._borrow() as http:
                try:
                    async with http.stream(**events.arguments) as response:
                        if not response.is_success:
                            await response.aread()
                            if read_retry_after(response.headers) is None:
                                raise read_error(response)
                        else:
                            async for event in EventSource(response).aiter_sse():
                                job = events.read(event)
                                if job is not None:
                                    yield job
                except httpx.TransportError as error:
                    lost = error
            if events.has_ended:
                return
            await asyncio.sleep(events.after_end(lost))

    async def wait(self, job_id: str, *, patience: float = 120.0) -> Job:
        """Waits until a job has ended. Raises JobError unless it has succeeded."""
        async for job in self.follow(job_id, patience=patience):
            last = job
        if last["state"] != "succeeded":
            raise JobError(last)
        return last

    async def artifacts(self, job_id: str) -> list[Artifact]:
        return await self._run(service.list_artifacts(job_id))

    async def artifact(self, job_id: str, name: str) -> bytes:
        """The bytes of a file that a job has written."""
        return await self._run(service.get_artifact(job_id, name))

    async def open_store(self, job_id: str) -> Store:
        """Opens the store of an `embed` job over HTTP. Its vectors are read when they are asked for."""
        from .store import open_job_store

        return await asyncio.to_thread(open_job_store, self._settings.url, self._settings.api_key, job_id)

    async def models(self) -> list[Model]:
        return await self._run(service.list_models())

    async def model(self, model_id: str) -> Model:
        return await self._run(service.get_model(model_id))

    async def call(self, method: str, path: str, *, json: Any = None, params: Mapping[str, str] | None = None) -> Any:
        """Any other call that answers with JSON: `await client.call("GET", "/v1/status")`."""
        return await self._run(service.call(method, path, json, params))

    async def _run(self, operation: Operation[T]) -> T:
        timeout = self._settings.timeout if operation.timeout is None else operation.timeout
        attempts = Attempts(timeout, self._settings.url)
        async with self._borrow() as http:
            while True:
                headers = {**operation.headers, **(attempts.headers if operation.has_deadline else {})}
                try:
                    response = await http.request(
                        **operation.arguments(), headers=headers, timeout=attempts.seconds_left
                    )
                except httpx.TransportError as error:
                    pause = attempts.after_transport_error(error)
                else:
                    if response.is_success:
                        return operation.parse(response)
                    pause = attempts.after_response(response)
                await asyncio.sleep(pause)

    @asynccontextmanager
    async def _borrow(self) -> AsyncIterator[httpx.AsyncClient]:
        """A connection that nobody else uses. The last one that was returned comes first: it is the warmest."""
        if self._is_closed:
            raise RuntimeError("the client is closed")
        try:
            http = self._idle.pop()
        except IndexError:
            http = httpx.AsyncClient(**self._settings.http_arguments())
        try:
            yield http
        finally:
            if self._is_closed:
                await http.aclose()
            else:
                self._idle.append(http)
