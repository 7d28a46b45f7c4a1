"""What a worker inherits: this process's environment, with every pool of threads held to its own number."""

import json
import os
import subprocess
import sys

from seqcli.launch.local import worker_environment

POOLS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def test_every_pool_of_a_worker_has_the_threads_that_were_asked_for(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.setenv("SEQCLI_OTHER", "kept")
    result = worker_environment(3)
    assert [result[pool] for pool in POOLS] == ["3"] * 4
    assert (result["SEQCLI_OTHER"], result["TOKENIZERS_PARALLELISM"]) == ("kept", "false")
    assert os.environ["OMP_NUM_THREADS"] == "7"


def test_torch_in_a_worker_computes_with_as_many():
    program = "import torch, json; print(json.dumps(torch.get_num_threads()))"
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env=worker_environment(2),
        capture_output=True,
        check=True,
        text=True,
    )
    assert json.loads(ran.stdout) == 2
