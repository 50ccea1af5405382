-- SPDX-License-Identifier: GPL-3.0-or-later
CREATE TABLE llx_citas_cita(
	rowid integer AUTO_INCREMENT PRIMARY KEY NOT NULL,
	patient varchar(64) NOT NULL
) ENGINE=innodb;
