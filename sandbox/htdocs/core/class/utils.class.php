<?php
// SPDX-License-Identifier: GPL-3.0-or-later

require_once DOL_DOCUMENT_ROOT.'/core/lib/files.lib.php';

/**
 * What the job that the module brings does.
 */
#[\AllowDynamicProperties]
class Utils
{
	/** @var DoliDB */
	public $db;
	/** @var string */
	public $error = '';
	/** @var string[] */
	public $errors = array();
	/** @var string what people are told */
	public $output = '';

	/** @param DoliDB $db database */
	public function __construct($db)
	{
		$this->db = $db;
	}

	/**
	 * Clears up folders named temp. The table of the API's routes is in one of them, and goes as well.
	 *
	 * @param string $choices      tempfiles or tempfilesold, logfiles is passed over
	 * @param int    $nbsecondsold how long nobody has written into what is cleared up
	 * @return int 0
	 */
	public function purgeFiles($choices = 'tempfilesold+logfiles', $nbsecondsold = 86400)
	{
		$words = preg_split('/[+,]/', $choices);
		$before = in_array('tempfiles', $words, true) ? PHP_INT_MAX : dol_now() - (int) $nbsecondsold;
		$count = 0;
		foreach (array_intersect($words, array('tempfiles', 'tempfilesold')) ? (array) glob(DOL_DATA_ROOT.'/*/temp', GLOB_ONLYDIR) : array() as $folder) {
			if (filemtime($folder) <= $before) {
				$count += dol_delete_dir_recursive($folder);
				dol_mkdir($folder);
			}
		}
		$this->output = $count.' files or directories deleted';
		return 0;
	}
}
