"""Everything that reads what somebody else may have written, fed with what no author would write.

``python -m tools.fuzz`` runs the recorded campaign (needs atheris); tests run some thousands of inputs without it.
"""
