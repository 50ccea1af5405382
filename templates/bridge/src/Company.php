<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * The company: without name and country the pages ask for the set-up. What is not given stays as it is.
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
	 * @param array<string, mixed> $wanted as CompanyFacts::read() gives it; country in ISO 3166 alpha-2, currency in ISO
	 *                                     4217, language like es_ES, a logo as name and content; '' empties a text
	 * @return array<string, mixed>
	 */
	public function ensure(array $wanted): array
	{
		$values = $this->values(array_diff_key($wanted, Logo::CONSTANTS));
		$constants = new Constants($this->application);
		$words = CompanyFacts::words();
		$answer = array('changed' => false, 'changes' => array(), 'constants' => array(), 'diff' => array('before' => array(), 'after' => array()));
		foreach ($values as $name => $value) {
			$one = $value === null ? $constants->unset($name, 1) : $constants->set($name, $value, 1);
			$answer['constants'][$name] = $value;
			if ($one['changed']) {
				$answer['changed'] = true;
				$answer['changes'][] = $words[$name];
				$answer['diff']['before'] += $one['diff']['before'];
				$answer['diff']['after'] += $one['diff']['after'];
			}
		}
		foreach (array_filter(array_intersect_key($wanted, Logo::CONSTANTS), 'is_array') as $key => $given) {
			$one = (new Logo($this->application, $key))->ensure($given);
			if ($one !== null) {
				$answer['changed'] = true;
				$answer['changes'][] = $words[Logo::CONSTANTS[$key]];
				$answer['diff']['before'][Logo::CONSTANTS[$key]] = $one['before'];
				$answer['diff']['after'][Logo::CONSTANTS[$key]] = $one['after'];
			}
		}
		if (!$answer['changed']) {
			$answer['diff'] = array('before' => new \stdClass(), 'after' => new \stdClass());
		}
		return $answer;
	}

	/**
	 * @param array<string, mixed> $wanted
	 * @return array<string, string|null> constants and their values; null for those that must not be set
	 */
	private function values(array $wanted): array
	{
		$values = array();
		$country = strtoupper((string) ($wanted['country'] ?? ''));
		if ($country !== '' && $this->application->check()) {
			$this->application->planCountry($country);
		}
		foreach ($wanted as $key => $value) {
			if ($value === null) {
				continue;
			}
			if ($key === 'country') {
				$values += $this->country((string) $value);
			} elseif ($key === 'state') {
				$values += $value === '' ? array(CompanyFacts::OTHERS['state'] => null, CompanyFacts::OTHERS['region'] => null) : $this->state((string) $value, $country);
			} elseif ($key === 'currency') {
				$values['MAIN_MONNAIE'] = $this->currency((string) $value);
			} elseif ($key === 'language') {
				$values['MAIN_LANG_DEFAULT'] = $this->language((string) $value);
			} elseif ($key === 'fiscal_month') {
				$values[CompanyFacts::OTHERS['fiscal_month']] = $this->month($value);
			} elseif ($key === 'vat_used') {
				$values[CompanyFacts::OTHERS['vat_used']] = $value ? '1' : '0';
			} elseif ($key === 'professional_ids' && is_array($value)) {
				foreach ($value as $id => $text) {
					$values += $text === null ? array() : $this->text('professional_ids', (string) $id, CompanyFacts::IDS, $text);
				}
			} elseif ($key === 'name') {
				$values['MAIN_INFO_SOCIETE_NOM'] = (string) $value;
			} else {
				$values += $this->text('', (string) $key, CompanyFacts::TEXTS, $value);
			}
		}
		return $values;
	}

	/**
	 * @param array<string, string> $known constants by key
	 * @param mixed                 $value
	 * @return array<string, string|null>
	 */
	private function text(string $of, string $key, array $known, $value): array
	{
		if (!isset($known[$key]) || is_array($value)) {
			throw new Failure('usage', 'The company has no '.ltrim("$of \"$key\"").' here.', 'Known: '.implode(', ', array_keys($known + CompanyFacts::OTHERS)).'.');
		}
		$text = PlainText::require('company.'.ltrim("$of.$key", '.'), (string) $value);
		return array($known[$key] => $text === '' ? null : $text);
	}

	/** @param mixed $value */
	private function month($value): string
	{
		if (!is_numeric($value) || (int) $value < 1 || (int) $value > 12) {
			throw new Failure('bad_value', 'company.fiscal_month is none of the twelve months.', 'Write a number from 1 to 12.');
		}
		return (string) (int) $value;
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

	/**
	 * @return array<string, string> as the pages write it, with the region that it is in
	 */
	private function state(string $code, string $country): array
	{
		$application = $this->application;
		$country = $country !== '' ? $country : (string) ((new CompanyFacts($application))->read()['country'] ?? '');
		$rows = Columns::of($application, 'c_departements') ? $application->rows(
			'SELECT d.rowid, d.code_departement AS code, d.nom AS label, r.code_region AS region FROM '.$application->table('c_departements').' d'
				.' JOIN '.$application->table('c_regions').' r ON r.code_region = d.fk_region JOIN '.$application->table('c_country').' c ON c.rowid = r.fk_pays'
				.' WHERE d.code_departement = '.$application->quote($code).' AND c.code = '.$application->quote($country)
		) : array();
		if (count($rows) !== 1) {
			throw new Failure('unknown_state', "The dictionary has no state \"$code\" of the country \"$country\".", 'Give the code that the page of dictionaries shows.');
		}
		return array(
			CompanyFacts::OTHERS['state'] => $rows[0]['rowid'].':'.$rows[0]['code'].':'.$rows[0]['label'],
			CompanyFacts::OTHERS['region'] => (string) $rows[0]['region'],
		);
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
