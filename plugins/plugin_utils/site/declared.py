# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Parts the entries of ``miclinik_sites`` in two: what anybody may see of a site, and its secrets.

Secret is what the argument specification of the role ``preflight`` marks with ``no_log``, and the constants and
variables of conf.php that ``secrecy`` names. Roles see the first half only. The second one goes to the module
``site_secrets``, which keeps it on the host, and to actions on the controller.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import login, secrecy
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import schema as site_schema
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.schema import Spec

#: Mappings with names of the application's: what is secret in them tells by its name or by its value.
NAMED = ("constants", "conf_extra")
#: What ``secrets.json`` calls those of a list otherwise: ``users`` are the API's there.
_CALLED = {"users": "people"}


@dataclass
class Parted:
    """One entry in two.

    ``shown`` is the entry without its secrets. ``stored`` are those by the names that they have in ``secrets.json``:
    ``admin_password`` for ``admin.password``, ``users.<login>.key`` for the ``key`` in the list ``api.users``,
    ``people.<login>.password`` for one in ``users``, and ``constants``, ``conf_extra`` and
    ``entities.<id>.constants``. ``addresses`` are the complete addresses by their key; the host has no use for them.
    """

    shown: dict[str, Any]
    stored: dict[str, Any] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)


def part(entry: Mapping[str, Any]) -> Parted:
    """Return both halves of ``entry``, whose keys and types were checked before."""
    parted = _part(login.expanded(entry), site_schema.site_options())
    for key in NAMED:
        if secret := _taken_out(parted.shown, key):
            parted.stored[key] = secret
    for entity in parted.shown.get("entities") or []:
        if secret := _taken_out(entity, "constants"):
            parted.stored.setdefault("entities", {})[str(entity["id"])] = {"constants": secret}
    return parted


def _taken_out(holder: dict[str, Any], key: str) -> dict[str, Any]:
    """Take what is secret out of the mapping ``key`` of ``holder``, and return it."""
    values = holder.get(key) or {}
    secret = {name: value for name, value in values.items() if secrecy.is_secret(name, value)}
    if secret:
        holder[key] = {name: value for name, value in values.items() if name not in secret}
    return secret


def _part(value: Mapping[str, Any], specs: Mapping[str, Spec], path: str = "") -> Parted:
    parted = Parted({})
    for key, given in value.items():
        spec = specs.get(key, {})
        options = spec.get("options")
        if given is None:
            parted.shown[key] = None
        elif site_schema.is_secret(key, spec):
            parted.stored[key] = given
            continue
        elif spec.get("no_log"):
            parted.shown[key] = secrecy.public_address(given)
            if parted.shown[key] != given:
                parted.addresses[f"{path}{key}"] = given
        elif options and spec["type"] == "dict":
            inner = _part(given, options, f"{path}{key}.")
            parted.shown[key] = inner.shown
            for name, secret in inner.stored.items():
                parted.stored[name if isinstance(secret, Mapping) else f"{key}_{name}"] = secret
            parted.addresses |= inner.addresses
        elif options and spec["type"] == "list":
            items = [_part(item, options, f"{path}{key}[{index}].") for index, item in enumerate(given)]
            parted.shown[key] = [item.shown for item in items]
            # Under the first option that an item must have, a user's login.
            label = next(name for name, inner_spec in options.items() if inner_spec.get("required"))
            found = {item.shown[label]: item.stored for item in items if item.stored}
            parted.stored |= {_CALLED.get(f"{path}{key}", key): found} if found else {}
            for item in items:
                parted.addresses |= item.addresses
        else:
            parted.shown[key] = _copied(given)
    return parted


def _copied(value: object) -> Any:  # noqa: ANN401 (what YAML can hold)
    """Return a copy of ``value``. Not by copy.deepcopy: Ansible's own lists and dicts hold its whole templar."""
    if isinstance(value, Mapping):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, (list, tuple)) else value


def secrets(entries: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return, by site, what its entry holds of secrets: ``stored`` and ``addresses``, see ``Parted``."""
    parted = {entry["name"]: part(entry) for entry in entries}
    return {name: {"stored": halves.stored, "addresses": halves.addresses} for name, halves in parted.items()}


def leaves(stored: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the secrets in ``stored`` with their names, as in ``users.integration.key``."""
    for name, value in stored.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}.{inner}", leaf) for inner, leaf in leaves(value))
        else:
            yield name, value


def names(stored: Mapping[str, Any]) -> list[str]:
    """Return the names of the secrets in ``stored``."""
    return sorted(name for name, _ in leaves(stored))


def source(site: Mapping[str, Any], addresses: Mapping[str, str]) -> dict[str, Any]:
    """Return the source of the complete ``site`` with its whole address; raise ValueError when that is not there."""
    return _whole(site["source"], addresses, "source")


def custom_modules(site: Mapping[str, Any], addresses: Mapping[str, str]) -> list[tuple[str, dict[str, Any]]]:
    """Return the custom modules of the complete ``site``, name and source; raise ValueError as ``source`` does."""
    return [
        (module["name"], _whole(module["source"], addresses, f"custom_modules[{index}].source"))
        for index, module in enumerate(site["custom_modules"])
    ]


def _whole(shown: Mapping[str, Any], addresses: Mapping[str, str], at: str) -> dict[str, Any]:
    url = shown.get("url")
    whole = addresses.get(f"{at}.url", url)
    if whole and secrecy.CUT in whole:
        raise ValueError(f"{at}.url: its name, password or query was taken out. Give the module `declared` as well.")
    return {**shown, "url": whole}
