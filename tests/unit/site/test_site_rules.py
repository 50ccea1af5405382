# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every sentence with which a list of sites is refused."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.miclinik.hosting.plugins.filter.sites import complete, names
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import rules as site_rules

from tests.application_tree import entry

SUM = "sha256:" + "0123456789abcdef" * 4
SECRET = "correct-horse-battery"


def _said(*entries: object) -> list[str]:
    return [str(problem) for problem in site_rules.check(list(entries))]


def _full() -> dict[str, Any]:
    return {
        "name": "norte",
        "domain": "norte.example.org",
        "port": 8080,
        "base_path": "/",
        "source": {"type": "archive", "url": "https://example.org/a.tar.gz", "checksum": SUM},
        "admin": {"login": "admin", "password": SECRET},
        "company": {"name": "Clínica Norte", "country": "ES", "currency": "EUR"},
        "language": "es_ES",
        "modules": ["societe", "product"],
        "constants": {"MAIN_SIZE_LISTE_LIMIT": 50, "A_FLAG": True, "A_TEXT": "x"},
        "api": {
            "enabled": True,
            "explorer": False,
            "login": True,
            "allowed_ips": ["192.0.2.7", "192.0.2.0/24", "2001:db8::/32"],
            "users": [
                {
                    "login": "integration",
                    "lastname": "Robot",
                    "email": "robot@example.org",
                    "rights": ["produit.lire", "societe.client.voir"],
                    "key": SECRET,
                    "password": SECRET,
                }
            ],
        },
        "tls": {"mode": "none"},
        "database": {"host": "db.example.org", "port": 3307, "name": "erp", "user": "erp", "password": SECRET},
        "php": {"memory_limit": "512M", "upload_max_filesize": "1G", "max_execution_time": 60, "web_max_children": 8},
    }


def test_all_that_may_be_written_is_taken() -> None:
    assert _said(_full()) == []


def test_the_least_is_taken() -> None:
    assert _said(entry()) == []


def test_an_empty_key_counts_as_not_given() -> None:
    assert _said(entry(port=None, base_path=None, language=None, admin=None, api=None, database=None, php=None)) == []


@pytest.mark.parametrize("entries", [None, [], {}, "norte", 5])
def test_no_list_of_sites(entries: object) -> None:
    assert [str(problem) for problem in site_rules.check(entries)] == [
        "inventory: miclinik_sites: is not a list of sites. Write at least one site."
    ]


def test_an_entry_that_is_no_mapping() -> None:
    assert _said("norte") == ["miclinik_sites[0]: entry: is a text. Write a mapping."]


def test_missing_keys() -> None:
    assert _said({"name": "norte"}) == [
        "site 'norte': domain: is missing. Add it: Canonical host name, in any script "
        "(`clínica-norte.es`), or an IPv4 or IPv6 address where there is no name.",
        "site 'norte': source: is missing. Add it: Where the application's files come from.",
    ]


def test_a_site_without_a_name_is_called_by_its_place() -> None:
    said = _said(entry(), {"domain": "a.example.org", "source": {"type": "sandbox"}})
    assert said == [
        "miclinik_sites[1]: name: is missing. Add it: Names the Unix user, the folder, the FPM pools and the database. "
        "Lower-case letters, digits and hyphens, at most 28 characters, beginning with a letter."
    ]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"domian": "x"}, "domian: is not a known key. Did you mean 'domain'."),
        (
            {"source": {"type": "sandbox", "checksun": "x"}},
            "source.checksun: is not a known key. Did you mean 'checksum'.",
        ),
        (
            {"api": {"users": [{"login": "a", "right": []}]}},
            "api.users[0].right: is not a known key. Did you mean 'rights'.",
        ),
        ({"company": {"countri": 1}}, "company.countri: is not a known key. Did you mean 'country'."),
        ({"port": "80"}, "port: is a text. Write a whole number."),
        ({"port": True}, "port: is true or false. Write a whole number."),
        ({"port": 80.5}, "port: is a value of another kind. Write a whole number."),
        ({"api": {"enabled": "yes"}}, "api.enabled: is a text. Write true or false."),
        ({"modules": "societe"}, "modules: is a text. Write a list."),
        ({"modules": [None]}, "modules[0]: is nothing. Write a text."),
        ({"constants": ["A"]}, "constants: is a list. Write a mapping."),
        ({"api": {"users": {"login": "a"}}}, "api.users: is a mapping. Write a list."),
        (
            {"api": {"users": ["a"]}},
            "api.users[0]: is a text. Write a mapping with login, lastname, firstname, email, language, rights, "
            "groups, admin, existing, key, expires, password, state.",
        ),
        ({"api": {"users": [{}]}}, "api.users[0].login: is missing. Add it: Login name."),
        (
            {"source": {"type": "zip"}},
            "source.type: is 'zip'. Choose one of: archive, directory, git, sandbox.",
        ),
    ],
)
def test_keys_and_kinds(more: dict[str, Any], expected: str) -> None:
    assert _said(entry(**more)) == [f"site 'norte': {expected}"]


