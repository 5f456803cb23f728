"""The built-in classifier as it is served: tokens, features, a linear model, a small convolutional network and calibration.

In: texts. Out: probabilities of negative, neutral and positive. It needs NumPy and its model file only; training has its own package.
Imported by: app, cli, prediction.serving and prediction.training.
Start reading in `classifier.py`.
"""
