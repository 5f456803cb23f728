"""The mounted model, whatever its format, behind one protocol: loaded once, checked and monitored.

In: a model file. Out: a `Model`. Imported by: app and web. Only this package and training import scikit-learn.
Start reading in `loader.py`.
"""
