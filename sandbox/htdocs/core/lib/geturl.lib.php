<?php
// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Requests to other hosts.
 */

/**
 * @param string   $url             address
 * @param string   $postorget       POSTALREADYFORMATED: a POST whose body is $param as it is
 * @param string   $param           body
 * @param int      $followlocation  kept for callers: no redirect is followed
 * @param string[] $addheaders      headers
 * @param string[] $allowedschemes  schemes
 * @param int      $localurl        kept for callers: any address is called
 * @param int      $ssl_verifypeer  kept for callers: certificates are verified
 * @return array{http_code: int, content: string, curl_error_no: int, curl_error_msg: string}
 */
function getURLContent($url, $postorget = 'GET', $param = '', $followlocation = 1, $addheaders = array(), $allowedschemes = array('http', 'https'), $localurl = 0, $ssl_verifypeer = -1)
{
	if (!in_array(parse_url($url, PHP_URL_SCHEME), $allowedschemes, true)) {
		return array('http_code' => 0, 'content' => '', 'curl_error_no' => 1, 'curl_error_msg' => 'Unsupported protocol');
	}
	$options = array(
		'method' => strpos($postorget, 'POST') === 0 ? 'POST' : $postorget, 'content' => $param, 'header' => $addheaders,
		'timeout' => 30, 'ignore_errors' => true, 'follow_location' => 0,
	);
	$content = @file_get_contents($url, false, stream_context_create(array('http' => $options)));
	$status = isset($http_response_header[0]) && preg_match('~^HTTP/\S+ (\d{3})~', $http_response_header[0], $found) ? (int) $found[1] : 0;
	$failed = $status === 0;
	return array(
		'http_code' => $status, 'content' => (string) $content, 'curl_error_no' => $failed ? 7 : 0,
		'curl_error_msg' => $failed ? 'Failed to connect' : '',
	);
}
