# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What goes on at a host that is well, while it is looked at: nobody may complain. Shell, see PRELUDE of `bench`."""

from __future__ import annotations

from dataclasses import dataclass

_CALLS = 'for i in $(seq 60); do curl -sk -o /dev/null --resolve "$DOMAIN:$PORT:127.0.0.1" "$URL/" & done; wait'
_NGINX = r"""
printf 'server { listen 80; server_name other.example.org; return 200 "other"; }\n' > /etc/nginx/conf.d/zz-other.conf
"""
_APACHE = r"""
printf '<VirtualHost *:80>\nServerName other.example.org\nDocumentRoot /var/www\n</VirtualHost>\n' \
  > /etc/apache2/sites-enabled/zz-other.conf
"""


@dataclass(frozen=True)
class Moment:
    """`begin` is done before the look, `beside` while it goes on, `end` after it."""

    name: str
    begin: str = "true"
    beside: str = "true"
    end: str = "true"


MOMENTS = (
    Moment("idle"),
    Moment("under load", beside=_CALLS),
    Moment("at a reload", beside='sleep 0.5; systemctl reload "$WEB_UNIT" "miclinik-php@$SITE.service"'),
    Moment(
        "at a dump of the database",
        beside='if [ -x /usr/bin/mariadb-dump ]; then mariadb-dump --single-transaction "$SITE"; '
        'else setpriv --reuid=postgres --clear-groups pg_dump "$SITE"; fi > /dev/null',
    ),
    Moment(
        "at a rotation of the logs",
        beside="sleep 0.3; logrotate -f /etc/logrotate.d/nginx /etc/logrotate.d/apache2 || true",
    ),
    Moment(
        "with a foreign vhost",
        begin=f'if [ "$WEB_UNIT" = nginx ]; then {_NGINX} else {_APACHE} fi; reload_web',
        end="rm -f /etc/nginx/conf.d/zz-other.conf /etc/apache2/sites-enabled/zz-other.conf; reload_web",
    ),
    Moment(
        "with odd times of files",
        begin='stat -c %y "$CONF" > "$kept/time"; touch -d 2001-01-01 "$CONF" "$VHOST" "$DOCUMENTS"',
        end='touch -d "$(cat "$kept/time")" "$CONF" "$VHOST" "$DOCUMENTS"',
    ),
    Moment("while somebody looks at the database", beside='miclinik-bridge --site "$SITE" status > /dev/null'),
)
