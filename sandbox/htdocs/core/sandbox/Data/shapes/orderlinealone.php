<?php
// SPDX-License-Identifier: GPL-3.0-or-later
// Keys of a line by itself, what it has more than inside an order in 22.0.4's answers, in their order, with the value that an untouched one has.
return array(
	'fk_project' => null, 'contact_id' => null, 'user' => null, 'country_id' => null, 'country_code' => null, 'mode_reglement_id' => null,
	'cond_reglement_id' => null, 'shipping_method_id' => null, 'fk_multicurrency' => null, 'multicurrency_code' => 'EUR', 'note_public' => null,
	'note_private' => null, 'name' => null, 'lastname' => null, 'firstname' => null, 'civility_id' => null,
);
