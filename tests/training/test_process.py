import platform
import subprocess
import sys

import pytest

from seqcli.training.process import settle_process

FREED = """
import resource, torch
from seqcli.training.process import settle_process

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        kept = [torch.ones(2**20) for _ in range(5)]
        del kept
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

before = faults()
settle_process(1)
faults()
print(torch.get_num_threads(), faults() / before < 0.1)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another allocator")
def test_memory_that_a_step_freed_serves_the_next_one_without_page_faults() -> None:
    stdout = subprocess.run([sys.executable, "-c", FREED], check=True, capture_output=True, text=True).stdout
    assert stdout.split() == ["1", "True"]


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "libc_ver", lambda: ("", ""))
    monkeypatch.setattr("ctypes.CDLL", lambda _: pytest.fail("not to be touched"))
    settle_process(1)
