#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: host_facts
short_description: Reads what the roles of this collection must know of a host
version_added: 0.1.0
description:
  - Reads a handful of files and is five to ten times quicker than M(ansible.builtin.setup).
  - Changes nothing, in check mode as well.
options:
  survey:
    description: Whether to read as well what only M(miclinik.hosting.preflight) looks at.
    type: bool
    default: false
extends_documentation_fragment:
  - miclinik.hosting.reading
author:
  - miclinik.hosting maintainers (@miclinik)
"""

EXAMPLES = r"""
- name: Read the facts
  miclinik.hosting.host_facts:
"""

RETURN = r"""
ansible_facts:
  description: Facts of the host.
  returned: always
  type: dict
  contains:
    miclinik_host:
      description: All of them.
      type: dict
      contains:
        distribution:
          description: C(ID) of os-release, such as V(debian).
          type: str
        codename:
          description: C(VERSION_CODENAME) of os-release, such as V(bookworm).
          type: str
        php_version:
          description: Version of PHP that the distribution ships, such as V(8.2); empty for an unknown one.
          type: str
        memory_mb:
          description: Memory that the host may use, in MiB; that of its control group where this is lower.
          type: int
        cores:
          description: Processors that the host may use.
          type: int
        free_mb:
          description: Free space of the file system of C(/srv), in MiB.
          type: int
        closed:
          description: Folders above those of sites and servers that a user without rights cannot pass through.
          type: list
        ipv6:
          description: Whether the kernel speaks IPv6.
          type: bool
        ipv6_interfaces:
          description: Interfaces that have an IPv6 address, a link's own counts; none but C(lo) where IPv6 is off.
          type: list
        under_way:
          description: What is done with the whole of a site just now, or was killed while it was done, by site.
          type: dict
        shut:
          description: Sites that somebody has closed until they are opened by name.
          type: list
        apt_held_by:
          description: Which programs hold locks of apt and dpkg just now, a sentence each.
          type: list
        systemd:
          description: Whether systemd runs as the first process.
          type: bool
        exporters:
          description: Services of Debian's exporters for Prometheus that this collection has told what to do.
          type: list
        alert:
          description: Whether failures are told, by the role P(miclinik.hosting.alert#role).
          type: bool
        debian_fpm_rests:
          description: Whether Debian's own PHP-FPM is off, and holds nothing of an earlier layout.
          type: bool
        pooler:
          description: Whether PgBouncer has settings of this collection.
          type: bool
        packages:
          description: Names of the packages that are installed.
          type: list
        running:
          description: Names of the services that are active and enabled; of timers too, as V(certbot.timer).
          type: list
        masked:
          description: Names of the services that an administrator has forbidden to start.
          type: list
        groups:
          description: Members of every Unix group, by name.
          type: dict
        accounts:
          description: Home folder of every Unix account, by name.
          type: dict
        releases:
          description: Release that is served now, by site.
          type: dict
        layouts:
          description: Version of the layout by which a site was laid, V(0) where there is no record of it, by site.
          type: dict
        engines:
          description: Database engine that the site is configured for, V(mariadb) or V(postgresql), by site.
          type: dict
        identities:
          description:
            - What is there of each site, and whether it belongs together, by site.
            - C(secrets) (V(whole), V(partial), V(broken) or V(missing)), C(secrets_id), C(conf_id), C(same_id),
              C(right_id), C(documents) (V(ours), V(other), V(locked), V(bare) or V(missing)), C(recorded), C(served),
              C(database), C(users), which says of the API users on record whether both their secrets are, and
              C(people), which says of other users whether their first password is.
          type: dict
        hosted:
          description:
            - Every site that this collection has put on the host, whether the inventory names it or not, by name.
            - C(url), C(vhosts) (those that are enabled, by server), C(pools) (files of PHP-FPM), and C(database) with
              C(type), C(host), C(port), C(name) and C(user) as C(conf.php) states them.
          type: dict
        places:
          description:
            - What is wrong with the places of each site, by site, as C(id), C(key), C(seen) and C(mend); only with
              O(survey).
          type: dict
        certificates:
          description:
            - What is known of each site's certificate, by site.
            - C(names), C(days_left), C(self_signed), and C(pem) where it is self-signed.
            - C(sound), which is whether certificate and key fit, and are root's with the right modes.
            - C(deployed), which is whether it is the one that certbot holds, and so renews.
            - C(acme), with C(directory) and C(failure) of the last order.
          type: dict
        lineages:
          description: Sites whose certificates certbot renews.
          type: list
        untrusted:
          description: Files of C(/usr/local/share/ca-certificates) that the host does not trust yet.
          type: list
        survey:
          description:
            - What the servers C(nginx) and C(apache) were told to serve for others, and C(listeners), the process that
              listens on a port, by port, C(loopback) of those at C(127.0.0.1) alone; only with O(survey).
          type: dict
        web_servers:
          description: What C(nginx) and C(apache) have been told to serve.
          type: dict
          contains:
            alive:
              description: Whether it runs, or will after a boot.
              type: bool
            ours:
              description: Paths that this collection wrote.
              type: list
            foreign:
              description: Paths with sites of others; Debian's own default site does not count while it is as it came.
              type: list
            lingering:
              description: Paths that were there when this collection had it read its files last, and are gone since.
              type: list
            listens:
              description: Ports of others' files, by the module that Apache needs to listen on them.
              type: dict
            modules:
              description: Names of the modules that are enabled, of Apache alone.
              type: list
"""

from ansible_collections.miclinik.hosting.plugins.module_utils.facts import host as facts_host
from ansible_collections.miclinik.hosting.plugins.module_utils.host.module import HostModule


def main() -> None:
    """Run the module."""
    module = HostModule(argument_spec={"survey": {"type": "bool", "default": False}}, supports_check_mode=True)
    module.exit_json(changed=False, ansible_facts={"miclinik_host": facts_host.read(survey=module.params["survey"])})


if __name__ == "__main__":
    main()
