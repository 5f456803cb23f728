"""Keys in the WSGI environ by which one part of web leaves something for another that doesn't import it. Nothing else belongs here."""

ACCESS_KEY_NAME = "chorus.access_key_name"  # the name of the access key that the request used, for the request log
