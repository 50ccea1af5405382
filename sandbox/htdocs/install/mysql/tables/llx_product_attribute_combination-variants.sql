-- SPDX-License-Identifier: GPL-3.0-or-later
-- Made when the module variants is switched on; PostgreSQL asks for it whenever a product is deleted.
CREATE TABLE IF NOT EXISTS llx_product_attribute_combination (
  rowid integer PRIMARY KEY,
  fk_product_parent integer NOT NULL
);
