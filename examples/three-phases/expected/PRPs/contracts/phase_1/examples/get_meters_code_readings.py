"""GET /meters/{code}/readings: Readings. Phase 1, for phase 2.

Written, and run, by create_integration_examples of prp.

    BASE_URL=http://127.0.0.1:8000 python get_meters_code_readings.py
"""

import os
import sys
from urllib.error import HTTPError
from urllib.request import Request, urlopen

request = Request(
    os.environ["BASE_URL"] + "/meters/N-1/readings",
    method="GET",
    headers={
        "accept": "application/json",
    },
)
try:
    answer = urlopen(request, timeout=30)
except HTTPError as error:
    answer = error
with answer:
    print(answer.status, answer.headers.get("content-type", ""), flush=True)
    sys.stdout.buffer.write(answer.read())
