#compdef miclinikctl
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# What zsh completes after miclinikctl: sites, verbs, options, and what is known of the site.

_miclinikctl() {
    local word about
    local -a found
    while IFS=$'\t' read -r word about; do
        found+=("${word//:/\\:}${about:+:$about}")
    done < <(/usr/local/sbin/miclinikctl --complete "$((CURRENT - 2))" "${(@)words[2,-1]}" 2>/dev/null)
    if (( $#found )); then
        _describe -V miclinikctl found
    else
        # Files, where it knows nothing.
        _files
    fi
}

_miclinikctl "$@"
