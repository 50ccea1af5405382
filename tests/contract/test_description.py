# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every GET of the site's own swagger.json, called as the description allows: with whatever fits the parameters' types.

Which answer is right cannot be known here, but its form can. On Dolibarr 16.0.3 and 22.0.4 some endpoints answer
500 to such values, so this is for the sandbox. Schemathesis makes the calls up, the same in every run.
"""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.result import Ok

from .session import Access, Api

pytestmark = pytest.mark.described

#: Calls of each operation, and seconds for all of them together.
EXAMPLES, LIMIT = 6, 60.0
#: What reads by parameters that hold anything: refused by types or filters, not there, no right, no such column.
STATUSES = {200, 400, 401, 403, 404, 405, 503}
#: Begins a page in place of an answer: the application's filter refuses a word in the query string or in the path.
FILTERED = "Access refused to "
#: What PHP prints when something broke.
TRACES = (
    "<b>Warning</b>",
    "<b>Fatal error</b>",
    "<b>Notice</b>",
    "<b>Deprecated</b>",
    "Stack trace:",
    "DolibarrHasDetectedError",
)


@pytest.fixture(scope="module")
def operations(api: Api) -> list[Any]:
    """The operations that read, as Schemathesis knows them."""
    description: Any = api.get("/explorer/swagger.json").json()
    schema = schemathesis.openapi.from_dict(description).include(method="GET")
    found = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    assert len(found) == sum("get" in methods for methods in description["paths"].values())
    assert len(found) > 5
    return found


def test_answers_to_what_the_description_allows(api: Api, access: Access, operations: list[Any]) -> None:
    started, called, wrong = time.monotonic(), 0, []
    for operation in operations:
        # The login is called with nobody's password, and each such call costs the site a second.
        if operation.path.startswith("/login"):
            continue

        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def call(case: Any) -> None:  # noqa: ANN401 (Schemathesis)
            nonlocal called
            if time.monotonic() - started > LIMIT:
                return
            called += 1
            sent = case.as_transport_kwargs(base_url=access.base_url + "/api/index.php")
            problem = _problem(api, sent)
            if problem:
                wrong.append(f"GET {sent['url'].removeprefix(access.base_url)} {sent.get('params')}: {problem}")

        call()
    assert wrong == []
    assert called >= len(operations), "not every operation was called within the time"


def _problem(api: Api, sent: dict[str, Any]) -> str:
    """What is wrong with the form of the answer; empty when nothing is."""
    answer = api.client.request("GET", sent["url"], params=sent.get("params") or {}, key=api.key)
    if any(trace in answer.text for trace in TRACES):
        return f"PHP speaks: {answer.describe()}"
    if answer.mime == "text/html" and answer.text.startswith(FILTERED):
        return "" if answer.status == api.features["waf_query_status"] else f"filtered with {answer.describe()}"
    if answer.status not in STATUSES:
        return answer.describe()
    try:
        content: Any = answer.json()
    except ValueError as error:
        return f"{error}: {answer.describe()}"
    if answer.status != 200 and content["error"]["code"] != answer.status:
        return f"another code inside: {json.dumps(content)[:200]}"
    return ""
