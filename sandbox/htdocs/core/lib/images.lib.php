<?php
// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * @param string $file name of a file
 * @return int 1 = an image that can be worked with, 0 = one that cannot, -1 = none
 */
function image_format_supported($file)
{
	if (!preg_match('/\.(gif|jpe?g|png|bmp|webp|svg)$/i', $file, $found)) {
		return -1;
	}
	$kind = strtolower($found[1]) === 'jpg' ? 'jpeg' : strtolower($found[1]);
	return function_exists('imagecreatefrom'.$kind) ? 1 : 0;
}

/**
 * Makes a small copy of an image, as a PNG.
 *
 * @param string $file      image
 * @param int    $maxWidth  at most so wide
 * @param int    $maxHeight at most so high
 * @param string $suffix    what its name ends in, before the dot
 * @param int    $quality   unused here, kept for callers
 * @param string $folder    beside the image
 * @return string the copy, or what is wrong
 */
function vignette($file, $maxWidth = 160, $maxHeight = 120, $suffix = '_small', $quality = 50, $folder = 'thumbs')
{
	$image = imagecreatefromstring((string) file_get_contents($file));
	if ($image === false || dol_mkdir(dirname($file).'/'.$folder) < 0) {
		return 'ErrorBadImageFormat';
	}
	$share = min(1, $maxWidth / imagesx($image), $maxHeight / imagesy($image));
	$copy = imagescale($image, max(1, (int) (imagesx($image) * $share)), max(1, (int) (imagesy($image) * $share)));
	$path = dirname($file).'/'.$folder.'/'.pathinfo($file, PATHINFO_FILENAME).$suffix.'.png';
	return imagepng($copy, $path) ? $path : 'ErrorFailedToSaveFile';
}
