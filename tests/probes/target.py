"""A small service with defects that can be switched on: `TARGET_KNOBS=slow_path,leak`.

Without a knob it is sound. Each knob breaks one thing that one script must find; what other scripts
make of it stands in test_knobs.py. Started as `python -m tests.probes.target PORT`.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from itertools import count
from typing import Annotated

import uvicorn
from fastapi import FastAPI, HTTPException, Path, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.middleware.base import RequestResponseEndpoint

KNOBS = frozenset(filter(None, os.environ.get("TARGET_KNOBS", "").split(",")))
# Seconds that the slow path takes; far above every limit of the tests.
SLOW = 0.08

_turn = count()

app = FastAPI(title="Target", version="1.0.0")


class NewItem(BaseModel):
    name: str = Field(min_length=1, max_length=40)
    price: int = Field(ge=0, le=1_000_000)


class Item(NewItem):
    id: int


_items: dict[int, Item] = {1: Item(id=1, name="lamp", price=1200)}


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/items", operation_id="list_items")
async def list_items() -> list[Item]:
    if "slow_path" in KNOBS:
        await asyncio.sleep(SLOW)
    if "alternating" in KNOBS and next(_turn) % 2:
        await asyncio.sleep(SLOW)
    if "fast_error" in KNOBS:
        raise HTTPException(500, "broken")
    return list(_items.values())


@app.get("/items/{id}", responses={404: {"description": "no such item"}})
async def read_item(id: Annotated[int, Path(ge=1, le=2**31)]) -> Item:
    if id not in _items:
        raise HTTPException(404, "no such item")
    return _items[id]


@app.post("/items", status_code=201)
async def add_item(new: NewItem) -> Item:
    item = Item(id=max(_items) + 1, **new.model_dump())
    _items[item.id] = item
    return item


@app.post("/end", include_in_schema=False)
async def end() -> None:
    os._exit(0)


class RenamedItem(BaseModel):
    id: int
    name: str
    cost: int


if "breaking_change" in KNOBS:
    # A later route of the same path would only be added to the documentation.
    app.router.routes[:] = [
        each for each in app.routes if getattr(each, "operation_id", "") != "list_items"
    ]

    @app.get("/items")
    def list_renamed_items(currency: str) -> list[RenamedItem]:  # noqa: ARG001 - callers must say it
        return [RenamedItem(id=i.id, name=i.name, cost=i.price) for i in _items.values()]


if "lying_schema" in KNOBS:

    @app.middleware("http")
    async def lie(request: Request, call_next: RequestResponseEndpoint) -> Response:
        if (request.method, request.url.path) == ("GET", "/items"):
            return JSONResponse([{"id": 1, "name": "lamp", "price": "12.00"}])
        return await call_next(request)


# Of load_test and memory_profile.
STALL, STALL_AT = 2.0, 100
LEAK, STEP_AT = 20_000, 250

_asked = count(1)
_kept: list[bytes] = []


@app.get("/busy", include_in_schema=False)
async def busy() -> dict[str, str]:
    turn = next(_asked)
    if "stall" in KNOBS and turn == STALL_AT:
        time.sleep(STALL)  # noqa: ASYNC251 - that is the defect
    if "narrow" in KNOBS:
        time.sleep(0.1)  # noqa: ASYNC251
    if "failing" in KNOBS and turn % 10 == 0:
        raise HTTPException(500, "broken")
    if "falling" in KNOBS and turn == STALL_AT:
        os._exit(3)
    if "leak" in KNOBS:
        _kept.append(bytes([turn % 255 + 1]) * LEAK)
    if "step" in KNOBS and turn == STEP_AT:
        _kept.append(b"x" * 1000 * LEAK)
    return {"said": "x" * 100}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
