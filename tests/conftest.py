"""One thread of linear algebra a process: threads of two processes on two cores wait for each other."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when numpy is imported, also by the processes that tests start
