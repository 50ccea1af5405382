"""Print the id of a customer by its name, whatever signs that holds: `customer_find.py "L'Oréal"`."""

from __future__ import annotations

import sys

from miclinik_client import Client, Field

name = sys.argv[1]
with Client.from_environment() as client:
    # mode=1 are customers, 4 suppliers.
    found = client.first("thirdparties", Field("t.nom").eq(name), sortfield="t.rowid", mode=1)
    if found is None:
        sys.exit(f"there is no customer of the name {name}")
    print(found["id"])
