"""The routes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx
from fastapi import FastAPI, Query, Request, WebSocket, WebSocketDisconnect
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from sqlalchemy import Engine, text

from meters import messages, rates, store
from meters.live import Listener, Live
from meters.messages import Code
from meters.settings import Settings

_NO_METER: dict[int | str, dict[str, Any]] = {
    404: {"model": messages.Problem, "description": "No meter has this code"}
}
_TAKEN: dict[int | str, dict[str, Any]] = {
    409: {"model": messages.Problem, "description": "A meter has this code already"}
}
_NO_RATE: dict[int | str, dict[str, Any]] = {
    503: {"model": messages.Problem, "description": "The rates can't be had now"}
}
TOO_SLOW, UNKNOWN = 1013, 4404  # why a WebSocket is closed


def create_app(settings: Settings) -> FastAPI:
    client = rates.connect(settings.rates_url)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with client:
            yield

    app = FastAPI(title="Meters", version="1.1.0", lifespan=lifespan)
    engine = store.connect(settings.database_url)
    live = Live()
    _add_problems(app)
    _add_routes(app, engine, live)
    _add_cost(app, engine, client)
    _add_listening(app, engine, live)
    return app


def _add_problems(app: FastAPI) -> None:
    @app.exception_handler(store.UnknownMeterError)
    def unknown(_: Request, error: store.UnknownMeterError) -> JSONResponse:
        return JSONResponse({"detail": f"no meter {error}"}, 404)

    @app.exception_handler(store.TakenError)
    def taken(_: Request, error: store.TakenError) -> JSONResponse:
        return JSONResponse({"detail": f"there is a meter {error}"}, 409)

    @app.exception_handler(rates.NoRateError)
    def no_rate(_: Request, error: rates.NoRateError) -> JSONResponse:
        return JSONResponse({"detail": f"the rates can't be had now: {error}"}, 503)


def _add_routes(app: FastAPI, engine: Engine, live: Live) -> None:
    @app.get("/health")
    def health() -> messages.Health:
        """Say whether the service and its database answer."""
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
        return messages.Health(status="ok")

    @app.post("/meters", status_code=201, responses=_TAKEN)
    def add_meter(new: messages.NewMeter) -> messages.Meter:
        """Begin to keep a meter."""
        return store.add_meter(engine, new)

    @app.get("/meters/{code}", responses=_NO_METER)
    def meter(code: Code) -> messages.Meter:
        """Return a meter."""
        return store.meter(engine, code)

    @app.post("/meters/{code}/readings", status_code=201, responses=_NO_METER)
    async def add_reading(code: Code, new: messages.NewReading) -> messages.Reading:
        """Add what was read."""
        reading = await run_in_threadpool(store.add_reading, engine, code, new)
        live.tell(code, reading)
        return reading

    @app.get("/meters/{code}/readings", responses=_NO_METER)
    def readings(code: Code, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> messages.Readings:
        """Return the newest readings of a meter."""
        return store.readings(engine, code, limit)

    @app.get("/meters/{code}/usage", responses=_NO_METER)
    def usage(code: Code) -> messages.Usage:
        """Return what the readings of a meter add up to."""
        return store.usage(engine, code)


def _add_cost(app: FastAPI, engine: Engine, client: httpx.AsyncClient) -> None:
    @app.get("/meters/{code}/cost", responses={**_NO_METER, **_NO_RATE})
    async def cost(code: Code) -> messages.Cost:
        """Return what the readings of a meter cost by the rate of now."""
        meter = await run_in_threadpool(store.meter, engine, code)
        used = await run_in_threadpool(store.usage, engine, code)
        rate = await rates.cents_per_cubic_metre(client, meter.tariff)
        return messages.Cost(code=code, litres=used.litres, cents=used.litres * rate // 1000)


def _add_listening(app: FastAPI, engine: Engine, live: Live) -> None:
    @app.websocket("/ws/meters/{code}")
    async def listen(socket: WebSocket, code: str) -> None:
        """Send the usage, then each reading; what the other side says is not looked at."""
        await socket.accept()
        with live.listen(code) as listener:
            try:
                usage = await run_in_threadpool(store.usage, engine, code)
            except store.UnknownMeterError:
                await socket.close(UNKNOWN, "unknown meter")
                return
            await socket.send_json({"type": "usage", "usage": usage.model_dump()})
            telling = asyncio.create_task(_tell(socket, listener))
            try:
                while (await socket.receive())["type"] != "websocket.disconnect":
                    pass
            finally:
                telling.cancel()


async def _tell(socket: WebSocket, listener: Listener) -> None:
    try:
        while (reading := await listener.get()) is not None:
            await socket.send_json({"type": "reading", "reading": reading.model_dump(mode="json")})
        await socket.close(TOO_SLOW, "too slow")
    except WebSocketDisconnect:
        return
