#!/bin/bash
# Create a product unless its reference is taken, and print its id: product_create_if_missing.sh REF
source "$(dirname "$0")/api.sh"

wanted="$(value "$1")"
found="$(list products --data-urlencode "sqlfilters=(t.ref:=:$wanted)" --data-urlencode limit=1)"
if [[ "$(jq length <<<"$found")" == 1 ]]; then
  jq --raw-output '.[0].id' <<<"$found"
else
  send POST products "$(jq --null-input --arg ref "$1" '{ref: $ref, label: $ref, status: 1}')" | jq --raw-output .
fi
