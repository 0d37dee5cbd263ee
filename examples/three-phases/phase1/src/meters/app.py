"""The routes."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import FastAPI, Query, Request
from fastapi.responses import JSONResponse
from sqlalchemy import Engine, text

from meters import messages, store
from meters.messages import Code
from meters.settings import Settings

_NO_METER: dict[int | str, dict[str, Any]] = {
    404: {"model": messages.Problem, "description": "No meter has this code"}
}
_TAKEN: dict[int | str, dict[str, Any]] = {
    409: {"model": messages.Problem, "description": "A meter has this code already"}
}


def create_app(settings: Settings) -> FastAPI:
    app = FastAPI(title="Meters", version="1.0.0")
    engine = store.connect(settings.database_url)
    _add_problems(app)
    _add_routes(app, engine)
    return app


def _add_problems(app: FastAPI) -> None:
    @app.exception_handler(store.UnknownMeterError)
    def unknown(_: Request, error: store.UnknownMeterError) -> JSONResponse:
        return JSONResponse({"detail": f"no meter {error}"}, 404)

    @app.exception_handler(store.TakenError)
    def taken(_: Request, error: store.TakenError) -> JSONResponse:
        return JSONResponse({"detail": f"there is a meter {error}"}, 409)


def _add_routes(app: FastAPI, engine: Engine) -> None:
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
    def add_reading(code: Code, new: messages.NewReading) -> messages.Reading:
        """Add what was read."""
        return store.add_reading(engine, code, new)

    @app.get("/meters/{code}/readings", responses=_NO_METER)
    def readings(code: Code, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> messages.Readings:
        """Return the newest readings of a meter."""
        return store.readings(engine, code, limit)

    @app.get("/meters/{code}/usage", responses=_NO_METER)
    def usage(code: Code) -> messages.Usage:
        """Return what the readings of a meter add up to."""
        return store.usage(engine, code)