NAME = "Use up to 28 lower-case letters, digits and hyphens, beginning with a letter"


@pytest.mark.parametrize("name", ["Norte", "1norte", "-norte", "norte-", "nor_te", "nor te", "ñ", "a" * 29, "a/../b"])
def test_bad_names(name: str) -> None:
    assert _said(entry() | {"name": name}) == [f"site {name!r}: name: is {name!r}. {NAME}."]


@pytest.mark.parametrize("name", ["a", "a1", "a-b", "a" * 28])
def test_good_names(name: str) -> None:
    assert _said(entry(name)) == []


@pytest.mark.parametrize("name", ["root", "www-data", "mysql", "information-schema", "miclinik-default"])
def test_names_of_the_system(name: str) -> None:
    assert _said(entry(name)) == [
        f"site '{name}': name: is '{name}', an account of the system. Choose another name: it becomes a Unix user."
    ]


def test_a_name_that_is_a_word_of_database_servers() -> None:
    """Seen: a run that ended in the middle, at the database."""
    assert _said(entry("all"))[0].startswith("site 'all': name: is 'all', every database in the words of its server.")
    assert "belongs to the database server" in _said(entry("norte", database={"name": "all"}))[0]


PASSWORD = (
    "is shorter than 12 characters or the login itself. Leave it out to have one generated, or write a longer one."
)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"language": "es"}, "language: is 'es'. Write language and country, as in es_ES."),
        (
            {"constants": {"main_x": 1}},
            "constants.main_x: is not the name of a constant. Write capitals, digits and _.",
        ),
        (
            {"constants": {"A": [SECRET]}},
            "constants.A: is not a text, a number or true/false. Write one of these.",
        ),
        (
            {"api": {"users": [{"login": "api"}, {"login": "Admin"}]}},
            "api.users[1].login: is 'Admin', the administrator's (admin.login), who would lose rights and password to "
            "it. Give the API a user of its own.",
        ),
        (
            {"admin": {"login": "boss"}, "api": {"users": [{"login": "boss"}]}},
            "api.users[0].login: is 'boss', the administrator's (admin.login), who would lose rights and password to "
            "it. Give the API a user of its own.",
        ),
        (
            {"admin": {"login": "a b"}},
            "admin.login: is 'a b'. Use 2 to 50 letters, digits, . _ and -, beginning with a letter or digit.",
        ),
        ({"admin": {"password": "short"}}, f"admin.password: {PASSWORD}"),
        ({"admin": {"login": "administrator", "password": "administrator"}}, f"admin.password: {PASSWORD}"),
        ({"company": {"country": "Spain"}}, "company.country: is 'Spain'. Write 2 capitals, as in ES."),
        ({"company": {"currency": "eur"}}, "company.currency: is 'eur'. Write 3 capitals, as in EUR."),
        (
            {"database": {"name": "a-b"}},
            "database.name: is 'a-b'. Use up to 64 letters, digits and _.",
        ),
        (
            {"database": {"name": "MySQL"}},
            "database.name: is 'MySQL', which belongs to the database server. Choose another one.",
        ),
        (
            {"database": {"user": "root"}},
            "database.user: is 'root', which belongs to the database server. Choose another one.",
        ),
        (
            {"database": {"host": "db.example.org"}},
            "database.password: is missing. Give the password that this user has on the existing server.",
        ),
        (
            {"database": {"host": "db:3306", "password": SECRET}},
            "database.host: is 'db:3306', with a port. Write the host name alone, and the port as `port`.",
        ),
        (
            {"disk": {"max": "20GB"}},
            "disk.max: is '20GB'. Write a number with M, G or T, as in 20G.",
        ),
        (
            {"disk": {"free": "1.5G"}},
            "disk.free: is '1.5G'. Write a number with M, G or T, as in 20G.",
        ),
        (
            {"php": {"memory_limit": "256MB"}},
            "php.memory_limit: is '256MB'. Write a number with K, M or G, as in 256M.",
        ),
        (
            {"php": {"upload_max_filesize": "0M"}},
            "php.upload_max_filesize: is '0M'. Write a number with K, M or G, as in 256M.",
        ),
        ({"php": {"api_max_children": 0}}, "php.api_max_children: is 0. Write a number above 0."),
        ({"php": {"max_execution_time": -1}}, "php.max_execution_time: is -1. Write a number above 0."),
        (
            {"api": {"users": []}},
            "api.users: is empty. Name at least one user: the smoke test logs in with the first one.",
        ),
        (
            {"api": {"users": [{"login": "a'b"}]}},
            'api.users[0].login: is "a\'b". Use 2 to 50 letters, digits, . _ and -, beginning with a letter or digit.',
        ),
        (
            {"api": {"users": [{"login": "api"}, {"login": "API"}]}},
            "api.users[1].login: 'API' stands there twice. Give each user one entry.",
        ),
        ({"api": {"users": [{"login": "api", "password": "short"}]}}, f"api.users[0].password: {PASSWORD}"),
        (
            {"api": {"users": [{"login": "api", "rights": ["produit"]}]}},
            "api.users[0].rights: holds 'produit'. Write module.right or module.group.right.",
        ),
    ],
)
def test_rules(more: dict[str, Any], expected: str) -> None:
    assert _said(entry(**more)) == [f"site 'norte': {expected}"]


