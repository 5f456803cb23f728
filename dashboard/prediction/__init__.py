"""Models that classify whole posts: the built-in classifier, mounted models, the payloads of `/predict`, training and evaluation."""
