"""The rules, one file a process, in the order of the day.

Each file has the function of the process and, where agents act in it, what they do, as a class that these agents
inherit.  The text is that of the section of the same name in ``docs/odd.md``.
"""
