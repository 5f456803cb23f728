"""The shared vocabulary of all packages."""
