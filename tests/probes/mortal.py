"""A target that dies under requests: `python -m tests.probes.mortal LIFE MODULE PORT`.

It answers as the module does, and ends without a word at request LIFE + 1. Requests that only ask
whether it is there don't count.
"""

from __future__ import annotations

import os
import runpy
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn

STATUS = 9
Scope = MutableMapping[str, Any]
App = Callable[[Scope, Any, Any], Awaitable[None]]


def mortal(app: App, life: int) -> App:
    left = life

    async def answer(scope: Scope, receive: Any, send: Any) -> None:
        nonlocal left
        if scope["type"] != "lifespan" and scope["path"] not in ("/", "/health"):
            left -= 1
            if left < 0:
                os._exit(STATUS)
        await app(scope, receive, send)

    return answer


def main() -> None:
    life, module, *words = sys.argv[1:]
    run = uvicorn.run
    uvicorn.run = lambda app, **settings: run(mortal(app, int(life)), **settings)
    sys.argv = [module, *words]
    runpy.run_module(module, run_name="__main__")


if __name__ == "__main__":
    main()
