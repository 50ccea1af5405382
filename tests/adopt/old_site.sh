#!/bin/bash
# Makes a host with a site that nobody of this collection has laid: old_site.sh LAYOUT ENGINE DOMAIN, with the tree in
# /root/tree.tar. LAYOUT is nginx or apache (Debian's default pool, the application's own wizard over HTTP), or docker
# (the layout of the image dolibarr/dolibarr: PHP within Apache, conf.php as its docker-run.sh writes it).
set -euo pipefail
layout=$1 engine=$2 domain=$3
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update >/dev/null
packages="php-cli php-gd php-intl php-mbstring php-xml php-zip php-curl curl cron"
case $engine in
mariadb) packages="$packages mariadb-server php-mysql" ;;
postgresql) packages="$packages postgresql php-pgsql" ;;
esac
case $layout in
nginx) packages="$packages nginx php-fpm" ;;
apache) packages="$packages apache2 php-fpm" ;;
docker) packages="$packages apache2 libapache2-mod-php" ;;
esac
apt-get -qq install -y --no-install-recommends $packages >/dev/null
php=$(php -r 'echo PHP_MAJOR_VERSION.".".PHP_MINOR_VERSION;')

if [ "$layout" = docker ]; then
	tree=/var/www/html documents=/var/www/documents db_host=$engine
	rm -f /var/www/html/index.html
	echo "127.0.0.1 $engine" >>/etc/hosts
else
	tree=/var/www/html/dolibarr documents=/var/lib/dolibarr/documents db_host=localhost
fi
mkdir -p $tree $documents
tar -xf /root/tree.tar -C $tree --no-same-owner
mkdir -p $tree/conf $tree/custom
touch $tree/conf/conf.php
chown -R www-data:www-data $tree $documents
echo "127.0.0.1 $domain" >>/etc/hosts

if [ "$engine" = mariadb ]; then
	from=localhost
	[ "$layout" = docker ] && from=%
	mariadb -e "CREATE DATABASE dolidb CHARACTER SET utf8mb3 COLLATE utf8mb3_unicode_ci"
	mariadb -e "CREATE USER 'dolidbuser'@'$from' IDENTIFIED BY 'old''s pa#ss;1'; GRANT ALL ON dolidb.* TO 'dolidbuser'@'$from'"
	db_type=mysqli db_port=3306
else
	su postgres -c "psql -q" <<-SQL
		CREATE ROLE dolidbuser LOGIN PASSWORD 'old''s pa#ss;1';
		CREATE DATABASE dolidb OWNER dolidbuser ENCODING 'UTF8' TEMPLATE template0;
	SQL
	db_type=pgsql db_port=5432
fi

case $layout in
nginx)
	cat >/etc/nginx/sites-available/dolibarr <<-CONF
		server {
		    listen 80;
		    server_name $domain;
		    root $tree;
		    index index.php;
		    location ~ [^/]\.php(/|\$) {
		        fastcgi_split_path_info ^(.+?\.php)(/.*)\$;
		        include fastcgi_params;
		        fastcgi_param SCRIPT_FILENAME \$document_root\$fastcgi_script_name;
		        fastcgi_param PATH_INFO \$fastcgi_path_info;
		        fastcgi_read_timeout 300;
		        fastcgi_pass unix:/run/php/php$php-fpm.sock;
		    }
		}
	CONF
	ln -s ../sites-available/dolibarr /etc/nginx/sites-enabled/dolibarr
	systemctl restart nginx php$php-fpm
	;;
apache)
	a2enmod -q proxy_fcgi setenvif >/dev/null
	cat >/etc/apache2/sites-available/dolibarr.conf <<-CONF
		<VirtualHost *:80>
		    ServerName $domain
		    DocumentRoot $tree
		    CGIPassAuth On
		    ProxyTimeout 300
		    <FilesMatch "\.php\$">
		        SetHandler "proxy:unix:/run/php/php$php-fpm.sock|fcgi://localhost"
		    </FilesMatch>
		</VirtualHost>
	CONF
	sed -i '/CGIPassAuth/d' /etc/apache2/sites-available/dolibarr.conf
	a2ensite -q dolibarr >/dev/null
	systemctl restart apache2 php$php-fpm
	;;
docker)
	systemctl restart apache2
	;;
esac

call() { # call PAGE NAME=VALUE ...: posts a form to the wizard
	local page=$1 words=() word
	shift
	for word in "$@"; do words+=(--data-urlencode "$word"); done
	curl -sS -m 300 -b /root/jar -c /root/jar -o "/root/$page.html" -w '%{http_code}\n' "${words[@]}" "http://$domain/install/$page.php"
}
if [ "$layout" = docker ]; then
	cat >$tree/conf/conf.php <<-CONF
		<?php
		\$dolibarr_main_url_root='http://$domain';
		\$dolibarr_main_document_root='/var/www/html';
		\$dolibarr_main_url_root_alt='/custom';
		\$dolibarr_main_document_root_alt='/var/www/html/custom';
		\$dolibarr_main_data_root='/var/www/documents';
		\$dolibarr_main_db_port='$db_port';
		\$dolibarr_main_db_name='dolidb';
		\$dolibarr_main_db_prefix='llx_';
		\$dolibarr_main_db_user='dolidbuser';
		\$dolibarr_main_db_pass='old\'s pa#ss;1';
		\$dolibarr_main_db_type='$db_type';
		\$dolibarr_main_authentication='dolibarr';
		\$dolibarr_main_prod=1;
		\$dolibarr_main_db_host='$db_host';
		\$dolibarr_main_instance_unique_id='myinstanceuniquekey';
		\$dolibarr_main_db_character_set='utf8mb4';
		\$dolibarr_main_db_collation='utf8mb4_unicode_ci';
	CONF
	[ "$engine" = mariadb ] || sed -i '/db_character_set\|db_collation/d' $tree/conf/conf.php
	cd $tree/install
	runuser -u www-data -- php step2.php set en_US >/root/step2.html
	runuser -u www-data -- php step5.php 0 0 en_US set admin OldPass.1 OldPass.1 440 >/root/step5.html
	find $tree/install/mysql -name '*.sql' -exec sed -i 's/^--.*//g;' {} +
	mkdir -p /var/www/scripts
else
	call index
	call step1 action=set main_dir=$tree main_data_dir=$documents "main_url=http://$domain" db_type=$db_type \
		db_host=$db_host db_port=$db_port db_name=dolidb db_user=dolidbuser "db_pass=old's pa#ss;1" db_prefix=llx_ \
		testpost=ok selectlang=es_ES
	call step2 action=set testpost=ok selectlang=es_ES
	call step4 testpost=ok selectlang=es_ES
	call step5 action=set testpost=ok selectlang=es_ES login=admin pass=OldPass.1 pass_verif=OldPass.1 installlock=444
fi
chmod 400 $tree/conf/conf.php
runuser -u www-data -- php /srv/fill.php $tree
mkdir -p $documents/societe/1
echo "a contract" >$documents/societe/1/contract.txt
chown -R www-data:www-data $documents
