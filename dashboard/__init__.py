"""Chorus: how often accounts post, and how they sound. Nothing is imported here, so that the domain loads without Flask."""
