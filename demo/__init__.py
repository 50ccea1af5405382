"""What `make demo` prints when the site is up."""
