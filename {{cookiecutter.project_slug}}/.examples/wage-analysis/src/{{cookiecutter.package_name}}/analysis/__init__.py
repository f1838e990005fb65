"""One question per module: preprocessed wages go in, a frozen result comes out.

An analysis takes the whole frame, or a `Selection` of it, whose question then holds. Where groups
overlap, have fewer than two values or do not vary, it raises a ProjectError that names it.
"""
