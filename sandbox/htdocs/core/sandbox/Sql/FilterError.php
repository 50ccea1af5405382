<?php
// SPDX-License-Identifier: GPL-3.0-or-later
namespace Sandbox\Sql;

/**
 * A filter that can't be read.
 */
class FilterError extends \RuntimeException
{
}
