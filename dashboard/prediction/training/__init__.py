"""Training, evaluating and describing the built-in classifier.

In: files of labelled texts, lexicons and word vectors. Out: a model file, its metrics and its model card. It needs scikit-learn and SciPy,
so nothing that serves requests may import it. Imported by: cli and reports.
Start reading in `train.py`.
"""
