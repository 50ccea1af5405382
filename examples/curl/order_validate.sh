#!/bin/bash
# Validate an order, and print the reference that it gets: order_validate.sh ORDER. Twice does no harm (304).
source "$(dirname "$0")/api.sh"

send POST "orders/$1/validate" '{"idwarehouse": 0, "notrigger": 0}' >/dev/null
api GET "orders/$1" | jq --raw-output .ref
