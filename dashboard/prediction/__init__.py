"""What reads whole posts: the classifier, models of other people, the payloads of `/predict`, training and evaluation. No HTTP."""
