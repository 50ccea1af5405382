# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What somebody does to log in, and who he is then."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.remote.webelement import WebElement

from tests.browser.chromium import Chromium
from tests.login import provider
from tests.login.place import Place

_NAME = "input[name=username]"
#: Who is logged in, at the top of every page.
_WHO = ".atoploginusername"
_LINK = f"a[href^='{provider.URL}/']"
NOBODY = ""


@contextmanager
def _window(place: Place) -> Iterator[Chromium]:
    resolve = {
        "norte.example.org": place.address,
        "sur.example.org": place.address,
        provider.NAME: place.gateway,
    }
    with tempfile.TemporaryDirectory() as folder:
        browser = Chromium(Path(folder), resolve=resolve, trusted=place.trusted())
        try:
            yield browser
        finally:
            browser.close()


def _one(browser: Chromium, selector: str) -> WebElement:
    return browser.wait(f"{selector} to be there", lambda: next(iter(browser.all(selector)), None))


def _who(browser: Chromium) -> str:
    """Return who is logged in once a page is there: its first name or login, or nobody's."""

    def seen() -> str | None:
        for element in browser.all(_WHO):
            return str(element.get_attribute("textContent")).strip()
        # The log-in page, or the words that somebody's log-in is disabled.
        return "-" if browser.driver.execute_script("return document.readyState") == "complete" else None

    found = browser.wait("the page to be whole", seen)
    return NOBODY if found == "-" else found


def by_password(place: Place, site: str, login: str, password: str) -> str:
    """Log in by the form; return who is logged in then."""
    with _window(place) as browser:
        browser.open(f"https://{site}.example.org/index.php")
        _one(browser, _NAME).send_keys(login)
        form = _one(browser, "input[name=password]")
        form.send_keys(password)
        form.submit()
        browser.wait("the form to be away", lambda: _is_gone(form))
        return _who(browser)


def by_openid(place: Place, site: str, *logins: str) -> str:
    """Log in by the link to the provider, all at once, each in his own browser; return who is logged in then."""
    with ExitStack() as stack:
        windows = {login: stack.enter_context(_window(place)) for login in logins}
        for browser in windows.values():
            browser.open(f"https://{site}.example.org/index.php")
            link = _one(browser, _LINK).get_attribute("href")
            assert link
            browser.open(link)
        for login, browser in windows.items():
            _one(browser, "input[name=sub]").send_keys(login)
            _one(browser, "button[type=submit]").click()
        return " ".join(_came_back(browser, site) for browser in windows.values())


def _came_back(browser: Chromium, site: str) -> str:
    browser.wait("the provider to send us back", lambda: f"//{site}." in browser.driver.current_url)
    # A page between submits itself.
    browser.wait("the page between to be away", lambda: "callback.php" not in browser.driver.current_url)
    return _who(browser)


def by_api(place: Place, site: str, login: str, password: str) -> str:
    """Return who gets a token of `/login` of the API."""
    name = f"{site}.example.org"
    body = json.dumps({"login": login, "password": password})
    context = ssl.create_default_context(cadata=place.trusted().decode())
    connection = http.client.HTTPSConnection(name, context=context, timeout=60)
    # The site's name is in no DNS.
    connection.sock = context.wrap_socket(socket.create_connection((place.address, 443), 60), server_hostname=name)
    connection.request("POST", "/api/index.php/login", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    said = answer.read()
    assert answer.status in {200, 400, 401, 403}, said
    return login if answer.status == 200 and b'"token":"' in said.replace(b" ", b"") else NOBODY


def _is_gone(element: WebElement) -> bool:
    try:
        element.is_enabled()
    except StaleElementReferenceException:
        return True
    return False
