"""Chorus: how often accounts post, and how they sound. Nothing is imported here, so that the domain loads without Flask.

`__version__` is the only place where the version is written; setup.cfg reads it from here.
"""

__version__ = "0.1.0"
