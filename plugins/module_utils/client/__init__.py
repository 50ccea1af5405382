# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A client of miclinik's (Dolibarr's) REST API that fails loudly and loses nothing; docs/client.md tells about it.

Installed by pip it is `miclinik_client`; Ansible's modules find the same files in the collection's module_utils. It
imports nothing of the collection.
"""

from __future__ import annotations

from . import records
from .client import Client, path_of
from .errors import (
    ApiError,
    BadAnswerError,
    CallError,
    ClientError,
    FilterError,
    NoAnswerError,
    NotFoundError,
    RefusedError,
    UntrustedError,
    UsageError,
)
from .filters import Field, Filter
from .orders import Line, OrderError, create_order, validate_order
from .transport import Limits
from .values import amount, day, decode, identity, moment, seconds

__all__ = [
    "ApiError",
    "BadAnswerError",
    "CallError",
    "Client",
    "ClientError",
    "Field",
    "Filter",
    "FilterError",
    "Limits",
    "Line",
    "NoAnswerError",
    "NotFoundError",
    "OrderError",
    "RefusedError",
    "UntrustedError",
    "UsageError",
    "amount",
    "create_order",
    "day",
    "decode",
    "identity",
    "moment",
    "path_of",
    "records",
    "seconds",
    "validate_order",
]
