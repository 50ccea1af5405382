<?php
// SPDX-License-Identifier: GPL-3.0-or-later

require_once DOL_DOCUMENT_ROOT.'/core/modules/DolibarrModules.class.php';

class modVariants extends DolibarrModules
{
}
