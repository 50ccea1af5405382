#!/bin/bash
# Create an order with two products, and print its id: order_with_lines.sh CUSTOMER PRODUCT PRODUCT
source "$(dirname "$0")/api.sh"

order="$(send POST orders "$(jq --null-input --argjson socid "$1" --arg date "$(date +%F)" \
  '{socid: $socid, date: $date, type: "0", note_private: "order created automatically with API"}')" | jq --raw-output .)"
echo "order $order is there; what goes wrong from here on leaves it as a draft" >&2
send POST "orders/$order/lines" "$(jq --null-input --argjson product "$2" \
  '{desc: "my_product_ref_X203ZZ", subprice: 10, qty: 100, tva_tx: 20, fk_product: $product}')" >/dev/null
send POST "orders/$order/lines" "$(jq --null-input --argjson product "$3" \
  '{desc: "my_product_ref_B707FD", subprice: 13.10, qty: 37, tva_tx: 20, fk_product: $product}')" >/dev/null
echo "$order"
