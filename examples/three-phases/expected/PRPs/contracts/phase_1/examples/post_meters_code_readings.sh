#!/bin/sh
# POST /meters/{code}/readings: Add Reading. Phase 1, for phase 2.
# Written, and run, by create_integration_examples of prp.
#     BASE_URL=http://127.0.0.1:8000 sh post_meters_code_readings.sh
curl --silent --show-error --globoff --max-time 30 \
  --request POST \
  --header 'accept: application/json' \
  --header 'content-type: application/json' \
  --data-raw '{"litres": 1200}' \
  --write-out '\n%{http_code} %{content_type}\n' \
  "${BASE_URL:?}"/meters/N-1/readings
