<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * Looks, before the installer does anything, whether something of an installed site is gone.
 *
 * To the installer a lost database is an empty one, and to everybody an unmounted folder is an empty one: what it would
 * make there would hide the loss until nobody can restore it any more.
 */
class Losses
{
	/** Tables that only people fill, in every supported version. */
	const OF_PEOPLE = array(
		'societe', 'socpeople', 'product', 'propal', 'commande', 'facture', 'commande_fournisseur', 'facture_fourn', 'contrat',
		'projet', 'adherent', 'bank_account', 'ecm_files', 'ticket', 'expedition', 'fichinter',
	);

	/** @var Target */
	private $target;
	/** @var Connection */
	private $connection;
	/** @var SchemaState */
	private $state;
	/** @var Documents */
	private $documents;
	/** @var bool whether the host has it on record that the site was installed */
	private $recorded;

	public function __construct(Target $target, Connection $connection, SchemaState $state, bool $recorded)
	{
		$this->target = $target;
		$this->connection = $connection;
		$this->state = $state;
		$this->documents = new Documents($target);
		$this->recorded = $recorded;
	}

	/**
	 * @throws Failure `other_documents`, `documents_lost`, `database_lost`, `database_in_use`, `database_damaged`
	 */
	public function requireNone(): void
	{
		$this->requireOwnDocuments();
		if ($this->state->state() === SchemaState::NONE) {
			$this->requireNewDatabase();
		} elseif ($this->state->state() === SchemaState::PARTIAL && !$this->state->isOnlyMarked()) {
			$this->requireUnusedTables();
		}
	}

	private function requireOwnDocuments(): void
	{
		$mark = $this->documents->mark();
		if ($mark !== null && $this->target->instanceId() !== '' && $mark !== Identity::sign($this->target->instanceId())) {
			throw new Failure(
				'other_documents',
				$this->target->dataRoot().' carries the mark of another site.',
				'Nothing was changed. Look at what is mounted or was restored there. If these documents are to be the site\'s from now'
					.' on, remove '.$this->target->dataRoot().'/'.Documents::MARK.'.'
			);
		}
		if ($mark === null && !$this->documents->isLocked() && $this->state->state() === SchemaState::INSTALLED) {
			if ($this->recorded || $this->peoplesTable() !== null && !$this->documents->holdFiles()) {
				throw $this->documentsLost();
			}
		}
	}

	private function documentsLost(): Failure
	{
		$folder = $this->target->dataRoot();
		return new Failure(
			'documents_lost',
			"The site is installed, and $folder holds neither its mark nor the installer's lock: these are not its documents.",
			"Nothing was changed. Mount or restore the site's documents. Where they are lost for good, accept it by making the lock:"
				.' install -o '.($this->target->user() ?? 'USER')." -m 0440 /dev/null $folder/install.lock"
		);
	}

	private function requireNewDatabase(): void
	{
		$foreign = $this->connection->foreignTables($this->target->prefix());
		if ($foreign) {
			throw new Failure(
				'database_in_use',
				count($foreign)." tables of {$this->database()} are not the application's with the prefix \"".$this->target->prefix()
					.'": '.implode(', ', array_slice($foreign, 0, 3)).(count($foreign) > 3 ? ', …' : '').'.',
				'Nothing was changed. The installer runs on an empty database only: name another one, or restore the tables under the'
					.' prefix and in the schema that they had.'
			);
		}
		$seen = $this->recorded ? 'the host has it on record as installed' : null;
		$seen = $this->documents->mark() !== null || $this->documents->isLocked() ? 'its documents say that it is installed' : $seen;
		$seen = $this->documents->holdFiles() ? 'there are files in its documents' : $seen;
		if ($seen !== null) {
			throw new Failure(
				'database_lost',
				ucfirst($this->database())." is empty, and $seen (".$this->target->dataRoot().').',
				'Nothing was changed. Restore the database. To begin anew on purpose, move the documents away, and identity.json beside'
					.' secrets.json too.'
			);
		}
	}

	/** A half installation is finished; what people have worked with is not half an installation. */
	private function requireUnusedTables(): void
	{
		$table = $this->peoplesTable();
		$signed = isset($this->state->constants[Identity::CONSTANT]);
		if ($this->recorded || $signed || $table !== null) {
			$seen = $table !== null ? "$table has rows" : 'the site was installed';
			throw new Failure(
				'database_damaged',
				"Parts of {$this->database()} are gone, and $seen: ".implode('; ', $this->state->reasons).'.',
				'Nothing was changed. Restore the database from a backup: the installer would not bring back what was in it.'
			);
		}
	}

	/** A table with something in it that only people enter; null when there is none. */
	private function peoplesTable(): ?string
	{
		$there = array_flip($this->state->tables);
		foreach (self::OF_PEOPLE as $name) {
			$table = $this->target->prefix().$name;
			if (isset($there[$table]) && $this->connection->rows("SELECT 1 FROM $table LIMIT 1")) {
				return $table;
			}
		}
		return null;
	}

	private function database(): string
	{
		return 'the database "'.$this->target->conf('db_name').'" on "'.$this->target->conf('db_host').'"';
	}
}
