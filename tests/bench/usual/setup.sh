# Runs on the test host as root, after variables that tests/bench/setups.py sets: SITE (ours, whose tree is taken), ROOT,
# PORT, ENGINE, PASSWORD, INSTANCE, RUN (folder of its database's socket).
export DEBIAN_FRONTEND=noninteractive
php=$(php -r 'echo PHP_MAJOR_VERSION, ".", PHP_MINOR_VERSION;')
etc=/etc/usual/php
apt-get -qq install -y --no-install-recommends wrk >/dev/null

# Debian's PHP-FPM as its package brings it: its php.ini, its pool `www`, its modules, and nothing of ours.
cd "$(mktemp -d)"
apt-get -qq download "php$php-fpm"
dpkg-deb -x ./*.deb unpacked
mkdir -p "$etc/conf.d" "$etc/pool.d"
cp "/usr/lib/php/$php/php.ini-production" "$etc/php.ini"
find "/etc/php/$php/cli/conf.d" -type l -exec cp -d {} "$etc/conf.d/" \;
sed "s|^listen = .*|listen = /run/php/usual.sock|" "unpacked/etc/php/$php/fpm/pool.d/www.conf" > "$etc/pool.d/www.conf"
sed -e "s|^include=.*|include=$etc/pool.d/*.conf|" -e "s|^pid = .*|pid = /run/usual-php.pid|" \
  -e "s|^error_log = .*|error_log = /var/log/usual-php.log|" "unpacked/etc/php/$php/fpm/php-fpm.conf" > "$etc/php-fpm.conf"

# The same tree, its files the web server's, as most guides have it.
root=$(php -r 'echo json_decode(file_get_contents($argv[1]))->root;' "/etc/miclinik/$SITE/site.json")
mkdir -p "$(dirname "$ROOT")" /var/lib/usual/documents
cp -RL "$root" "$ROOT"
rm -f "$ROOT/conf/conf.php"

# A database server of its own too, as its package sets it up.
mkdir -p "$RUN"
if [ "$ENGINE" = postgresql ]; then
  version=$(ls /etc/postgresql)
  pg_createcluster "$version" usual --port 5433 --start >/dev/null
  runuser -u postgres -- psql -p 5433 -qc "CREATE ROLE usual LOGIN PASSWORD '$PASSWORD'" >/dev/null
  runuser -u postgres -- createdb -p 5433 --owner=usual --template=template0 --encoding=UTF8 usual
  type=pgsql port=5433 character_set=utf8 collation=utf8_unicode_ci
else
  command -v mariadbd >/dev/null || apt-get -qq install -y --no-install-recommends mariadb-server >/dev/null
  dpkg-query -W "php$php-mysql" >/dev/null 2>&1 || apt-get -qq install -y --no-install-recommends "php$php-mysql" >/dev/null
  find "/etc/php/$php/cli/conf.d" -type l -exec cp -d {} "$etc/conf.d/" \;
  cp -RL /etc/mysql /etc/usual/mysql
  rm -f /etc/usual/mysql/mariadb.conf.d/60-miclinik.cnf
  sed -i "s|/etc/mysql/|/etc/usual/mysql/|" /etc/usual/mysql/my.cnf
  chown mysql:mysql "$RUN"
  data=/var/lib/usual-mysql
  mariadb-install-db --defaults-file=/etc/usual/mysql/my.cnf --user=mysql --datadir="$data" \
    --auth-root-authentication-method=socket --skip-test-db >/dev/null
  systemd-run --quiet --unit=usual-mariadb --property=Type=notify mariadbd --defaults-file=/etc/usual/mysql/my.cnf \
    --user=mysql --datadir="$data" --socket="$RUN/mysqld.sock" --pid-file="$RUN/mysqld.pid" --skip-networking
  mariadb --socket="$RUN/mysqld.sock" <<SQL
    CREATE DATABASE usual CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    CREATE USER usual@localhost IDENTIFIED BY '$PASSWORD'; GRANT ALL ON usual.* TO usual@localhost;
SQL
  type=mysqli port=3306 character_set=utf8mb4 collation=utf8mb4_unicode_ci
fi
cat > "$ROOT/conf/conf.php" <<CONF
<?php
\$dolibarr_main_url_root='http://miclinik.localhost:$PORT';
\$dolibarr_main_document_root='$ROOT';
\$dolibarr_main_url_root_alt='/custom';
\$dolibarr_main_document_root_alt='$ROOT/custom';
\$dolibarr_main_data_root='/var/lib/usual/documents';
\$dolibarr_main_db_host='localhost';
\$dolibarr_main_db_port='$port';
\$dolibarr_main_db_name='usual';
\$dolibarr_main_db_prefix='llx_';
\$dolibarr_main_db_user='usual';
\$dolibarr_main_db_pass='$PASSWORD';
\$dolibarr_main_db_type='$type';
\$dolibarr_main_db_character_set='$character_set';
\$dolibarr_main_db_collation='$collation';
\$dolibarr_main_authentication='dolibarr';
\$dolibarr_main_prod='1';
\$dolibarr_main_force_https='0';
\$dolibarr_main_instance_unique_id='$INSTANCE';
CONF
chown -R www-data:www-data "$ROOT" /var/lib/usual
chmod 0400 "$ROOT/conf/conf.php"

# Where MariaDB's socket usually is, it finds its own server's.
mkdir -p /run/mysqld
systemd-run --quiet --unit=usual-php --property="BindPaths=$RUN:/run/mysqld" --setenv=PHP_INI_SCAN_DIR="$etc/conf.d" \
  "php-fpm$php" --nodaemonize -c "$etc/php.ini" --fpm-config "$etc/php-fpm.conf"
systemd-run --quiet --unit=usual-nginx nginx -c /etc/usual/nginx.conf -g 'daemon off;'
