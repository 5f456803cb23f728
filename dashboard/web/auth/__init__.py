"""Decides who may do what: access keys, sign-in, protection against forms from other sites, and owners of files.

In: the request's headers and cookies. Out: permission, or an error. Imported by: the rest of web. Start reading in `access.py`.
"""
