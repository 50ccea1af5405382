<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * What there is of a site. Works at every stage and never starts the application.
 */
class Status
{
	/**
	 * @return array<string, mixed>
	 */
	public static function of(Target $target): array
	{
		$answer = array(
			'changed' => false,
			'root' => $target->root(),
			'version' => $target->version(),
			'php' => PHP_VERSION,
			'conf' => array('problem' => $target->confProblem()),
			'database' => array('reachable' => false, 'engine' => null, 'version' => null, 'problem' => null, 'read_only' => null),
			'schema' => array('state' => 'unknown', 'reasons' => array()),
			'install_lock' => null,
			'instance_unique_id' => $target->instanceId() !== '',
			'identity' => null,
			'route_cache' => false,
			'modules' => array(),
			'api' => false,
			'upgrade_pending' => false,
		);
		if ($answer['conf']['problem'] !== null) {
			$answer['schema']['reasons'] = array($answer['conf']['problem']);
			return $answer;
		}
		clearstatcache();
		if (is_file($target->lockPath())) {
			$answer['install_lock'] = sprintf('%04o', fileperms($target->lockPath()) & 07777);
		}
		$answer['route_cache'] = is_file(RouteCache::path($target->dataRoot()));
		$answer['database']['engine'] = $target->conf('db_type');
		try {
			$connection = new Connection($target);
			$answer['database']['version'] = $connection->version();
			$answer['database']['reachable'] = true;
			$answer['database']['read_only'] = $connection->readOnly();
			$state = SchemaState::read($connection, $target);
		} catch (Failure $failure) {
			$answer['database']['problem'] = $failure->getMessage();
			$answer['schema']['reasons'] = array($failure->getMessage());
			return $answer;
		}
		$answer['schema'] = $state->toArray();
		$answer['identity'] = (new Identity($target, $state))->state();
		$answer['modules'] = $state->modules();
		$answer['api'] = in_array('api', $answer['modules'], true);
		$recorded = $state->installedVersion();
		$answer['upgrade_pending'] = $recorded !== null && $recorded !== $target->version();
		return $answer;
	}
}
