# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Debian's Chromium without a screen, driven by its own driver."""

from __future__ import annotations

import base64
import hashlib
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar, cast

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from selenium import webdriver
from selenium.common.exceptions import (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    StaleElementReferenceException,
)
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

T = TypeVar("T")

PROGRAM, DRIVER = "chromium", "chromedriver"
#: Seconds that anything on a page may take to appear; a machine under load is slow.
PATIENCE = 120
#: Seconds between two looks; what stands where it stood a look before has come to rest.
INTERVAL = 0.2
#: A page that builds itself: look again.
_CHANGING = (StaleElementReferenceException, ElementNotInteractableException, ElementClickInterceptedException)
#: What Chromium would ask the world for by itself, and what root and a machine without a screen need.
_FLAGS = (
    *("headless", "no-sandbox", "disable-gpu", "disable-dev-shm-usage", "disable-quic", "no-first-run"),
    *("disable-background-networking", "disable-component-update", "disable-sync", "window-size=1100,760"),
)
#: Brings an element to the middle of the window and returns where it stands then.
_STAND = """
arguments[0].scrollIntoView({block: 'center', behavior: 'instant'});
const {x, y} = arguments[0].getBoundingClientRect();
return [x, y];
"""
#: Puts dots in place of a text wherever the page shows it.
_MASK = """
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const shown = [];
while (walk.nextNode()) { if (walk.currentNode.data.includes(arguments[0])) { shown.push(walk.currentNode); } }
shown.forEach(node => { node.data = node.data.replaceAll(arguments[0], '••••••••'); });
document.querySelectorAll('input').forEach(box => { if (box.value === arguments[0]) { box.type = 'password'; } });
return document.body.innerText.includes(arguments[0]);
"""


class Chromium:
    """One window.

    :param profile: folder for its own files.
    :param resolve: host name to address, instead of DNS.
    :param trusted: certificates, in PEM form, whose keys are trusted; any other untrusted certificate stays refused.
    """

    def __init__(self, profile: Path, *, resolve: Mapping[str, str], trusted: bytes) -> None:
        options = webdriver.ChromeOptions()
        options.binary_location = _found(PROGRAM)
        for flag in _FLAGS:
            options.add_argument(f"--{flag}")
        options.add_argument(f"--user-data-dir={profile}")
        if resolve:
            rules = ",".join(f"MAP {name} {address}" for name, address in resolve.items())
            options.add_argument(f"--host-resolver-rules={rules}")
        if trusted:
            keys = ",".join(_key_digest(entry) for entry in x509.load_pem_x509_certificates(trusted))
            options.add_argument(f"--ignore-certificate-errors-spki-list={keys}")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        # Named, so that Selenium does not go and look for a driver in the net.
        self.driver = webdriver.Chrome(options=options, service=Service(_found(DRIVER)))

    def close(self) -> None:
        """End it."""
        self.driver.quit()

    def open(self, url: str) -> None:
        """Open a page."""
        self.driver.get(url)

    def all(self, selector: str) -> list[WebElement]:
        """The elements that a CSS selector finds now."""
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def wait(self, what: str, ready: Callable[[], T | None]) -> T:
        """Wait until this is true, and return it; `what` names it in the error."""
        waiting = WebDriverWait(self.driver, PATIENCE, poll_frequency=INTERVAL, ignored_exceptions=_CHANGING)
        return waiting.until(lambda _: cast("T", ready()), what)

    def click(self, what: str, find: Callable[[], WebElement]) -> None:
        """Click an element once it stands still: what opens above it moves it, and the click would land elsewhere."""
        before: list[float] = []

        def clicked() -> bool:
            nonlocal before
            element = find()
            now = self.driver.execute_script(_STAND, element)
            if now == before:
                element.click()
                return True
            before = now
            return False

        self.wait(f"{what} to stand still and be clicked", clicked)

    def errors(self) -> list[str]:
        """What went wrong on the page since the last call, by the browser's own console."""
        entries: list[dict[str, str]] = self.driver.get_log("browser")  # type: ignore[no-untyped-call]
        return [entry["message"] for entry in entries if entry["level"] == "SEVERE"]

    def screenshot(self, path: Path, hide: str) -> None:
        """Keep what the window shows; the text `hide` is not in it."""
        assert not self.driver.execute_script(_MASK, hide), "the page still shows what has to be hidden"
        assert self.driver.save_screenshot(str(path))


def _found(program: str) -> str:
    path = shutil.which(program)
    assert path, f"the program {program} is missing: apt-get install chromium chromium-driver"
    return path


def _key_digest(certificate: x509.Certificate) -> str:
    key = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return base64.b64encode(hashlib.sha256(key).digest()).decode()
