"""Test hosts: systemd Debian machines in containers, made from Debian's own packages and reached over SSH.

``python3 -m testhost up NAME`` starts one; see ``python3 -m testhost --help``. Standard library only, so that it runs
before anything is installed.
"""
