<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * What the application knows of the company, in the words of the inventory.
 */
class CompanyFacts
{
	/** Texts by the constant that holds each; admin/company.php of 16, 22 and 24 has them. */
	const TEXTS = array(
		'name' => 'MAIN_INFO_SOCIETE_NOM',
		'address' => 'MAIN_INFO_SOCIETE_ADDRESS',
		'zip' => 'MAIN_INFO_SOCIETE_ZIP',
		'town' => 'MAIN_INFO_SOCIETE_TOWN',
		'currency' => 'MAIN_MONNAIE',
		'phone' => 'MAIN_INFO_SOCIETE_TEL',
		'mobile' => 'MAIN_INFO_SOCIETE_MOBILE',
		'fax' => 'MAIN_INFO_SOCIETE_FAX',
		'email' => 'MAIN_INFO_SOCIETE_MAIL',
		'web' => 'MAIN_INFO_SOCIETE_WEB',
		'managers' => 'MAIN_INFO_SOCIETE_MANAGERS',
		'capital' => 'MAIN_INFO_CAPITAL',
		'legal_form' => 'MAIN_INFO_SOCIETE_FORME_JURIDIQUE',
		'vat_number' => 'MAIN_INFO_TVAINTRA',
		'object' => 'MAIN_INFO_SOCIETE_OBJECT',
		'language' => 'MAIN_LANG_DEFAULT',
	);

	/** Professional ids, which each country calls otherwise. */
	const IDS = array(
		'id1' => 'MAIN_INFO_SIREN',
		'id2' => 'MAIN_INFO_SIRET',
		'id3' => 'MAIN_INFO_APE',
		'id4' => 'MAIN_INFO_RCS',
		'id5' => 'MAIN_INFO_PROFID5',
		'id6' => 'MAIN_INFO_PROFID6',
		'id7' => 'MAIN_INFO_PROFID7',
		'id8' => 'MAIN_INFO_PROFID8',
		'id9' => 'MAIN_INFO_PROFID9',
		'id10' => 'MAIN_INFO_PROFID10',
	);

	const OTHERS = array(
		'country' => 'MAIN_INFO_SOCIETE_COUNTRY',
		'state' => 'MAIN_INFO_SOCIETE_STATE',
		'region' => 'MAIN_INFO_SOCIETE_REGION',
		'fiscal_month' => 'SOCIETE_FISCAL_MONTH_START',
		'vat_used' => 'FACTURE_TVAOPTION',
	);

	/** @var Application */
	private $application;

	public function __construct(Application $application)
	{
		$this->application = $application;
	}

	/** @return string[] the constants that make up the company */
	public static function constants(): array
	{
		$names = array_merge(array_values(self::TEXTS), array_values(self::IDS), array_values(self::OTHERS));
		foreach (Logo::CONSTANTS as $constant) {
			array_push($names, $constant, $constant.'_SMALL', $constant.'_MINI');
		}
		return $names;
	}

	/** @return array<string, string> what each constant is called in an inventory */
	public static function words(): array
	{
		$words = array_flip(self::TEXTS) + array_flip(self::OTHERS) + array_flip(Logo::CONSTANTS);
		foreach (self::IDS as $id => $constant) {
			$words[$constant] = "professional_ids.$id";
		}
		return $words;
	}

	/**
	 * @return array<string, mixed>
	 */
	public function show(): array
	{
		return array('changed' => false, 'company' => $this->read());
	}

	/**
	 * @return array<string, mixed> as `company` of a site has it, with `language`; what is not set is not there
	 */
	public function read(): array
	{
		$found = array();
		foreach (self::TEXTS as $key => $constant) {
			$found[$key] = $this->constant($constant);
		}
		foreach (array('country', 'state') as $key) {
			$parts = explode(':', $this->constant(self::OTHERS[$key]));
			$found[$key] = $parts[1] ?? '';
		}
		$ids = array_filter(array_map(array($this, 'constant'), self::IDS), 'strlen');
		$found = array_filter($found, 'strlen') + ($ids ? array('professional_ids' => $ids) : array());
		$month = (int) $this->constant(self::OTHERS['fiscal_month']);
		if ($month > 0) {
			$found['fiscal_month'] = $month;
		}
		$vat = $this->constant(self::OTHERS['vat_used']);
		if ($vat !== '') {
			// Older databases still have the words of the first versions.
			$found['vat_used'] = !in_array($vat, array('0', 'franc'), true);
		}
		foreach (Logo::CONSTANTS as $key => $constant) {
			if ($this->constant($constant) !== '') {
				$found[$key] = $this->constant($constant);
			}
		}
		return $found;
	}

	private function constant(string $name): string
	{
		return (string) dolibarr_get_const($this->application->db(), $name, $this->application->entity());
	}
}
