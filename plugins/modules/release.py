#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: release
short_description: Puts each site's source in place on the host as a release, and points the site at it
version_added: 0.1.0
description:
  - Finds the application of each site's source on the controller, packs it once, and unpacks it on the host under
    C(releases/<version>-<digest>), owned by root. The digest covers names and contents.
  - A release that is there already is neither sent nor unpacked again. A folder gets its name only when it is complete.
  - The application always lies under C(htdocs/) of the release, wherever it lay in the source.
  - C(current) is switched in one step.
options:
  sites:
    description: The sites, as the filter P(miclinik.hosting.sites#filter) completes them.
    type: list
    elements: dict
    required: true
  declared:
    description:
      - What P(miclinik.hosting.declared_secrets#filter) returns. Read are addresses with a name, a password or a query,
        which O(sites) hold without.
    type: dict
    default: {}
  serve:
    description: Whether C(current) is switched. V(false) only unpacks, for an upgrade that is to come.
    type: bool
    default: true
  keep:
    description:
      - How many releases of each site stay, the last ones that were unpacked, beside the one that is served and those
        that a roll-back would go to; with V(0) all.
    type: int
    default: 0
  packs:
    description: Tar file on the host by release; the action sets it.
    type: dict
    default: {}
author:
  - miclinik.hosting maintainers (@miclinik)
attributes:
  check_mode:
    support: full
    description: Says which releases would be put in place.
  diff_mode:
    support: full
    description: Shows which release C(current) points at, before and after.
notes:
  - Needs C(tar) and C(gzip) on the host, which Debian calls essential and never lacks.
"""

EXAMPLES = r"""
- name: Put the releases in place
  miclinik.hosting.release:
    sites: "{{ miclinik_sites | miclinik.hosting.sites }}"
    declared: "{{ miclinik_sites | miclinik.hosting.declared_secrets }}"
"""

RETURN = r"""
releases:
  description: Release that each site is served from, by site.
  returned: success
  type: dict
served:
  description: Release that C(current) of each site pointed at before; none where there was no link.
  returned: success
  type: dict
pruned:
  description: Releases that were taken away, by site.
  returned: success
  type: dict
switched:
  description: Sites whose C(current) points elsewhere than before.
  returned: success
  type: list
  elements: str
"""

from ansible_collections.miclinik.hosting.plugins.module_utils.application import release
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import release_trial
from ansible_collections.miclinik.hosting.plugins.module_utils.host.discreet_module import DiscreetModule


def main() -> None:
    """Run the module: without packs it reports the state, with them it changes it."""
    module = DiscreetModule(
        argument_spec={
            "sites": {"type": "list", "elements": "dict", "required": True},
            "declared": {"type": "dict", "default": {}},  # for the action, which keeps it
            "serve": {"type": "bool", "default": True},
            "keep": {"type": "int", "default": 0},
            "packs": {"type": "dict", "default": {}},
        },
        supports_check_mode=True,
    )
    sites, keep = module.params["sites"], module.params["keep"]
    states = {site["name"]: release.state(site) for site in sites}
    if module.check_mode or not module.params["packs"]:
        try:
            pruned = {site["name"]: release.prunable(site, keep) for site in sites}
        except release.ReleaseError as error:
            module.fail_json(msg=str(error))
        module.exit_json(changed=False, states=states, prunable={name: gone for name, gone in pruned.items() if gone})
    try:
        packs = module.params["packs"]
        unpacked = [site["name"] for site in sites if release.unpack(site, packs[site["release"]])]
        if not module.params["serve"]:
            module.exit_json(changed=bool(unpacked), states=states, unpacked=unpacked, switched=[])
        served = [site for site in sites if states[site["name"]]["current"] not in (None, site["release"])]
        faults = [words for site in served if (words := release_trial.fault(site))]
        if faults:
            module.fail_json(msg="\n".join(faults))
        switched = [site["name"] for site in sites if release.serve(site)]
        pruned = {site["name"]: release.prune(site, keep) for site in sites}
    except release.ReleaseError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=True, states=states, unpacked=unpacked, switched=switched, pruned=pruned)


if __name__ == "__main__":
    main()
