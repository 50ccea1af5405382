#!/bin/bash
# List the products, page by page.
source "$(dirname "$0")/api.sh"

page=0
while :; do
  rows="$(list products --data-urlencode sortfield=t.rowid --data-urlencode limit=100 --data-urlencode "page=$page")"
  jq --raw-output '.[] | "\(.id)\t\(.ref)"' <<<"$rows"
  (($(jq length <<<"$rows") == 100)) || break
  page=$((page + 1))
done
