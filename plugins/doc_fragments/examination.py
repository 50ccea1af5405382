# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the modules that look at sites from the controller take."""

from __future__ import annotations


class ModuleDocFragment:
    """What the documentation of a module takes by ``extends_documentation_fragment``."""

    DOCUMENTATION = r"""
options:
  sites:
    description: What each site promises. Several are checked at the same time.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the site, for the report.
        type: str
        required: true
      base_url:
        description: The site's own URL, with its base path, as in C($dolibarr_main_url_root).
        type: str
        required: true
      connect_to:
        description:
          - Address, or address and port, to reach the site at, whatever DNS says.
          - Host header, TLS server name and certificate check stay those of O(sites[].base_url).
        type: str
      validate_certs:
        description: Whether the certificate is checked.
        type: bool
        default: true
      ca_path:
        description: File of the authorities, on the controller, to check the certificate with; else the public ones.
        type: path
      ca_content:
        description: Certificates, in PEM form, to check the certificate with, as that of a self-signed site.
        type: str
      plain:
        description:
          - Whether the connection carries plain HTTP although O(sites[].base_url) begins with C(https://), because
            a proxy in front of O(sites[].connect_to) speaks TLS.
        type: bool
        default: false
      tls_mend:
        description: What to do when the certificate is refused, where the caller knows.
        type: str
      login:
        description: API user to log in as; without it the login is not checked, unless O(sites[].login_enabled=false).
        type: str
      password:
        description: Password of O(sites[].login).
        type: str
      key:
        description:
          - Key of the API user. The login has to give this very key.
          - Without it version and operations are not checked.
        type: str
      modules:
        description: Modules whose operations have to be listed, by the names of their classes without C(mod).
        type: list
        elements: str
        default: []
      expected_version:
        description: Version that C(/status) has to give. Any when not set.
        type: str
      explorer:
        description: Whether the site has the explorer.
        type: bool
        default: true
      login_enabled:
        description: Whether the site has the login endpoint.
        type: bool
        default: true
      api_enabled:
        description: Whether the site has the API. Without it only the pages are checked, and that the API is off.
        type: bool
        default: true
      reads:
        description: Lists of the API, such as V(products), that the user of O(sites[].key) has to be able to read.
        type: list
        elements: str
        default: []
      record:
        description: What is wrong with the secrets on record, where something is; the check C(record) is red then.
        type: str
        default: ''
      maintenance:
        description: The login for which alone the pages are open, where this is meant.
        type: str
        default: ""
      production:
        description: Whether errors of the API have to keep the application's inner workings to themselves.
        type: bool
        default: false
      proxied:
        description:
          - Whether clients reach O(sites[].base_url) through a proxy. Then that URL is called as well as the host.
          - Where it cannot be reached from the controller, the check says so and does not fail.
        type: bool
        default: false
      proxy_ca_path:
        description: File of the authorities, on the controller, that vouch for the proxy; else the public ones.
        type: path
  timeout:
    description: Seconds that one request may take.
    type: float
    default: 10.0
  settle:
    description:
      - Seconds for which the first checks are repeated before their failure counts.
      - A reload of Nginx is asynchronous, and the first calls after it can still meet the old configuration.
    type: float
    default: 3.0
"""

    CONTROLLER = r"""
requirements:
  - requests 2.32 or newer, on the controller; on the host as well with O(run_on=host)
options:
  run_on:
    description:
      - Where the sites are called from. With V(host) that is the host itself, for sites that the controller cannot
        call, as those of hosts behind a bastion.
      - What lies between them and their clients, such as a firewall, is not seen from there.
    type: str
    choices: [controller, host]
    default: controller
  host:
    description:
      - What to look at on the host. With it the host is examined at the same time, which adds the check V(inside) of
        what cannot be seen from outside, and the causes of what failed.
    type: dict
    suboptions:
      sites:
        description: What the filter P(miclinik.hosting.doctor_sites#filter) makes of the sites.
        type: list
        elements: dict
        required: true
      php_version:
        description: Version of the PHP-FPM that serves the sites, such as V(8.2).
        type: str
        required: true
      web_server:
        description: The web server in front, as the variable C(miclinik_web_server) calls it.
        type: str
        default: nginx
      database_engine:
        description: The database engine.
        type: str
        choices: [mariadb, postgresql]
        default: mariadb
  report_dir:
    description:
      - Folder on the controller for the report; without it none is written.
      - In a folder of it that is named like the host come C(results.json), C(junit.xml) for CI servers, and
        C(report.html), a page that needs no other file. They replace those of the run before. No secret is in them.
      - They are written in check mode too, since they are output.
    type: path
    default: ""
"""
