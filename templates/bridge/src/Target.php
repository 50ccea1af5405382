<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * The site that is spoken to: where its code is, who it runs as, and what its conf.php says.
 */
class Target
{
	/** @var string */
	private $root;
	/** @var string|null */
	private $user;
	/** @var string|null the site's name, where it was called by it */
	private $site;
	/** @var string|null the database that the site's facts name; null where they name none */
	private $database;
	/** @var string|null */
	private $confProblem;
	/** @var array<string, mixed> */
	private $conf = array();

	/**
	 * @throws Failure `bad_site`, `no_application`
	 */
	public static function from(Arguments $arguments): self
	{
		$site = $arguments->value('site');
		$root = $arguments->value('root');
		$user = $arguments->value('user');
		if (($site === null) === ($root === null)) {
			throw new Failure('usage', 'Exactly one of --site and --root is wanted.', 'See: miclinikctl help');
		}
		if ($site === null) {
			return new self((string) $root, $user);
		}
		$facts = self::siteFacts($site);
		$target = new self($facts['root'], $facts['user']);
		$target->site = $site;
		$target->database = $facts['database'];
		return $target;
	}

	/**
	 * @return array{root: string, user: string, database: string|null}
	 */
	private static function siteFacts(string $site): array
	{
		if (!preg_match('/^[a-z][a-z0-9-]*$/', $site)) {
			throw new Failure('bad_site', "\"$site\" is no site name.", 'Names are [a-z][a-z0-9-]*.');
		}
		$file = "/etc/miclinik/$site/site.json";
		$text = is_file($file) ? file_get_contents($file) : false;
		$facts = $text === false ? null : json_decode($text, true);
		if (!is_array($facts) || !is_string($facts['root'] ?? null) || !is_string($facts['user'] ?? null)) {
			throw new Failure(
				'bad_site',
				"$file is missing or has no \"root\" and \"user\".",
				'Run the application role for this site.'
			);
		}
		$database = $facts['database']['name'] ?? null;
		return array('root' => $facts['root'], 'user' => $facts['user'], 'database' => is_string($database) ? $database : null);
	}

	/**
	 * Dates without a zone, as the application stores them, are of the zone of its pages.
	 */
	public function takeTimezone(): void
	{
		$file = $this->site === null ? '' : "/etc/miclinik-php/$this->site/cli/90-site.ini";
		$settings = is_readable($file) ? parse_ini_file($file, false, INI_SCANNER_RAW) : array();
		if (!empty($settings['date.timezone'])) {
			ini_set('date.timezone', trim($settings['date.timezone'], "\"'"));
		}
	}

	public function __construct(string $root, ?string $user)
	{
		$this->root = rtrim($root, '/');
		$this->user = $user;
	}

	public function root(): string
	{
		return $this->root;
	}

	public function user(): ?string
	{
		return $this->user;
	}

	/** What to call the site in a message. */
	public function label(): string
	{
		return $this->site === null ? "the site in $this->root" : "the site \"$this->site\"";
	}

	/** How to call a command for this site, in a message. */
	public function command(string $words): string
	{
		return $this->site === null ? "miclinik-bridge --root $this->root --user USER $words" : "miclinikctl $this->site $words";
	}

	/** The database that the site's facts name, null where they name none. */
	public function factsDatabase(): ?string
	{
		return $this->database;
	}

	public function confPath(): string
	{
		return $this->root.'/conf/conf.php';
	}

	public function hasReadableConf(): bool
	{
		return is_file($this->confPath()) && is_readable($this->confPath());
	}

	public function confFailed(\Throwable $problem): void
	{
		$this->confProblem = Secrecy::tidy(get_class($problem).' at line '.$problem->getLine(), 200);
	}

	/**
	 * Takes over what conf.php has set in global scope.
	 *
	 * @param array<string, mixed> $globals all global variables
	 */
	public function readConf(array $globals): void
	{
		foreach ($globals as $name => $value) {
			if (strpos($name, 'dolibarr_main_') === 0) {
				$this->conf[substr($name, strlen('dolibarr_main_'))] = $value;
			}
		}
		Secrecy::remember($this->conf('db_pass'));
		Secrecy::remember($this->instanceId());
		Secrecy::remember($this->conf('dolcrypt_key'));
	}

	/** A value of conf.php by its name without `dolibarr_main_`, '' when it is not there. */
	public function conf(string $name): string
	{
		$value = $this->conf[$name] ?? '';
		return is_scalar($value) ? trim((string) $value) : '';
	}

	/** The id that encrypted values depend on, '' when there is none; it used to have another name. */
	public function instanceId(): string
	{
		return $this->conf('instance_unique_id') !== '' ? $this->conf('instance_unique_id') : $this->conf('cookie_cryptkey');
	}

	/** What is wrong with conf.php, null when it can be used. */
	public function confProblem(): ?string
	{
		if (!is_file($this->confPath())) {
			return 'conf/conf.php is missing';
		}
		if (!is_readable($this->confPath())) {
			return 'conf/conf.php is not readable for the site\'s user';
		}
		if ($this->confProblem !== null) {
			return 'conf/conf.php does not load: '.$this->confProblem;
		}
		foreach (array('document_root', 'data_root', 'url_root', 'db_host', 'db_name', 'db_user', 'db_type') as $name) {
			if ($this->conf($name) === '') {
				return "conf/conf.php does not set \$dolibarr_main_$name";
			}
		}
		if (realpath($this->conf('document_root')) !== realpath($this->root)) {
			return 'conf/conf.php names another document root: '.$this->conf('document_root');
		}
		return null;
	}

	public function dataRoot(): string
	{
		return rtrim($this->conf('data_root'), '/');
	}

	public function prefix(): string
	{
		return $this->conf('db_prefix') === '' ? 'llx_' : $this->conf('db_prefix');
	}

	public function lockPath(): string
	{
		return $this->dataRoot().'/install.lock';
	}

	/** The version that the code says it has, null when there is no application at all. */
	public function version(): ?string
	{
		return TreeVersion::of($this->root);
	}

	/**
	 * @throws Failure `no_application`
	 */
	public function requireApplication(): void
	{
		if ($this->version() === null) {
			throw new Failure(
				'no_application',
				TreeVersion::problem($this->root),
				'Check that the release is unpacked and that "root" in site.json names the folder of filefunc.inc.php.'
			);
		}
	}

	/**
	 * @throws Failure `conf`
	 */
	public function requireConf(): void
	{
		$problem = $this->confProblem();
		if ($problem !== null) {
			throw new Failure('conf', "$problem ($this->root).", 'Run the application role, which writes conf.php.');
		}
	}
}
