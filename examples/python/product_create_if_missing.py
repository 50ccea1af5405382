"""Create a product unless its reference is taken, and print its id: `product_create_if_missing.py my_ref`."""

from __future__ import annotations

import sys

from miclinik_client import Client, Field

ref = sys.argv[1]
with Client.from_environment() as client:
    found = client.only("products", Field("t.ref").eq(ref))
    # On sale (status): from version 23 on an order with another product cannot be validated.
    print(found["id"] if found else client.create("products", {"ref": ref, "label": ref, "status": 1}))
