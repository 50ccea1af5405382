<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * Name, country, currency and language of the company: without name and country the pages ask for the set-up.
 */
class Company
{
	/** @var Application */
	private $application;

	public function __construct(Application $application)
	{
		$this->application = $application;
	}

	/**
	 * @param array<string, mixed> $wanted name, country (ISO 3166 alpha-2), currency (ISO 4217), language (es_ES)
	 * @return array<string, mixed>
	 */
	public function ensure(array $wanted): array
	{
		$values = array();
		foreach ($wanted as $key => $value) {
			if ($value === null) {
				continue;
			}
			if ($key === 'name') {
				$values['MAIN_INFO_SOCIETE_NOM'] = (string) $value;
			} elseif ($key === 'country') {
				$values += $this->country((string) $value);
			} elseif ($key === 'currency') {
				$values['MAIN_MONNAIE'] = $this->currency((string) $value);
			} elseif ($key === 'language') {
				$values['MAIN_LANG_DEFAULT'] = $this->language((string) $value);
			} else {
				throw new Failure('usage', "The company has no \"$key\" here.", 'Known: name, country, currency, language.');
			}
		}
		$constants = new Constants($this->application);
		$answer = array('changed' => false, 'constants' => array(), 'diff' => array('before' => array(), 'after' => array()));
		foreach ($values as $name => $value) {
			$one = $constants->set($name, $value, 1);
			$answer['constants'][$name] = $value;
			if ($one['changed']) {
				$answer['changed'] = true;
				$answer['diff']['before'] += $one['diff']['before'];
				$answer['diff']['after'] += $one['diff']['after'];
			}
		}
		if (!$answer['changed']) {
			$answer['diff'] = array('before' => new \stdClass(), 'after' => new \stdClass());
		}
		return $answer;
	}

	/**
	 * @return array<string, string> the constant as the application's pages write it, `id:code:label`; nothing when it
	 *                               is there already, for the label depends on the language of whoever saved it
	 */
	private function country(string $code): array
	{
		$application = $this->application;
		$rows = $application->rows(
			'SELECT rowid, code, label FROM '.$application->table('c_country').' WHERE code = '.$application->quote(strtoupper($code))
		);
		if (count($rows) !== 1) {
			throw new Failure('unknown_country', "The dictionary has no country \"$code\".", 'Give the ISO code, like ES.');
		}
		$start = $rows[0]['rowid'].':'.$rows[0]['code'].':';
		$now = (string) dolibarr_get_const($application->db(), 'MAIN_INFO_SOCIETE_COUNTRY', 1);
		return array('MAIN_INFO_SOCIETE_COUNTRY' => strpos($now, $start) === 0 ? $now : $start.$rows[0]['label']);
	}

	private function currency(string $code): string
	{
		$application = $this->application;
		$rows = $application->rows(
			'SELECT code_iso FROM '.$application->table('c_currencies').' WHERE code_iso = '.$application->quote(strtoupper($code))
		);
		if (count($rows) !== 1) {
			throw new Failure('unknown_currency', "The dictionary has no currency \"$code\".", 'Give the ISO code, like EUR.');
		}
		return strtoupper($code);
	}

	private function language(string $code): string
	{
		if (!preg_match('/^[a-z]{2,3}_[A-Z]{2}$/', $code) || (is_dir(DOL_DOCUMENT_ROOT.'/langs') && !is_dir(DOL_DOCUMENT_ROOT.'/langs/'.$code))) {
			throw new Failure('unknown_language', "The application has no language \"$code\".", 'Write it like es_ES.');
		}
		return $code;
	}
}