def test_a_site_without_api_needs_no_user() -> None:
    assert _said(entry(api={"enabled": False, "users": []})) == []


WEB = "Write an http:// or https:// address, or use path"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            {"type": "directory"},
            ["source.path: is missing. Name the folder on the controller that holds the application."],
        ),
        (
            {"type": "directory", "path": "/a", "url": "https://example.org"},
            ["source.url: has no meaning for a source of type directory. Remove it."],
        ),
        ({"type": "sandbox", "path": "/a"}, ["source.path: has no meaning for a source of type sandbox. Remove it."]),
        (
            {"type": "git"},
            [
                "source.url: is missing. Name the repository.",
                "source.version: is missing. Pin a tag or a commit: a branch that moves is no release.",
            ],
        ),
        (
            {"type": "archive"},
            ["source.url: or source.path must be given, one of both. Name one place for the archive."],
        ),
        (
            {"type": "archive", "path": "/a", "url": "https://example.org"},
            ["source.url: or source.path must be given, one of both. Name one place for the archive."],
        ),
        (
            {"type": "archive", "url": "https://example.org/a.tgz"},
            [
                "source.checksum: is missing. "
                "Add sha256:… of the archive you have looked at: what a URL serves can change."
            ],
        ),
        (
            {"type": "archive", "url": f"ftp://me:{SECRET}@example.org/a.tgz", "checksum": SUM},
            [f"source.url: is no web address. {WEB}."],
        ),
        (
            {"type": "archive", "path": "/a", "checksum": "md5:0"},
            ["source.checksum: is 'md5:0'. Write sha256: and 64 lower-case hexadecimal digits."],
        ),
        (
            {"type": "archive", "path": "a", "signed_by": "key.asc"},
            ["source.signature: is missing. Name the archive's detached signature, a file or a web address."],
        ),
        (
            {"type": "archive", "path": "a", "signature": "a.asc"},
            ["source.signed_by: is missing. Name who has signed: a file with the OpenPGP key, or its fingerprint."],
        ),
        (
            {"type": "archive", "path": "a", "signed_by": "k", "signature": "ftp://example.org/a.asc"},
            ["source.signature: is no web address and no path. Write an http:// or https:// address, or a path."],
        ),
        *(
            (
                {"type": "archive", "path": "a", "signed_by": "k", "signature": address},
                [
                    "source.signature: holds a name, a password or a query, and is no secret. "
                    "Fetch the signature yourself, and name the file."
                ],
            )
            for address in ("https://me:hush@example.org/a.asc", "https://example.org/a.asc?token=hush")
        ),
        ({"type": "archive", "path": "a", "signed_by": "k", "signature": "https://example.org/a.asc"}, []),
        (
            {"type": "git", "url": "https://example.org/a.git", "version": "1", "signed_by": "k", "signature": "a"},
            ["source.signature: has no meaning for a source of type git. Remove it."],
        ),
        (
            {"type": "directory", "path": "a", "signed_by": "k"},
            ["source.signed_by: has no meaning for a source of type directory. Remove it."],
        ),
        ({"type": "archive", "path": "/a"}, []),
        ({"type": "archive", "path": "/a", "checksum": SUM}, []),
        ({"type": "git", "url": "git@example.org:erp.git", "version": "22.0.4"}, []),
    ],
)
def test_sources(source: dict[str, Any], expected: list[str]) -> None:
    assert _said(entry(source=source)) == [f"site 'norte': {text}" for text in expected]


