"""Create a customer and print its id: `customer_create.py NAME E-MAIL`."""

from __future__ import annotations

import sys

from miclinik_client import Client

name, email = sys.argv[1:3]
with Client.from_environment() as client:
    # code_client -1: the site gives the customer the next code of its own.
    print(client.create("thirdparties", {"name": name, "email": email, "client": "1", "code_client": "-1"}))
