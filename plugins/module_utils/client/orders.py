# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Orders with lines, in the order of calls that every version takes: the order, its lines, then validate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from .client import Client, path_of
from .errors import ClientError, UsageError
from .values import identity


class OrderError(ClientError):
    """An order was begun and is not whole: `order` is the id of the draft, `lines` how many of its lines are there.

    It is left for you: delete it (`client.delete(f"orders/{error.order}")`), or go on with the next line. `__cause__`
    is what went wrong; where that is a NoAnswerError that was `sent`, one more line may be there.
    """

    def __init__(self, order: int, lines: int, text: str) -> None:
        super().__init__(text)
        self.order = order
        self.lines = lines


@dataclass(frozen=True)
class Line:
    """One line: of a product by its id, or of free text; prices without tax, `tax` in percent."""

    description: str
    price: Decimal | int | float
    quantity: Decimal | int | float = 1
    tax: Decimal | int | float = 0
    product: int | None = None

    def body(self) -> dict[str, object]:
        """Return the line as the API takes it."""
        body: dict[str, object] = {
            "desc": self.description,
            "subprice": self.price,
            "qty": self.quantity,
            "tva_tx": self.tax,
        }
        # Without a product the database wants to know what it is; 0 are goods.
        return body | ({"product_type": 0} if self.product is None else {"fk_product": identity(self.product)})


def create_order(
    client: Client,
    customer: int,
    when: date,
    lines: Sequence[Line],
    *,
    validate: bool = False,
    fields: Mapping[str, object] | None = None,
) -> int:
    """Create an order with its lines and return its id.

    :param when: a date, which the application stores as that day in the site's time zone.
    :param validate: validate it when all lines are there.
    :param fields: what else the order has, such as `{"ref_client": "A-17", "note_private": "by the shop"}`. With a
        `ref_client` of your own you can look for the order after a NoAnswerError, and know whether it was created.
    :raises CallError: the order was not created; or it is unknown, for NoAnswerError with `sent`.
    :raises OrderError: the order is there as a draft, and not whole.
    """
    if not isinstance(when, date):
        raise UsageError(f"{when!r} is no date; as a text 20200714 would be stored as a day of 1970")
    bodies = [line.body() for line in lines]
    fixed = {"socid": identity(customer), "date": when, "type": 0}
    twice = set(fixed) & set(fields or {}) | {"lines"} & set(fields or {})
    if twice:
        raise UsageError(f"fields: {', '.join(sorted(twice))} are arguments of create_order()")
    order = client.create("orders", {**(fields or {}), **fixed})
    done = 0
    try:
        for body in bodies:
            client.create(path_of("orders", order, "lines"), body)
            done += 1
        kept = client.get(path_of("orders", order)).get("lines") or []
        if validate and len(kept) == done:
            validate_order(client, order)
    except ClientError as error:
        whole = len(bodies)
        raise OrderError(order, done, f"order {order} is a draft with {done} of {whole} lines: {error}") from error
    if len(kept) != done:
        raise OrderError(order, len(kept), f"order {order} is a draft with {len(kept)} lines where {done} were added")
    return order


def validate_order(client: Client, order: int, *, warehouse: int = 0) -> dict[str, Any]:
    """Validate an order, unless it is validated (304), and return it."""
    path = path_of("orders", identity(order))
    client.post(f"{path}/validate", {"idwarehouse": warehouse, "notrigger": 0})
    found: dict[str, Any] = client.get(path)
    return found
