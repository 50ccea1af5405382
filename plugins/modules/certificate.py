#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: certificate
short_description: Makes certificate and key of sites exist on a host
version_added: 0.1.0
description:
  - Makes self-signed certificates on the host, with C(openssl), puts the operator's own in place, and gives a site that
    waits for a certificate authority a self-signed one, so that its web server can start.
  - Certificate and key are exchanged as one, by a link. The key is root's alone.
  - A self-signed certificate is made anew when it has 30 days left, or when the site's names have changed.
  - A site that fails does not keep the others from being done; the module fails afterwards.
  - Reloads no server.
requirements:
  - openssl, on the host
options:
  sites:
    description: The sites, as the filter P(miclinik.hosting.sites#filter) completes them.
    type: list
    elements: dict
    required: true
  pairs:
    description:
      - What other hosts of a cluster have, C(certificate) and C(key) by the name of a site. Such a site gets exactly
        these, whatever its C(tls.mode).
    type: dict
    default: {}
  entries:
    description: What has to be known of each site; the action sets it.
    type: list
    elements: dict
    default: []
    suboptions:
      name: {type: str, required: true, description: Name of the site.}
      state: {type: path, required: true, description: Folder of the site's state.}
      mode: {type: str, required: true, choices: [selfsigned, provided, acme], description: The site's C(tls.mode).}
      names: {type: list, elements: str, required: true, description: Names that the certificate has to cover.}
      certificate: {type: str, description: Content of the operator's certificate.}
      key: {type: str, description: Content of the operator's key.}
author:
  - miclinik.hosting maintainers (@miclinik)
attributes:
  check_mode:
    support: full
    description: Says what would be made.
  diff_mode:
    support: full
    description: Says why. Neither certificates nor keys are shown.
"""

EXAMPLES = r"""
- name: Put the certificates in place
  miclinik.hosting.certificate:
    sites: "{{ miclinik_sites | miclinik.hosting.sites | selectattr('encrypted') }}"
"""

RETURN = r"""
sites:
  description: Why something was done, by site; the others are not named.
  returned: always
  type: dict
  sample: {norte: the present one ends in 12 days}
"""

from ansible_collections.miclinik.hosting.plugins.module_utils.host.module import HostModule
from ansible_collections.miclinik.hosting.plugins.module_utils.tls import certificates
from ansible_collections.miclinik.hosting.plugins.module_utils.tls.files import CertificateError

ENTRY = {
    "name": {"type": "str", "required": True},
    "state": {"type": "path", "required": True},
    "mode": {"type": "str", "required": True, "choices": ["selfsigned", "provided", "acme"]},
    "names": {"type": "list", "elements": "str", "required": True},
    "certificate": {"type": "str"},
    "key": {"type": "str", "no_log": True},
}


def main() -> None:
    """Run the module."""
    module = HostModule(
        argument_spec={
            "sites": {"type": "list", "elements": "dict", "required": True},  # for the action, which sends none
            "pairs": {"type": "dict", "default": {}, "no_log": True},  # for the action as well
            "entries": {"type": "list", "elements": "dict", "default": [], "options": ENTRY},
        },
        supports_check_mode=True,
        no_log=True,
    )
    done: dict[str, str] = {}
    errors = []
    for site in module.params["entries"]:
        try:
            answer = certificates.ensure(site, module.check_mode)
        except (CertificateError, OSError) as error:
            errors.append(f"site '{site['name']}': {error}")
            continue
        if answer["changed"]:
            done[site["name"]] = answer["reason"]
    diff = [
        {"before": "", "after": f"a new certificate: {why}\n", "after_header": f"site {name}, certificate and key"}
        for name, why in done.items()
    ]
    result = {"changed": bool(done), "sites": done, "diff": diff, "invocation": {"module_args": {}}}
    if errors:
        module.fail_json(msg="\n".join(errors), **result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
