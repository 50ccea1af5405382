# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Faults that nobody listed, drawn by seed from what is on a host: is the doctor right, and do its mends mend?"""
