"""POST /meters: Add Meter. Phase 2, for phase 3.

Written, and run, by create_integration_examples of prp.

    BASE_URL=http://127.0.0.1:8000 python post_meters.py
"""

import json
import os
import sys
from urllib.error import HTTPError
from urllib.request import Request, urlopen

request = Request(
    os.environ["BASE_URL"] + "/meters",
    method="POST",
    headers={
        "accept": "application/json",
        "content-type": "application/json",
    },
    data=json.dumps({"code": "N-1", "place": "Mill Lane 12"}).encode(),
)
try:
    answer = urlopen(request, timeout=30)
except HTTPError as error:
    answer = error
with answer:
    print(answer.status, answer.headers.get("content-type", ""), flush=True)
    sys.stdout.buffer.write(answer.read())
