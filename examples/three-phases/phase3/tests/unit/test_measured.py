from __future__ import annotations

import httpx


def test_requests_are_counted_by_route_and_status(client: httpx.Client) -> None:
    for code in ("M-1", "M-2", "N-9"):
        client.get(f"/meters/{code}")
    metrics = client.get("/metrics").text
    assert 'http_requests_total{method="GET",route="/meters/{code}",status="200"} 2\n' in metrics
    assert 'http_requests_total{method="GET",route="/meters/{code}",status="404"} 1\n' in metrics
    assert (
        'http_request_seconds_total{method="GET",route="/meters/{code}",status="200"} ' in metrics
    )
