#!/bin/sh
# GET /meters/{code}/cost: Cost. Phase 2, for phase 3.
# Written, and run, by create_integration_examples of prp.
#     BASE_URL=http://127.0.0.1:8000 sh get_meters_code_cost.sh
curl --silent --show-error --globoff --max-time 30 \
  --request GET \
  --header 'accept: application/json' \
  --write-out '\n%{http_code} %{content_type}\n' \
  "${BASE_URL:?}"/meters/N-1/cost
