"""How a world is drawn: the map, comparisons and courses over time, as Matplotlib figures.

Only this room imports Matplotlib, and only its object-oriented interface: a figure belongs to whoever asked for it, so
that pages of several visitors can be drawn in several threads.
"""
