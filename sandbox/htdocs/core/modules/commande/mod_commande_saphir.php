<?php
// SPDX-License-Identifier: GPL-3.0-or-later

/** A model of numbering with masks. The sandbox numbers its records in one way, whatever is chosen. */
class mod_commande_saphir
{
	const MASKS = array('COMMANDE_SAPHIR_MASK');
}
