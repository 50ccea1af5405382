# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""People log in to sites of a real tree by a directory and by OpenID Connect, in a real browser."""
