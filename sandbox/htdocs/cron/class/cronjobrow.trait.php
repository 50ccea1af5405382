<?php
// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * The row of a scheduled job, and what has to be in it.
 */
trait CronjobRow
{
	/** @return string[] what has to be filled in */
	private function lacking()
	{
		$wanted = array(
			'method' => array('classesname', 'objectname', 'methodename'), 'function' => array('libname', 'methodename'), 'command' => array('command'),
		);
		$names = array_merge(array('label', 'unitfrequency'), isset($wanted[$this->jobtype]) ? $wanted[$this->jobtype] : array());
		return array_values(array_filter($names, function ($name) {
			return empty($this->$name);
		}));
	}

	/** @return int -1 */
	private function refuse(array $lacking)
	{
		foreach ($lacking as $name) {
			$this->errors[] = 'CronFieldMandatory '.$name;
		}
		$this->error = implode(', ', $this->errors);
		return -1;
	}

	/** @return array column => value */
	private function values()
	{
		$values = array('note' => $this->note_private);
		foreach (self::TEXTS as $name) {
			$values[$name] = isset($this->$name) ? trim((string) $this->$name) : null;
		}
		foreach (self::NUMBERS as $name) {
			$values[$name] = (int) (isset($this->$name) ? $this->$name : 0);
		}
		foreach (self::DATES as $name) {
			$values[$name] = empty($this->$name) ? null : $this->db->idate($this->$name);
		}
		return Sandbox\Version::keepsPidOfJobs() ? $values + array('pid' => $this->pid ? (int) $this->pid : null) : $values;
	}

	/** @return void */
	private function load($row)
	{
		$this->id = (int) $row->rowid;
		$this->note_private = $row->note;
		foreach (array_merge(self::TEXTS, self::NUMBERS) as $name) {
			$this->$name = $row->$name;
		}
		foreach (self::DATES as $name) {
			$this->$name = $this->db->jdate($row->$name);
		}
		$this->pid = Sandbox\Version::keepsPidOfJobs() ? $row->pid : null;
	}

	/** @return string */
	private function table()
	{
		return MAIN_DB_PREFIX.$this->table_element;
	}
}
