"""What templates show, worked out before they are rendered: forms, prices, previews, explanations.

In: queries, reports, predictions. Out: plain values for templates. Imported by: views, errors and streaming. Start reading in `form.py`.
"""
