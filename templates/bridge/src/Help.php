<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * The manual.
 */
class Help
{
	const TEXT = <<<'TEXT'
miclinik-bridge: speaks to a site through the application's own classes and answers in JSON.

  miclinikctl --site NAME [OPTIONS] COMMAND ...              reads /etc/miclinik/NAME/site.json
  miclinikctl --root HTDOCS [--user USER] [OPTIONS] COMMAND  any other layout

Started as root it becomes the site's user before it includes anything of the application.

Commands
  status                                what there is; works at every stage, even without a database
  install                               schema and administrator; stdin: login, password, language
  module list | enable NAME... | disable NAME...
  module try NAME                       loads it, and no more; with --root also of a release that is not served yet
  constant get NAME | set NAME VALUE | unset NAME        stdin: value, for secrets and typed values; without
                                        --entity 0|1 it is set for all: in entity 0 and in the current one
  constant list                         those that people set, as `constants` of a site has them; with --entity of that
                                        one alone. Secret ones are masked, and named in "secret"
  constant all                          every one that is set, with its entity; secret values are hidden
  company show                          as `company` of a site has it, with language
  company ensure                        stdin: name, country (ES), currency (EUR), language (es_ES), address, zip, town,
                                        state, phone, mobile, fax, email, web, vat_number, professional_ids (id1 to id10),
                                        capital, legal_form, managers, object, fiscal_month, vat_used; logo, logo_square
                                        (name and content in base64); '' empties a text, what is not given stays
  dictionary list [NAME]                rows as `dictionaries` of a site has them, by dictionary; an active one says nothing
  dictionary changed                    the same of those rows that are otherwise than the version ships them
  dictionary ensure                     stdin: dictionaries, lists of rows by name; what is not named stays as it is
  extrafield list                       as `extra_fields` of a site has them, by kind of record
  extrafield ensure                     stdin: extra_fields, lists of fields by kind; state: absent takes one away, with
                                        drop_data: true also where records have a value in it
  numbering show                        as `numbering` of a site has it, and the models that there are
  numbering ensure                      stdin: numbering, model and mask or masks by kind
  rights default                        those that new users get by themselves
  rights ensure-default                 stdin: default_rights, true or false by right
  user list                             all users, each as `user show` tells one
  user show LOGIN                       as an inventory has it (login, lastname, firstname, email, language, admin, state,
                                        rights, groups), and id, entity, enabled, password (whether there is one), key
                                        (encrypted, clear, null), ours, third_party, outside, rights_by_groups
  user ensure LOGIN                     stdin: lastname, firstname, email, language, admin, rights, groups, exact, key,
                                        enabled, password, first_password (of one who has none); what is not given
                                        stays as it is; existing (true: of one that somebody else has made, take
                                        rights, groups, password and key over). One of ours that was renamed gets its
                                        login back
  user disable LOGIN                    takes the key away too, which versions 15 and 16 would still take
  user remove LOGIN                     one whom records refer to is disabled instead; "kept" names them
  group list                            all groups: id, name, note, rights, state, entity, members
  group show NAME | remove NAME
  group ensure NAME                     stdin: note, rights, exact (true: others are taken away)
  right list [LOGIN]                    all rights there are, or those of a user's own, and in "held" all that the user
                                        has: own, with (own ones that bring it along), groups, administrator;
                                        `rights list` is the same
  rights ensure LOGIN                   stdin: rights (like produit.lire), exact (true: others are taken away)
  key show LOGIN                        whether there is one, and with --reveal the key itself
  key holder                            whose a key is; stdin: key
  key set LOGIN                         stdin: key; none: one is made
  key rotate LOGIN                      makes a new key; the old one is refused at once. The record and the web server
                                        know nothing of it: what people want is `miclinikctl SITE key rotate`
  key remove LOGIN                      takes the key away
  cron list                             the scheduled jobs: when each ran, what came of it, when it runs next
  cron run                              runs those that are due, one after the other, each in a process of its own;
                                        for the site's unit, which sees to it that this happens once at a time;
                                        with --alone of several hosts as well
  cron job ID                           runs that one in this process, where it is enabled and does not run yet
  mail test ADDRESS                     sends a mail by the way that the application's settings say
  webhook ensure                        has the module webhook tell this host's relay; stdin: targets, a list of
                                        name, token, events. Others of the relay's go, those of people stay
  identity adopt                        signs a database that has no sign yet as the site's own
  identity replace                      the same, whatever sign it has; what is encrypted with another site's id stays
                                        unreadable, and is named
  batch                                 stdin: [{"command": "module enable", "args": {"names": ["api"]}}, ...],
                                        one start of the application for all; see below
  help

Whatever writes makes sure first that the database is the site's own: by the sign in it, which follows from the id in
conf.php. `status` says `identity`: ours, other, none (not signed yet) or unknown (no id in conf.php).

Options
  --check    report what would change, change nothing
  --stdin    read a JSON object from standard input (batch always does)
  --reveal   let `key` print the key, which it does not otherwise

Arguments in a batch: module: names, exact (true: all others go off, but for what is needed); constant: name, value,
entity, everywhere (true: before what other entities have set), holding (true: left alone where it has that value for
the current entity); company: as on stdin; user, rights, key: login and what is read from stdin otherwise; group: name
and what is read from stdin otherwise; key: also reveal. It answers {"ok", "changed", "answers": [...]}, and stops at the
first failure, whose position is "failed".

Answer: one JSON document on standard output, with "ok", "command", "changed" and what the command says. On a failure
"ok" is false, "error" holds code, message, mend and sometimes details, and the exit code is 1.

TEXT;
}