OWN = "Give each site its own"


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (
            {},
            {"name": "norte", "domain": "b.org"},
            ["name: 'norte'", "database.name: 'norte'", "database.user: 'norte'"],
        ),
        ({}, {"domain": "NORTE.example.org"}, ["domain: 'norte.example.org'"]),
        ({}, {"domain": "norte.example.org", "port": 80}, ["domain: 'norte.example.org'"]),
        ({}, {"domain": "norte.example.org", "port": 8080}, ["domain: 'norte.example.org'"]),
        ({}, {"aliases": ["www.sur.org", "Norte.Example.ORG"]}, ["aliases[1]: 'norte.example.org'"]),
        ({"aliases": ["www.norte.org"]}, {"domain": "www.norte.org"}, ["domain: 'www.norte.org'"]),
        ({"base_path": "/a"}, {"domain": "norte.example.org", "base_path": "/b"}, ["domain: 'norte.example.org'"]),
        ({"former": [{"domain": "Old.org"}]}, {"domain": "old.org"}, ["domain: 'old.org'"]),
        ({}, {"former": [{"domain": "norte.example.org", "base_path": "/a"}]}, ["former: 'norte.example.org'"]),
        ({"former": [{"domain": "old.org"}]}, {"former": [{"domain": "old.org"}]}, ["former: 'old.org'"]),
        ({"former": [{"domain": "old.org"}, {"domain": "old.org", "base_path": "/a"}]}, {}, []),
        ({}, {"database": {"name": "norte"}}, ["database.name: 'norte'", "database.user: 'norte'"]),
        ({}, {"database": {"user": "norte"}}, ["database.user: 'norte'"]),
        ({}, {"database": {"host": "db.org", "name": "norte", "password": SECRET}}, []),
        (
            {"name": "a-b"},
            {"name": "sur", "database": {"name": "a_b"}},
            ["database.name: 'a_b'", "database.user: 'a_b'"],
        ),
    ],
)
def test_collisions(first: dict[str, Any], second: dict[str, Any], expected: list[str]) -> None:
    one, two = entry() | first, entry("sur") | second
    assert _said(one, two) == [
        f"site '{two['name']}': {text} is that of site '{one['name']}' already. {OWN}." for text in expected
    ]


def _with_secrets_in_wrong_places() -> list[dict[str, Any]]:
    return [
        entry(admin=SECRET),
        entry(admin=[{"password": SECRET}]),
        entry(admin={"password": [SECRET]}),
        entry(admin={"passwort": SECRET}),
        entry(database={"password": {"x": SECRET}}),
        entry(database=[SECRET]),
        entry(api={"users": {"login": "a", "key": SECRET}}),
        entry(api={"users": [[SECRET]]}),
        entry(api={"users": [{"login": "a", "key": [SECRET]}]}),
        entry(api=SECRET),
        entry(constants=[SECRET]),
        entry(constants={"A": {"b": SECRET}}),
        entry(source={"type": "archive", "url": f"//me:{SECRET}@example.org", "checksum": SUM}),
        entry(source=f"https://me:{SECRET}@example.org"),
    ]


@pytest.mark.parametrize("site", _with_secrets_in_wrong_places())
def test_no_problem_repeats_a_secret(site: dict[str, Any]) -> None:
    said = _said(site)
    assert len(said) == 1
    assert SECRET not in said[0]


def test_every_problem_is_told_at_once_in_the_order_of_the_sites() -> None:
    said = _said(entry(port=0), entry("sur", language="es", company={"country": "x"}), {"name": "este"})
    assert [text.split(": ")[:2] for text in said] == [
        ["site 'norte'", "port"],
        ["site 'sur'", "language"],
        ["site 'sur'", "company.country"],
        ["site 'este'", "domain"],
        ["site 'este'", "source"],
    ]


def test_the_filter_refuses_with_all_problems() -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        complete({}, [entry(port=0, language="es")])
    assert str(caught.value) == (
        "miclinik_sites is not right:\n"
        "- site 'norte': port: is 0. Write a port between 1 and 65535.\n"
        "- site 'norte': language: is 'es'. Write language and country, as in es_ES."
    )


def test_the_filter_completes() -> None:
    assert [site["home"] for site in complete({}, [entry(), entry("sur")])] == [
        "/srv/miclinik/norte",
        "/srv/miclinik/sur",
    ]


def test_names_for_people() -> None:
    assert names({}, [entry(), entry("sur")]) == "norte, sur"
    assert names({}, [entry(), entry(port=0)]) == ""
    assert names({}, "norte") == ""


