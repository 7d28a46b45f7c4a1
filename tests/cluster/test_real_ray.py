"""`--on ray` with a real Ray: one that is started for the command, and two nodes of which one is killed."""

import subprocess
import sys

import pytest
from cluster.conftest import facts
from cluster.loopback_slurm import free_ports

pytest.importorskip("ray")
pytestmark = [pytest.mark.cluster, pytest.mark.filterwarnings("default")]


def run(*line, code=0, **options):
    ended = subprocess.run(
        [sys.executable, "-P", "-m", "seqcli", *map(str, line)],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
        **options,
    )
    assert ended.returncode == code, ended.stderr
    return ended.stdout, ended.stderr


@pytest.fixture(scope="module")
def two_nodes():
    """A head of one processor and a second node of one."""
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    second = cluster.add_node(num_cpus=1)
    cluster.wait_for_nodes()  # on a busy machine a node takes its time to tell that it is there
    try:
        yield cluster, second
    finally:
        cluster.shutdown()


def test_a_node_that_is_killed_in_the_middle_costs_time_alone(two_nodes, line, monkeypatch, tmp_path):
    alone, _ = run(*line, "--seeds", "3")
    cluster, second = two_nodes
    monkeypatch.setenv("RAY_ADDRESS", cluster.address)
    monkeypatch.setenv("SEQCLI_CACHE_DIR", str(tmp_path / "nothing yet"))
    command = [sys.executable, "-P", "-m", "seqcli", *line, "--seeds", "3", "--on", "ray", "-v"]
    values = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        for words in process.stderr:
            values.append(words)
            if words.startswith("runs 1/6"):
                cluster.remove_node(second, allow_graceful=False)
        out = process.stdout.read()
    assert process.returncode == 0, "".join(values)
    assert any("Ray" in words and "nodes 2" in words for words in values), "".join(values)
    assert facts(out) == facts(alone)


def test_a_ray_of_its_own_with_a_store_and_without_gives_one_machines_result(line, tmp_path, monkeypatch):
    alone, _ = run(*line)
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setenv("SEQCLI_CACHE_DIR", str(tmp_path / "nothing yet"))
    by_bytes, result = run(*line, "--on", "ray", "--jobs", "2", "-v")
    by_store, told_of_store = run(*line, "--on", "ray", "--jobs", "2", "-v", "--store", tmp_path / "store")
    assert "from an earlier run" not in result + told_of_store
    assert facts(by_bytes) == facts(alone)
    assert facts(by_store) == facts(alone)


@pytest.fixture(scope="module")
def client_port():
    """The port of a head for Ray's client, which speaks gRPC and is no node itself."""
    pytest.importorskip("grpc")
    (port,) = free_ports(1)
    from ray.cluster_utils import Cluster

    arguments = {"num_cpus": 2, "include_dashboard": False, "ray_client_server_port": port}
    cluster = Cluster(initialize_head=True, head_node_args=arguments)
    yield port
    cluster.shutdown()


def test_an_address_of_rays_client_gives_one_machines_result(client_port, line, tmp_path, monkeypatch):
    alone, _ = run(*line)
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setenv("SEQCLI_CACHE_DIR", str(tmp_path / "nothing yet"))
    far, result = run(*line, "--on", f"ray://127.0.0.1:{client_port}", "-v")
    assert "nodes 1" in result
    assert "from an earlier run" not in result
    assert facts(far) == facts(alone)


def test_a_cluster_that_is_not_there_is_ten(line, tmp_path, monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")
    monkeypatch.setenv("SEQCLI_CACHE_DIR", str(tmp_path / "nothing yet"))
    _, result = run(*line, "--on", "ray", code=10)
    assert "no Ray answers at 127.0.0.1:1" in result
