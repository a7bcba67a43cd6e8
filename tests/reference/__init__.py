"""The model as a readable Mesa model in plain Python: the executable specification.

Every rule of ``docs/odd.md`` stands here once more, on agents with attributes, without arrays or compilation, and
draws the same keyed random numbers.  So this model and the compiled one give the same history, event by event; where
they differ one of them is wrong.  ``processes`` has one file a process, to be read beside the section of the same name;
``agents.py`` says who acts, ``model.py`` in which order.

``python -m tests.reference`` runs both and compares them.
"""
