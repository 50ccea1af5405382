#!/bin/bash
# What the other examples source: api METHOD PATH [curl's options]. Needs curl (7.76 or newer) and jq.
# MICLINIK_BASE_URL and MICLINIK_API_KEY say where and who; MICLINIK_CA may name a file of authorities.
set -euo pipefail

here='^http://(localhost|127\.0\.0\.1)(:|/|$)'
if [[ "$MICLINIK_BASE_URL" != https://* && ! "$MICLINIK_BASE_URL" =~ $here && "${MICLINIK_ALLOW_HTTP:-}" != yes ]]; then
  echo "$MICLINIK_BASE_URL would send the key in the clear: use https://, or set MICLINIK_ALLOW_HTTP=yes" >&2
  exit 2
fi

api() {
  local method="$1" path="$2"
  shift 2
  # The key comes by a file descriptor: an argument could be read in the list of processes. GET alone is tried again.
  # An error of the application's comes as JSON: it is printed, and the exit status is not 0.
  local retry=()
  [[ "$method" == GET ]] && retry=(--retry 2 --retry-max-time 60)
  curl --silent --show-error --fail-with-body --connect-timeout 5 --max-time 60 "${retry[@]}" \
    ${MICLINIK_CA:+--cacert "$MICLINIK_CA"} --proto '=http,https' --request "$method" \
    --header @<(printf 'DOLAPIKEY: %s\n' "$MICLINIK_API_KEY") --header 'Accept: application/json' \
    "$@" "${MICLINIK_BASE_URL%/}/api/index.php/$path"
}

# send METHOD PATH JSON: a body is JSON, and says so; without the header the application takes it for a form.
send() { api "$1" "$2" --header 'Content-Type: application/json' --data-binary "$3"; }

# A list that is empty is 404 in older versions: nothing, and no failure.
list() {
  local answer
  if answer="$(api GET "$@" --get)"; then
    printf '%s\n' "$answer"
  elif jq --exit-status '.error | .code == 404 and (.message | test("^Not Found: "))' <<<"$answer" >/dev/null 2>&1; then
    echo '[]'
  else
    printf '%s\n' "$answer" >&2
    return 1
  fi
}

# A value for sqlfilters, between its quotes: quotes in it are not doubled, and what no version can hold is refused.
value() {
  if [[ "$1" == *[\(\)\"]* || "$1" == *[[:cntrl:]]* ]]; then
    printf 'sqlfilters cannot hold this value: %q\n' "$1" >&2
    return 1
  fi
  printf "'%s'" "$1"
}
