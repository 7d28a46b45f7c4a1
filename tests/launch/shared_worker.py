"""A worker on a store that knows the odd jobs, as a process of its own: STORE LOST_AFTER."""

import sys
from pathlib import Path

from seqcli.launch.local import LocalWorkers
from seqcli.launch.shared import SharedWorkers
from seqcli.launch.shared_store import SharedStore

odd = (sys.executable, str(Path(__file__).parent / "odd_worker.py"))
store = SharedStore.open(Path(sys.argv[1]), lost_after=float(sys.argv[2]), make=False)
for _ in SharedWorkers(store, LocalWorkers(1, command=odd)).serve(lambda: False, idle=1.0):
    pass
