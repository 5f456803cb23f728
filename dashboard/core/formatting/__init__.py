"""How numbers, dates, lists, plurals and quotations are written in sentences, tables and tooltips; decided here and nowhere else.

In: plain values. Out: text. Whole sentences belong to the modules that build them, and nothing here knows about queries, charts or posts.
Imported by: everything. Start reading in `numbers.py`.
"""
