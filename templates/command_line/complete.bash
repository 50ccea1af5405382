# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# What bash completes after miclinikctl: sites, verbs, options, and what is known of the site.

_miclinikctl() {
    local word about
    COMPREPLY=()
    while IFS=$'\t' read -r word about; do
        COMPREPLY+=("$word")
    done < <(/usr/local/sbin/miclinikctl --complete "$((COMP_CWORD - 1))" "${COMP_WORDS[@]:1}" 2>/dev/null)
}

# Files, where it knows nothing.
complete -o default -F _miclinikctl miclinikctl
