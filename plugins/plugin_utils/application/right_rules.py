# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What must hold of the rights that a site's users and groups ask for: a module that is on has them."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application.descriptors import Descriptor
from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.plugin_utils.application import module_rules
from ansible_collections.miclinik.hosting.plugins.plugin_utils.application.catalogue import Catalogue
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.addresses import Rest


def check(site: Site, catalogue: Catalogue, served: Mapping[str, Any] | None) -> Iterator[Rest]:
    """Yield the rights that the bridge will not find: key, what was seen, mend.

    ``served`` is what the module ``served_modules`` says of a site that is installed: modules that are on and rights
    that are defined already; None for a site that is still to be made. Of a site that cannot be asked nothing is known,
    so nothing is refused.
    """
    holders = [(path, holder["rights"]) for path, holder in _holders(site) if holder.get("rights")]
    if not holders or (served and served["problem"]):
        return
    begin = [*module_rules.wanted(site), "user", *(served["on"] if served else catalogue.by_default())]
    on = catalogue.with_dependencies(begin)
    defined = set(served["rights"]) if served else set()
    for path, rights in holders:
        for right in rights:
            if right in defined or any(known.may_be(right) for part in on.values() for known in part.rights):
                continue
            carriers = [part for part in catalogue.all() if _carries(part, right)]
            # What comes along with a module is not always written down.
            if carriers and any(part.open_ for part in on.values()):
                continue
            yield f"{path}.rights", *_words(right, carriers, on, catalogue)


def _holders(site: Site) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield who has rights, each with where it stands in the inventory."""
    lists = {"api.users": site["api"]["users"] if site["api"]["enabled"] else []}
    lists |= {"groups": site["groups"], "users": site["users"]}
    for path, holders in lists.items():
        yield from ((f"{path}[{index}]", holder) for index, holder in enumerate(holders))


def _carries(part: Descriptor, right: str) -> bool:
    return any(known.owner is not None and known.may_be(right) for known in part.rights)


def _words(
    right: str, carriers: list[Descriptor], on: Mapping[str, Descriptor], catalogue: Catalogue
) -> tuple[str, str]:
    if carriers:
        of = " or ".join(part.name for part in carriers)
        return f"holds {right!r}, a right of the module {of}, which is not in modules", f"Add {of} to modules"
    return f"holds {right!r}, a right that version {catalogue.version} of the source does not have", _near(
        right, on, catalogue
    )


def _near(right: str, on: Mapping[str, Descriptor], catalogue: Catalogue) -> str:
    """Return the mend: the right that was meant, or those of the module that was meant."""
    owner, _, rest = right.partition(".")
    names = {name for part in catalogue.all() for name in _names(part)}
    module = catalogue.get(owner.lower())
    # Its own rights, those of a module that has them under another name (product.lire for produit.lire), those of any
    # whose first part was left out (contact.lire for societe.contact.lire), and at last what is written alike.
    own = {name.partition(".")[2]: name for name in names if name.partition(".")[0].lower() == owner.lower()}
    own = own or {name.partition(".")[2]: name for name in (_names(module) if module else [])}
    meant = [own[word] for word in difflib.get_close_matches(rest, own, n=1)]
    meant += sorted(name for name in names if name.endswith(f".{right}"))
    if not meant and own:
        return f"Known are: {', '.join(sorted(own.values()))}"
    meant += difflib.get_close_matches(right, sorted(names), n=1)
    if meant:
        return f"Did you mean '{meant[0]}'"
    owners = {name.partition(".")[0] for part in on.values() for name in _names(part)}
    return f"The modules that are asked for have rights of: {', '.join(sorted(owners))}"


def _names(part: Descriptor) -> list[str]:
    return [known.name for known in part.rights if known.name]
