"""Who may do what: access keys, the sign-in, forms from other sites, owners of files.

In: the request's headers and cookies. Out: leave to go on, or an error. Imported by: the rest of web. Start reading in `access.py`.
"""
