<?php
// SPDX-License-Identifier: GPL-3.0-or-later

/** A model of numbering that takes no mask. The sandbox numbers its records in one way, whatever is chosen. */
class mod_codeclient_monkey
{
}
