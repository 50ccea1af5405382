# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The explorer as a person uses it, whichever Swagger UI the application brings."""

from __future__ import annotations

from dataclasses import dataclass

from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from .chromium import Chromium

#: Method and path of the operations of a group, and their elements; nothing as long as one of them is not to be seen.
_OPERATIONS = """
const [operation, method, path] = arguments;
const found = [...document.querySelectorAll(operation)];
if (!found.length || found.some(entry => !entry.getClientRects().length)) { return null; }
// Swagger UI 5 lets a long path break at invisible spaces.
const text = (entry, selector) => entry.querySelector(selector).innerText.replaceAll('\\u200b', '').trim();
return found.map(entry => [text(entry, method).toUpperCase(), text(entry, path), entry]);
"""
KEY_BOX, EXPLORE = "#input_apiKey", "#explore"


@dataclass(frozen=True)
class Look:
    """Where a Swagger UI puts things: CSS selectors, those from `method` on within an operation."""

    group: str  # heading that opens a group; {} is the group's name
    operation: str  # one operation, open or not; {} is the group's name
    method: str
    path: str
    head: str  # opens the operation
    begin: tuple[str, ...]  # buttons to press, one after another, for the call to be made
    status: str
    body: str


#: Dolibarr 15 to 22 bring the first, the sandbox the second: Swagger UI 2 and 5.
LOOKS = (
    Look(
        group="#resource_{} > .heading h2 a",
        operation="#resource_{} li.operation",
        method=".http_method a",
        path=".path a",
        head=".path a",
        begin=("form.sandbox input.submit",),
        status=".response .response_code",
        body=".response .response_body",
    ),
    Look(
        group=".opblock-tag[data-tag='{}']",
        operation=".opblock-tag-section:has(> [data-tag='{}']) .opblock",
        method=".opblock-summary-method",
        path=".opblock-summary-path",
        head=".opblock-summary-control",
        begin=("button.try-out__btn", "button.execute"),
        status=".live-responses-table .response-col_status",
        body=".live-responses-table .response-col_description .highlight-code code",
    ),
)


@dataclass(frozen=True)
class Shown:
    """An answer as the page shows it."""

    status: str
    body: str


class ExplorerPage:
    """What a person does and sees there. `browser` has the page open.

    :param opened: a group that the page shows to whoever has no key.
    """

    def __init__(self, browser: Chromium, opened: str = "login") -> None:
        self._browser = browser
        self._opened = opened
        self._look = browser.wait("a Swagger UI with operations", self._recognise)

    def _recognise(self) -> Look | None:
        return next((look for look in LOOKS if self._browser.all(look.group.format(self._opened))), None)

    def explore(self, key: str) -> None:
        """Give the key and press Explore; the list has been made anew when this returns."""
        group = self._look.group.format(self._opened)
        old = self._browser.all(group)[0]
        box = self._browser.all(KEY_BOX)[0]
        # Nobody reads the key off a screenshot.
        self._browser.driver.execute_script("arguments[0].type = 'password'", box)
        box.clear()
        box.send_keys(key)
        self._browser.click("Explore", lambda: self._browser.all(EXPLORE)[0])
        self._browser.wait("the list of operations to be made anew", lambda: _gone(old) or None)
        self._browser.wait("the list of operations", lambda: self._browser.all(group))

    def groups(self, names: tuple[str, ...]) -> list[str]:
        """Which of these groups the page shows."""
        return [name for name in names if self._browser.all(self._look.group.format(name))]

    def open_group(self, name: str) -> list[tuple[str, str]]:
        """Open a group; return method and path of the operations that are then to be seen."""
        self._browser.click(f"the heading of {name}", lambda: self._browser.all(self._look.group.format(name))[0])
        operations = self._browser.wait(f"the operations of {name}", lambda: self._visible(name) or None)
        return [(method, path) for method, path, _ in operations]

    def _visible(self, group: str) -> list[tuple[str, str, WebElement]]:
        where = (self._look.operation.format(group), self._look.method, self._look.path)
        return [tuple(entry) for entry in self._browser.driver.execute_script(_OPERATIONS, *where) or []]

    def try_out(self, group: str, path: str) -> Shown:
        """Open the GET of a path in a group that is open, try it out, and read what the page shows of the answer."""
        operation = next(entry for method, own, entry in self._visible(group) if (method, own) == ("GET", path))
        for selector in (self._look.head, *self._look.begin):
            self._press(operation, selector)

        def answer() -> Shown | None:
            status = operation.find_elements(By.CSS_SELECTOR, self._look.status)
            body = operation.find_elements(By.CSS_SELECTOR, self._look.body)
            # The first row of Swagger UI 5's table is its heading.
            texts = [text for entry in status if (text := entry.text.split("\n")[0].strip()).isdigit()]
            return Shown(texts[0], body[0].text) if texts and body and body[0].text else None

        shown = self._browser.wait(f"the answer to GET {path}", answer)
        self._browser.driver.execute_script("arguments[0].scrollIntoView()", operation)
        return shown

    def _press(self, operation: WebElement, selector: str) -> None:
        self._browser.click(selector, lambda: operation.find_element(By.CSS_SELECTOR, selector))


def _gone(element: WebElement) -> bool:
    try:
        element.is_enabled()
    except StaleElementReferenceException:
        return True
    return False
