<?php
// What the other examples require: the document's callAPI, with error control and security. PHP 7.4 or newer with curl.
// MICLINIK_BASE_URL and MICLINIK_API_KEY say where and who; MICLINIK_CA may name a file of authorities.

class ApiError extends RuntimeException
{
}

/**
 * Call the API and return what its JSON holds; null for an answer without a body (304).
 *
 * @param array<string, mixed>|null $data the query of GET, the body of POST and PUT
 * @return mixed
 */
function callAPI(string $method, string $path, ?array $data = null)
{
    $base = rtrim((string) getenv('MICLINIK_BASE_URL'), '/');
    if (!preg_match('~^(https://|http://(localhost|127\.0\.0\.1)(:|/|$))~', $base) && getenv('MICLINIK_ALLOW_HTTP') !== 'yes') {
        throw new ApiError("$base would send the key in the clear: use https://, or set MICLINIK_ALLOW_HTTP=yes");
    }
    $url = $base.'/api/index.php/'.$path;
    $headers = ['DOLAPIKEY: '.getenv('MICLINIK_API_KEY'), 'Accept: application/json'];
    $options = [
        CURLOPT_CUSTOMREQUEST => $method,
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_CONNECTTIMEOUT => 5,
        CURLOPT_TIMEOUT => 60,
        // A redirect would carry the key to wherever it points.
        CURLOPT_FOLLOWLOCATION => false,
        CURLOPT_PROTOCOLS => CURLPROTO_HTTPS | CURLPROTO_HTTP,
    ];
    if ($data !== null && $method === 'GET') {
        $url .= '?'.http_build_query($data);
    } elseif ($data !== null) {
        // Without this header the application takes JSON for a form.
        $headers[] = 'Content-Type: application/json';
        $options[CURLOPT_POSTFIELDS] = json_encode($data, JSON_THROW_ON_ERROR);
    }
    if (getenv('MICLINIK_CA')) {
        $options[CURLOPT_CAINFO] = getenv('MICLINIK_CA');
    }
    $curl = curl_init($url);
    curl_setopt_array($curl, $options + [CURLOPT_HTTPHEADER => $headers]);
    $body = curl_exec($curl);
    $status = curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
    $type = (string) curl_getinfo($curl, CURLINFO_CONTENT_TYPE);
    if ($body === false) {
        throw new ApiError("$method $path: ".curl_error($curl));
    }
    if ($status === 304) {
        return null;
    }
    if (strpos($type, 'application/json') !== 0) {
        throw new ApiError("$method $path: $status, $type instead of JSON", $status);
    }
    $content = json_decode($body, true, 512, JSON_THROW_ON_ERROR);
    if ($status >= 300 || isset($content['error']['code'])) {
        throw new ApiError("$method $path: $status ".($content['error']['message'] ?? ''), $status);
    }
    return $content;
}

/** A list, which is 404 in older versions when it is empty. */
function listOf(string $path, array $query): array
{
    try {
        return callAPI('GET', $path, $query);
    } catch (ApiError $error) {
        if ($error->getCode() === 404 && strpos($error->getMessage(), '404 Not Found: ') !== false) {
            return [];
        }
        throw $error;
    }
}

/** A value for sqlfilters: quotes in it are not doubled, and what no version can hold is refused. */
function filterValue(string $value): string
{
    if (preg_match('/[()"[:cntrl:]]/', $value)) {
        throw new InvalidArgumentException("sqlfilters cannot hold this value: $value");
    }
    return "'$value'";
}
