"""The same for every test wherever it runs: one thread of linear algebra a process, and plain output."""

import os

# Read when numpy is imported, also by the processes that tests start. On shared cores, threads that wait for each other
# make some tests a hundred times as long.
os.environ.setdefault("OMP_NUM_THREADS", "1")
for asked in ("FORCE_COLOR", "TTY_COMPATIBLE"):  # which a terminal or a service may set, and rich obeys
    os.environ.pop(asked, None)