@pytest.mark.parametrize(
    ("clone_of", "source", "said"),
    [
        ("norte", {}, []),
        (
            "staging",
            {},
            ["site 'staging': clone_of: is 'staging', the site itself. Name another one: norte."],
        ),
        ("sur", {}, ["site 'staging': clone_of: is 'sur', no site of this host. Name another one: norte."]),
        (
            "norte",
            {"database": {"host": "db.example.org", "password": SECRET}},
            [
                "site 'staging': clone_of: is 'norte', and the database of 'norte' is on db.example.org. Have both"
                " databases on the site's own host: a clone takes the right to make databases."
            ],
        ),
    ],
)
def test_a_clone_names_another_site_of_the_host(clone_of: str, source: dict[str, Any], said: list[str]) -> None:
    target = entry("staging", clone_of=clone_of)
    assert _said(entry(**source), target) == said


def test_a_clone_from_a_snapshot_may_be_of_a_site_of_another_host() -> None:
    assert _said(entry("staging", clone_of="sur", clone_from="snapshot")) == []
    said = "site 'staging': clone_of: is 'staging', the site itself. Name another one: there is none."
    assert _said(entry("staging", clone_of="staging", clone_from="snapshot")) == [said]


def test_a_clone_of_a_clone_names_where_the_data_is_from() -> None:
    second = entry("staging", clone_of="norte")
    third = entry("second", clone_of="staging")
    said = "site 'second': clone_of: is 'staging', a clone itself. Name norte, where its data is from."
    assert _said(entry(), second, third) == [said]


def _modules(*modules: dict[str, Any]) -> list[str]:
    return _said(entry() | {"custom_modules": list(modules)})


CITAS_SOURCE = {"type": "directory", "path": "citas"}


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ({"name": "citas", "source": CITAS_SOURCE}, []),
        ({"source": CITAS_SOURCE}, ["[0].name: is missing. Add it: Name of the module's folder, as in C(citas)."]),
        (
            {"name": "citas"},
            [
                "[0].source: is missing. Add it: Where the module's files come from. They may lie in `NAME/`, in "
                "`htdocs/NAME/`, or at the top."
            ],
        ),
        *(
            (
                {"name": name, "source": CITAS_SOURCE},
                [f"[0].name: is {name!r}. Write the name of its folder: letters, digits and _, no path."],
            )
            for name in ("../citas", "a/b", "", "citas-2", ".citas", "7citas", "citas ")
        ),
        *(
            (
                {"name": name, "source": CITAS_SOURCE},
                [f"[0].name: is {name!r}, a folder that the application passes over. Give it another name."],
            )
            for name in ("includes", "citas_disabled", "CVSroot")
        ),
        (
            {"name": "citas", "source": {"type": "directory"}},
            ["[0].source.path: is missing. Name the folder on the controller that holds the module."],
        ),
        (
            {"name": "citas", "source": {"type": "sandbox"}},
            ["[0].source.type: is 'sandbox'. Choose one of: archive, directory, git."],
        ),
        (
            {"name": "citas", "source": {"type": "git", "url": "https://example.org/a.git"}},
            ["[0].source.version: is missing. Pin a tag or a commit: a branch that moves is no release."],
        ),
        (
            {"name": "citas", "source": {"type": "archive", "path": "a.zip", "checksum": "sha1:0"}},
            ["[0].source.checksum: is 'sha1:0'. Write sha256: and 64 lower-case hexadecimal digits."],
        ),
    ],
)
def test_custom_modules(module: dict[str, Any], expected: list[str]) -> None:
    assert _modules(module) == [f"site 'norte': custom_modules{words}" for words in expected]


def test_two_custom_modules_of_one_name() -> None:
    assert _modules({"name": "citas", "source": CITAS_SOURCE}, {"name": "Citas", "source": CITAS_SOURCE}) == [
        "site 'norte': custom_modules[1].name: 'Citas' stands there twice. Give each module one entry."
    ]


def test_files_sets_constants_that_nobody_else_may_set() -> None:
    """One answer to one question."""
    files = {"odt_to_pdf": True, "virus_scan": False}
    constants = {"MAIN_ANTIVIRUS_COMMAND": "/opt/scan", "MAIN_SIZE_LISTE_LIMIT": 50}
    assert _said(entry("norte", files=files, constants=constants)) == [
        "site 'norte': constants.MAIN_ANTIVIRUS_COMMAND: is set by files.virus_scan. Take one of the two out."
    ]
    assert _said(entry("norte", files={"odt_to_pdf": True}, constants=constants)) == []
