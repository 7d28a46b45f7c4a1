from seqcli.config.processor import LIMITS, model_name, numerics

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
    told = numerics(INTEL)
    assert told.split()[1:] == ["GenuineIntel", "amx_tile", "avx", "avx2", "avx512_bf16", "avx512f", "fma"]
    assert numerics(INTEL.replace("hypervisor", "smap")) == told
    assert numerics(INTEL.replace(" avx512f", "")) != told
    assert numerics(INTEL.replace("GenuineIntel", "AuthenticAMD")) != told


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
    assert model_name()
