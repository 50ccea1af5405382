# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# Has slapd on the host, which speaks ldaps with the certificate of this folder, and knows whom people.ldif names.
set -eu
export DEBIAN_FRONTEND=noninteractive
cd "$(dirname "$0")"
install -m 0644 ca.pem /usr/local/share/ca-certificates/login-tests.crt
update-ca-certificates >/dev/null
echo "127.0.0.1 ldap.example.org" >> /etc/hosts
debconf-set-selections <<END
slapd slapd/domain string example.org
slapd shared/organization string Example
slapd slapd/password1 password $(cat directory-password)
slapd slapd/password2 password $(cat directory-password)
END
apt-get -qq -y install slapd ldap-utils ssl-cert >/dev/null 2>&1
install -o openldap -g openldap -m 0400 key.pem /etc/ldap/key.pem
install -o openldap -g openldap -m 0444 certificate.pem /etc/ldap/certificate.pem
sed -i 's|^SLAPD_SERVICES=.*|SLAPD_SERVICES="ldaps:/// ldapi:///"|' /etc/default/slapd
ldapmodify -Q -Y EXTERNAL -H ldapi:/// >/dev/null <<END
dn: cn=config
changetype: modify
replace: olcTLSCertificateFile
olcTLSCertificateFile: /etc/ldap/certificate.pem
-
replace: olcTLSCertificateKeyFile
olcTLSCertificateKeyFile: /etc/ldap/key.pem
END
systemctl restart slapd
ldapadd -x -D cn=admin,dc=example,dc=org -y directory-password -H ldapi:/// -f people.ldif >/dev/null
ldapsearch -x -LLL -D cn=admin,dc=example,dc=org -y directory-password -H ldapi:/// -b ou=people,dc=example,dc=org uid | grep -c '^uid: '
