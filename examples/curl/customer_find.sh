#!/bin/bash
# Print the id of a customer by its name: customer_find.sh NAME
source "$(dirname "$0")/api.sh"

wanted="$(value "$1")"
list thirdparties --data-urlencode "sqlfilters=(t.nom:=:$wanted)" --data-urlencode sortfield=t.rowid \
  --data-urlencode sortorder=ASC --data-urlencode limit=1 --data-urlencode mode=1 |
  jq --raw-output --exit-status '.[0].id'
