<?php
// SPDX-License-Identifier: GPL-3.0-or-later
// Keys of a country in 22.0.4's answers, in their order, with the value that an untouched one has.
return array(
	'id' => null, 'entity' => null, 'code' => '', 'label' => '', 'active' => '1', 'code_iso' => null, 'eec' => '0', 'favorite' => '0', 'numeric_code' => null,
);
