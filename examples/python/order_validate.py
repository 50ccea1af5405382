"""Validate an order, and print the reference that it gets: `order_validate.py ORDER`. Twice does no harm."""

from __future__ import annotations

import sys

from miclinik_client import Client, validate_order

with Client.from_environment() as client:
    print(validate_order(client, int(sys.argv[1]))["ref"])
