# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a site of ours is worth beside the usual set-up, in ratios of one run: `make bench`, see docs/performance.md."""
