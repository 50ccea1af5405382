#!/bin/bash
# Create a customer and print its id: customer_create.sh NAME E-MAIL
source "$(dirname "$0")/api.sh"

send POST thirdparties "$(
  jq --null-input --arg name "$1" --arg email "$2" '{name: $name, email: $email, client: "1", code_client: "-1"}'
)" | jq --raw-output .
