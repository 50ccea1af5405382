# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What others than the site's user may do in a database of PostgreSQL, and what is set for it: no dump of ours has it.

Who reads a clinic's figures with a user of their own goes on after the database has been made anew. The answer is SQL,
and each statement is done where there is still what it is about.
"""

from __future__ import annotations

#: Schemas of the server itself.
_OURS = "nspname NOT IN ('pg_catalog', 'information_schema') AND nspname NOT LIKE 'pg\\_%'"
_TO = "CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END"
_AGAIN = "CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END"
_KINDS = "CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' END"
#: Values of these are lists, and are kept as they have to be written.
_LISTS = "'search_path', 'temp_tablespaces', 'local_preload_libraries', 'session_preload_libraries'"

#: ``{target}`` is the name of the new database, quoted as a name. Asked in the old one.
QUERY = f"""
SELECT format('GRANT %s ON DATABASE {{target}} TO %s%s', a.privilege_type, {_TO}, {_AGAIN})
  FROM pg_database b, aclexplode(b.datacl) a WHERE b.datname = current_database() AND a.grantee <> b.datdba
UNION ALL
SELECT format('GRANT %s ON SCHEMA %I TO %s%s', a.privilege_type, n.nspname, {_TO}, {_AGAIN})
  FROM pg_namespace n, aclexplode(n.nspacl) a WHERE {_OURS} AND a.grantee <> n.nspowner
UNION ALL
SELECT format('GRANT %s ON %s %I.%I TO %s%s', a.privilege_type,
    CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, n.nspname, c.relname, {_TO}, {_AGAIN})
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) a
  WHERE {_OURS} AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND a.grantee <> c.relowner
UNION ALL
SELECT format('GRANT %s (%I) ON TABLE %I.%I TO %s%s', a.privilege_type, t.attname, n.nspname, c.relname,
    {_TO}, {_AGAIN})
  FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace,
    aclexplode(t.attacl) a WHERE {_OURS} AND NOT t.attisdropped AND a.grantee <> c.relowner
UNION ALL
SELECT format('ALTER DEFAULT PRIVILEGES FOR ROLE %s%s GRANT %s ON %s TO %s%s', d.defaclrole::regrole,
    CASE d.defaclnamespace WHEN 0 THEN '' ELSE ' IN SCHEMA ' || d.defaclnamespace::regnamespace END,
    a.privilege_type, {_KINDS}, {_TO}, {_AGAIN})
  FROM pg_default_acl d, aclexplode(d.defaclacl) a
  WHERE d.defaclobjtype IN ('r', 'S', 'f') AND a.grantee <> d.defaclrole
UNION ALL
SELECT format('ALTER %s SET %I TO %s',
    CASE s.setrole WHEN 0 THEN 'DATABASE {{target}}'
      ELSE format('ROLE %s IN DATABASE {{target}}', s.setrole::regrole) END,
    split_part(v, '=', 1),
    CASE WHEN split_part(v, '=', 1) IN ({_LISTS}) THEN substr(v, strpos(v, '=') + 1)
    ELSE quote_literal(substr(v, strpos(v, '=') + 1)) END)
  FROM pg_db_role_setting s JOIN pg_database b ON b.oid = s.setdatabase, unnest(s.setconfig) v
  WHERE b.datname = current_database()
"""
#: What is not there any more is passed over: a table of which an older snapshot knows nothing.
GUARDED = (
    "DO $do$ BEGIN EXECUTE {statement}; EXCEPTION WHEN undefined_table OR undefined_column OR invalid_schema_name"
    " OR undefined_object THEN NULL; END $do$"
)
