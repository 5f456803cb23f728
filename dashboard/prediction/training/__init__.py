"""How the built-in classifier is trained, evaluated and described.

In: files of labelled texts. Out: a model file, its metrics and its model card. Imported by: cli only; needs scikit-learn and SciPy.
Start reading in `train.py`.
"""
