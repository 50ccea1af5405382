#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: certbot
short_description: Gets certificates of sites from an ACME authority
version_added: 0.1.0
description:
  - Has certbot answer the authority by HTTP-01, from a folder that the web server serves, and put the certificate in
    place by a hook, which certbot's own timer runs for every renewal too.
  - Agrees to the authority's terms of service.
  - A site that fails does not keep the others from being done. Why it failed is kept on the host, in C(acme.json) of
    the site's state, and the module fails afterwards, unless O(fail=false).
requirements:
  - certbot, on the host
options:
  sites:
    description: The sites to get one for, as the filter P(miclinik.hosting.sites#filter) completes them.
    type: list
    elements: dict
    required: true
  forget:
    description: Names of sites that take their certificates from elsewhere; certbot is to renew theirs no more.
    type: list
    elements: str
    default: []
  webroot:
    description: Folder that the web server serves C(/.well-known/acme-challenge/) from.
    type: path
    required: true
  hook:
    description: Command that puts a certificate in place and has the web server read it.
    type: str
    required: true
  fail:
    description: Whether the module fails when a site got none. It warns otherwise.
    type: bool
    default: true
author:
  - miclinik.hosting maintainers (@miclinik)
attributes:
  check_mode:
    support: full
    description: Says for which sites certbot would be asked, and asks nobody.
  diff_mode:
    support: full
    description: Says why. Neither certificates nor keys are shown.
"""

EXAMPLES = r"""
- name: Get the certificates
  miclinik.hosting.certbot:
    sites: "{{ miclinik_sites | miclinik.hosting.sites | selectattr('tls.mode', 'eq', 'acme') }}"
    webroot: /var/lib/miclinik/acme
    hook: /usr/bin/python3 /usr/local/lib/miclinik/acme/deploy.py
"""

RETURN = r"""
sites:
  description: Why certbot was asked, by site that got a certificate.
  returned: always
  type: dict
  sample: {norte: there is none of an authority}
forgotten:
  description: Sites whose certificates certbot renews no more.
  returned: always
  type: list
  elements: str
errors:
  description: Per site that got none, what the authority said and what to do.
  returned: always
  type: list
  elements: str
"""

from ansible_collections.miclinik.hosting.plugins.module_utils.host.module import HostModule
from ansible_collections.miclinik.hosting.plugins.module_utils.tls import certbot


def main() -> None:
    """Run the module."""
    module = HostModule(
        argument_spec={
            "sites": {"type": "list", "elements": "dict", "required": True},
            "forget": {"type": "list", "elements": "str", "default": []},
            "webroot": {"type": "path", "required": True},
            "hook": {"type": "str", "required": True},
            "fail": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
        no_log=True,  # the sites come with all their settings
    )
    given = module.params
    done: dict[str, str] = {}
    forgotten: list[str] = []
    errors: list[str] = []
    for site in given["sites"]:
        try:
            reason = certbot.ensure(site, given["webroot"], given["hook"], module.check_mode)
        except (certbot.CertbotError, OSError) as error:
            errors.append(str(error))
            continue
        if reason:
            done[site["name"]] = reason
    for name in given["forget"]:
        try:
            if certbot.forget(name, module.check_mode):
                forgotten.append(name)
        except (certbot.CertbotError, OSError) as error:
            errors.append(str(error))
    result = {
        "changed": bool(done or forgotten),
        "sites": done,
        "forgotten": forgotten,
        "errors": errors,
        "diff": [
            {"before": "", "after": f"an authority's certificate: {why}\n", "after_header": f"site {name}"}
            for name, why in done.items()
        ],
        "invocation": {"module_args": {}},
    }
    if errors and given["fail"]:
        module.fail_json(msg="\n".join(errors), **result)
    for text in errors:
        module.warn(text)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
