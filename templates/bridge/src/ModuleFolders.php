<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * The folders in the documents that modules make when they are switched on. A database that is taken over without its
 * documents has the modules on already, so that nobody makes their folders; without api/temp the API answers 500.
 */
class ModuleFolders
{
	/** @var Application */
	private $application;

	public function __construct(Application $application)
	{
		$this->application = $application;
	}

	/**
	 * Makes what is missing, in check mode nothing.
	 *
	 * @param string[] $classes of modules that are on
	 * @return string[] the folders, below the documents
	 * @throws Failure `documents`
	 */
	public function ensure(array $classes): array
	{
		$missing = $this->missing($classes);
		foreach ($this->application->check() ? array() : $missing as $folder) {
			if (dol_mkdir($this->top().'/'.$folder) < 0) {
				throw new Failure('documents', 'Could not make '.$this->top().'/'.$folder.'.', 'Give the documents to the site\'s user.');
			}
		}
		return $missing;
	}

	/**
	 * @param string[] $classes
	 * @return string[]
	 */
	public function missing(array $classes): array
	{
		$missing = array();
		foreach ($classes as $class) {
			foreach ($this->wanted($class) as $folder) {
				if (!is_dir($this->top().$folder)) {
					$missing[$folder] = trim($folder, '/');
				}
			}
		}
		sort($missing);
		return $missing;
	}

	/** @return string[] beginning with a slash, as descriptors have them */
	private function wanted(string $class): array
	{
		try {
			$module = Descriptors::load($this->application, $class);
		} catch (\Throwable $problem) {
			return array(); // who switches it on is told what is wrong with it
		}
		// The older way is a list: name, folder, and what goes into a constant.
		$folders = array_map(static function ($folder) {
			return is_array($folder) ? ($folder[1] ?? '') : $folder;
		}, (array) ($module->dirs ?? array()));
		return array_filter($folders, static function ($folder) {
			return is_string($folder) && strpos($folder, '/') === 0 && strpos($folder, '..') === false;
		});
	}

	/** Where the entity's documents are; the first one's are at the top. */
	private function top(): string
	{
		$entity = $this->application->entity();
		return DOL_DATA_ROOT.($entity > 1 ? '/'.$entity : '');
	}
}
