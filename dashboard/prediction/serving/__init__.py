"""Whatever model is mounted, behind one protocol: loaded once, checked, observed.

In: a model file. Out: a `Model`. Imported by: app and web. Only here and in training is scikit-learn imported.
Start reading in `loader.py`.
"""
