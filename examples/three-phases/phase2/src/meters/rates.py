"""What a cubic metre costs; another service knows it."""

from __future__ import annotations

import asyncio

import httpx

# For the whole answer: a service that trickles its bytes would never exceed a limit for each read.
PATIENCE = 1.0


class NoRateError(Exception):
    """The rates can't be had now."""


def connect(url: str) -> httpx.AsyncClient:
    # No connection is kept: one that was broken while it lay idle would fail the next question.
    limits = httpx.Limits(max_keepalive_connections=0)
    return httpx.AsyncClient(base_url=url, limits=limits, timeout=PATIENCE)


async def cents_per_cubic_metre(client: httpx.AsyncClient, tariff: str) -> int:
    """Return the rate of a tariff; raises NoRateError after a second at the latest."""
    try:
        async with asyncio.timeout(PATIENCE):
            answer = await client.get(f"/rates/{tariff}")
        rate = answer.raise_for_status().json()["cents_per_cubic_metre"]
    except (httpx.HTTPError, TimeoutError, ValueError, KeyError, TypeError) as error:
        raise NoRateError(type(error).__name__) from error
    if not isinstance(rate, int):
        raise NoRateError("no whole number of cents")
    return rate
