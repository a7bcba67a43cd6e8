"""One small task in several frameworks: agents walk at random over a torus and count whom they meet, day by day.

Each file does it as that framework's own documentation would, and needs that framework alone.  A day: every agent steps
to one of the eight cells around it, chosen at random; then each counts the other agents in its cell.
"""
