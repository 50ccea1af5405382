<?php
// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Refuses requests that carry SQL or scripts: path, query string and form fields. A JSON body isn't looked at, as in 22.0.4.
 */

require_once __DIR__.'/core/sandbox/RequestFilter.php';

Sandbox\RequestFilter::guard($_SERVER, $_POST);
