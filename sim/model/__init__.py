"""The simulated mission: world, plan, state tables, random streams, the compiled day and its processes."""
