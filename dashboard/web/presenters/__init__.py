"""Prepares what templates show: forms, costs, previews, explanations.

In: queries, reports, predictions. Out: plain values for templates. Imported by: views, errors and streaming.
Start reading in `question_form.py`.
"""
