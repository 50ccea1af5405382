<?php
// SPDX-License-Identifier: GPL-3.0-or-later

/** A model of numbering with masks. The sandbox numbers its records in one way, whatever is chosen. */
class mod_codeclient_elephant
{
	const MASKS = array('COMPANY_ELEPHANT_MASK_CUSTOMER', 'COMPANY_ELEPHANT_MASK_SUPPLIER');
}
