"""The FastAPI application: routes, and errors as JSON."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI, Request, WebSocket, WebSocketDisconnect
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError

from parcel_tracker import schema
from parcel_tracker.live import Broadcaster, follow
from parcel_tracker.settings import Settings
from parcel_tracker.storage import (
    ParcelDeliveredError,
    ParcelExistsError,
    Storage,
    UnknownParcelError,
)


def create_app(settings: Settings) -> FastAPI:
    storage = Storage(settings.database_url)
    broadcaster = Broadcaster(settings.live_queue)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(storage.create_tables)
        try:
            yield
        finally:
            await run_in_threadpool(storage.close)

    app = FastAPI(
        title="Parcel tracker",
        lifespan=lifespan,
        responses={422: {"model": schema.InvalidRequest}, 503: {"model": schema.Problem}},
    )
    _add_error_answers(app)
    _add_routes(app, storage, broadcaster)
    return app


def _add_routes(app: FastAPI, storage: Storage, broadcaster: Broadcaster) -> None:
    scan_order = asyncio.Lock()  # scans are published in the order they were stored

    @app.get("/health")
    def health() -> schema.Health:
        storage.ping()
        return schema.Health()

    @app.post("/parcels", status_code=201, responses={409: {"model": schema.Problem}})
    def create_parcel(new: schema.NewParcel) -> schema.Parcel:
        return storage.add_parcel(new)

    @app.get("/parcels/{code}", responses={404: {"model": schema.Problem}})
    def read_parcel(code: str) -> schema.Parcel:
        return storage.get_parcel(code)

    @app.post(
        "/parcels/{code}/scans",
        status_code=201,
        responses={404: {"model": schema.Problem}, 409: {"model": schema.Problem}},
    )
    async def create_scan(code: str, new: schema.NewScan) -> schema.Scan:
        async with scan_order:
            scan = await run_in_threadpool(storage.add_scan, code, new)
            broadcaster.publish(code, scan)
        return scan

    @app.get("/parcels/{code}/scans", responses={404: {"model": schema.Problem}})
    def read_scans(code: str) -> schema.ScanList:
        return schema.ScanList(items=storage.list_scans(code))

    @app.websocket("/ws/parcels/{code}")
    async def live(websocket: WebSocket, code: str) -> None:
        with suppress(WebSocketDisconnect):
            await follow(websocket, code, storage, broadcaster)


def _add_error_answers(app: FastAPI) -> None:
    def answer(error_type: type[Exception], status: int, name: str, detail: str) -> None:
        async def handler(_: Request, error: Exception) -> JSONResponse:
            problem = schema.Problem(error=name, detail=detail.format(error))
            return JSONResponse(problem.model_dump(), status_code=status)

        app.add_exception_handler(error_type, handler)

    answer(UnknownParcelError, 404, "parcel_not_found", "There is no parcel {}.")
    answer(ParcelExistsError, 409, "parcel_exists", "Parcel {} already exists.")
    answer(ParcelDeliveredError, 409, "parcel_delivered", "Parcel {} is already delivered.")
    answer(DBAPIError, 503, "database_unavailable", "The database does not answer.")

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        fields = [
            schema.FieldProblem(field=".".join(map(str, item["loc"])), message=item["msg"])
            for item in error.errors()
        ]
        return JSONResponse(schema.InvalidRequest(detail=fields).model_dump(), status_code=422)
