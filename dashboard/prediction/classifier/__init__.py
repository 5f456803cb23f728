"""The built-in classifier as it is served: tokens, features, a small convolutional network and calibrated probabilities.

In: texts. Out: probabilities of negative, neutral and positive. NumPy only. Imported by: app, cli, prediction.training.
Start reading in `classifier.py`.
"""
