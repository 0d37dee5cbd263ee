#!/bin/sh
# POST /meters: Add Meter. Phase 1, for phase 2.
# Written, and run, by create_integration_examples of prp.
#     BASE_URL=http://127.0.0.1:8000 sh post_meters.sh
curl --silent --show-error --globoff --max-time 30 \
  --request POST \
  --header 'accept: application/json' \
  --header 'content-type: application/json' \
  --data-raw '{"code": "N-1", "place": "Mill Lane 12"}' \
  --write-out '\n%{http_code} %{content_type}\n' \
  "${BASE_URL:?}"/meters
