"""The built-in model for languages other than English as it is served: its tokenizer, its tables, and a classifier per language.

In: texts and their language. Out: probabilities of negative, neutral and positive. It needs NumPy and its model file only.
Imported by: prediction.serving and prediction.training. What all classifiers compute is in prediction.classifier.
Start reading in `model.py`.
"""
