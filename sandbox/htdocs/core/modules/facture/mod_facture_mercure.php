<?php
// SPDX-License-Identifier: GPL-3.0-or-later

/** A model of numbering with masks. The sandbox numbers its records in one way, whatever is chosen. */
class mod_facture_mercure
{
	const MASKS = array('FACTURE_MERCURE_MASK_INVOICE', 'FACTURE_MERCURE_MASK_REPLACEMENT', 'FACTURE_MERCURE_MASK_CREDIT', 'FACTURE_MERCURE_MASK_DEPOSIT');
}
