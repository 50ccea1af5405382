"""Create an order with two products, and print its id: `order_with_lines.py CUSTOMER PRODUCT PRODUCT`.

An order and its lines in one call is what the document warns of: the lines come by /orders/{id}/lines.
"""

from __future__ import annotations

import sys
from datetime import date
from decimal import Decimal

from miclinik_client import Client, Line, create_order

customer, first, second = map(int, sys.argv[1:4])
lines = [
    Line("my_product_ref_X203ZZ", price=10, quantity=100, tax=20, product=first),
    Line("my_product_ref_B707FD", price=Decimal("13.10"), quantity=37, tax=20, product=second),
]
with Client.from_environment() as client:
    note = {"note_private": "order created automatically with API"}
    print(create_order(client, customer, date.today(), lines, fields=note))
