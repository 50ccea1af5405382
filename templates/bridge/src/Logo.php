<?php
/**
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

namespace Miclinik\Bridge;

/**
 * A logo of the company: the image and its two thumbs below documents/mycompany/logos, and the constants that name them,
 * as admin/company.php leaves them when somebody uploads one.
 */
class Logo
{
	const CONSTANTS = array('logo' => 'MAIN_INFO_SOCIETE_LOGO', 'logo_square' => 'MAIN_INFO_SOCIETE_LOGO_SQUARRED');
	const SIZES = array('_small' => array(480, 270), '_mini' => array(128, 72));
	const QUALITY = 80;

	/** @var Application */
	private $application;
	/** @var string which of the two */
	private $key;
	/** @var Constants */
	private $constants;

	public function __construct(Application $application, string $key)
	{
		$this->application = $application;
		$this->key = $key;
		$this->constants = new Constants($application);
		require_once DOL_DOCUMENT_ROOT.'/core/lib/images.lib.php';
	}

	/**
	 * @param array<string, mixed> $wanted name, and content in base64
	 * @return array{before: string|null, after: string}|null what changed, null where it is so already
	 * @throws Failure `logo`
	 */
	public function ensure(array $wanted): ?array
	{
		$name = (string) ($wanted['name'] ?? '');
		$content = base64_decode((string) ($wanted['content'] ?? ''), true);
		if ($content === false || $content === '' || $name === '' || dol_sanitizeFileName($name) !== $name) {
			throw new Failure('logo', "company.$this->key has no usable name or no content.", 'Name a file with letters, digits, "-", "_" and an ending.');
		}
		if (image_format_supported($name) <= 0 || !$this->isImage($content)) {
			throw new Failure('logo', "company.$this->key, $name, is no image that the application can work with.", 'Give a PNG or a JPEG.');
		}
		$before = $this->seen();
		$after = $this->told($name, hash('sha256', $content));
		if ($before === $after) {
			return null;
		}
		if (!$this->application->check()) {
			$this->write($name, $content);
			if ($this->seen() !== $after) {
				throw new Failure(
					'logo',
					"company.$this->key, $name, is not in {$this->folder()} as it was given.",
					'See whether the folder can be written to, and whether PHP has its extension gd.'
				);
			}
		}
		return array('before' => $before, 'after' => $after);
	}

	/** What is there, in words; null where no logo is set. */
	private function seen(): ?string
	{
		$name = $this->constant('');
		if ($name === '') {
			return null;
		}
		$file = $this->folder().'/'.$name;
		if (!is_file($file)) {
			return "$name (file missing)";
		}
		foreach (array_keys(self::SIZES) as $size) {
			$thumb = $this->constant(strtoupper($size));
			if ($thumb === '' || !is_file($this->folder().'/thumbs/'.$thumb)) {
				return "$name (thumb missing)";
			}
		}
		return $this->told($name, (string) hash_file('sha256', $file));
	}

	private function told(string $name, string $digest): string
	{
		return "$name (sha256 ".substr($digest, 0, 12).')';
	}

	private function isImage(string $content): bool
	{
		return !function_exists('getimagesizefromstring') || @getimagesizefromstring($content) !== false;
	}

	private function write(string $name, string $content): void
	{
		$folder = $this->folder();
		$file = $folder.'/'.$name;
		if (dol_mkdir($folder) < 0 || file_put_contents("$file.new", $content) !== strlen($content) || !rename("$file.new", $file)) {
			throw new Failure('logo', "$file cannot be written.", 'Give the documents to the site\'s user.');
		}
		$this->constants->set(self::CONSTANTS[$this->key], $name, $this->application->entity());
		foreach (self::SIZES as $size => list($width, $height)) {
			$thumb = vignette($file, $width, $height, $size, self::QUALITY);
			if (!is_string($thumb) || !is_file($thumb)) {
				throw new Failure('logo', "No thumb of $name can be made: ".Secrecy::tidy((string) $thumb, 200).'.', 'Give a PNG or a JPEG, and PHP its extension gd.');
			}
			$this->constants->set(self::CONSTANTS[$this->key].strtoupper($size), basename($thumb), $this->application->entity());
		}
	}

	private function constant(string $suffix): string
	{
		return (string) dolibarr_get_const($this->application->db(), self::CONSTANTS[$this->key].$suffix, $this->application->entity());
	}

	private function folder(): string
	{
		$entity = $this->application->entity();
		return DOL_DATA_ROOT.($entity > 1 ? '/'.$entity : '').'/mycompany/logos';
	}
}
