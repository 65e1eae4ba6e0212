"""The same model written the textbook way: one Python object per agent, with plain numbers as attributes.

It is the oracle of ``tests/test_twin.py``, never a second engine. It shares with the compiled model the scalar rules
and the keyed draws, and nothing else: none of its phases, and none of its tables while it runs. It runs in a process
of its own with Numba switched off (``python -m plain_mesa.run``), because ``rule.py_func`` would still call compiled
callees.

Objects refer to each other (a band knows its villages, an event its parent). Where a table of the compiled model holds
the number of a row, the object has the attribute ``number``; draws are keyed by the permanent ``id``.
"""
