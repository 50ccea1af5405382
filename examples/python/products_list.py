"""List the products: the document's first example, and the countries in the same way."""

from __future__ import annotations

from miclinik_client import Client, decode

with Client.from_environment() as client:
    for product in client.rows("products", sortfield="t.rowid"):
        print(product["id"], decode(product["ref"]), sep="\t")
    for country in client.rows("setup/dictionary/countries", sortfield="code"):
        print(country["code"], country["label"], sep="\t")
