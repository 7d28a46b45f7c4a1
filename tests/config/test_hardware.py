import psutil
import pytest

from seqcli.config.hardware import LIMITS, free_memory, memory_limit, numerics, peak_memory, processor_name

MACHINE = psutil.virtual_memory().total


@pytest.fixture
def grouped(tmp_path):
    """A tree of control groups, and the file that says in which of them this process is."""

    def make(membership, **files):
        mine = tmp_path / "mine"
        mine.write_text(membership)
        for path, content in files.items():
            place = tmp_path / "groups" / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(content)
        return tmp_path / "groups", mine

    return make


def test_without_groups_the_machine_is_the_limit(tmp_path):
    nowhere = (tmp_path / "none", tmp_path / "neither")
    assert memory_limit(*nowhere) == MACHINE
    assert 0 < free_memory(*nowhere) <= MACHINE


@pytest.mark.parametrize("unlimited", ["max\n", str(2**63 - 4096)])
def test_a_group_without_a_limit_limits_nothing(grouped, unlimited):
    files = {"memory.max": unlimited, "memory.current": "1000"}
    assert memory_limit(*grouped("0::/\n", **files)) == MACHINE


def test_the_least_limit_of_the_groups_from_the_outermost_counts(grouped):
    files = {
        "a/memory.max": "3000000", "a/memory.current": "2500000",
        "a/b/memory.max": "max", "a/b/memory.current": "1",
        "other/memory.max": "5", "other/memory.current": "5",
    }  # fmt: skip
    place = grouped("0::/a/b\n", **files)
    assert memory_limit(*place) == 3_000_000
    assert free_memory(*place) == 500_000


def test_the_first_version_of_groups_is_read_too_and_files_kept_in_memory_count_as_free(grouped):
    files = {
        "memory/job/memory.limit_in_bytes": "1000000",
        "memory/job/memory.usage_in_bytes": "900000",
        "memory/job/memory.stat": "inactive_file 1\ntotal_inactive_file 300000\n",
    }
    place = grouped("9:name=systemd:/\n4:memory:/job\n0::/\n", **files)
    assert memory_limit(*place) == 1_000_000
    assert free_memory(*place) == 400_000


def test_inside_a_container_the_root_of_the_tree_is_the_own_group_whatever_its_path_is_called(grouped):
    files = {"memory/memory.limit_in_bytes": "70", "memory/memory.usage_in_bytes": "20"}
    assert free_memory(*grouped("4:memory:/docker/0123\n", **files)) == 50


def test_a_process_has_used_memory():
    assert 1_000_000 < peak_memory() <= MACHINE


INTEL = """processor\t: 0
vendor_id\t: GenuineIntel
model name\t: Intel(R) Xeon(R)
flags\t\t: fpu sse2 avx avx2 fma avx512f avx512_bf16 amx_tile hypervisor

processor\t: 1
flags\t\t: nothing
"""


def test_the_maker_and_the_vector_instructions_decide_and_nothing_else(monkeypatch):
    for name in LIMITS:
        monkeypatch.delenv(name, raising=False)
    result = numerics(INTEL)
    assert result.split()[1:] == ["GenuineIntel", "amx_tile", "avx", "avx2", "avx512_bf16", "avx512f", "fma"]
    assert numerics(INTEL.replace("hypervisor", "smap")) == result
    assert numerics(INTEL.replace(" avx512f", "")) != result
    assert numerics(INTEL.replace("GenuineIntel", "AuthenticAMD")) != result


def test_a_library_held_to_fewer_instructions_is_another_processor(monkeypatch):
    for name in LIMITS:
        monkeypatch.delenv(name, raising=False)
    free = numerics(INTEL)
    for name in LIMITS:
        monkeypatch.setenv(name, "AVX2")
        assert numerics(INTEL) == f"{free} {name}=avx2"
        monkeypatch.delenv(name)


def test_a_machine_without_cpuinfo_still_has_a_name(monkeypatch):
    assert numerics("")
    assert processor_name()
