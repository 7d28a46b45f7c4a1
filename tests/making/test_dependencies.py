"""What is installed: each declared dependency is used, each version pinned, each file of CI known by hash."""

import re
import tomllib
from pathlib import Path

import grimp
import pytest

import seqcli

HOUSE = Path(seqcli.__file__).parents[1]
PROJECT = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
MODULES = {"pyyaml": "yaml", "scikit-learn": "sklearn", "pillow": "PIL"}
"""Packages whose module has another name."""


def named(requirement: str) -> str:
    """'import_linter' of 'import-linter>=2.3', spelt alike however it is written."""
    return re.split(r"[<>=!~ \[]", requirement)[0].lower().replace("_", "-").replace(".", "-")


def pinned(file: str) -> dict[str, str]:
    """The version of each package in a file of pip's; of torch without which build it is."""
    lines = (HOUSE / file).read_text(encoding="utf-8").splitlines()
    values = [line.split()[0].split("==") for line in lines if line and not line.startswith("#")]
    return {named(name): version.split("+")[0] for name, version in values}


def test_ci_installs_the_versions_that_everybody_installs():
    assert pinned("requirements.lock") == pinned("constraints.txt")


def test_every_file_of_ci_is_known_by_its_hash_and_no_line_says_where_from():
    lines = (HOUSE / "requirements.lock").read_text(encoding="utf-8").splitlines()
    plain = re.compile(r"[\w.-]+==[\w.+]+( --hash=sha256:[0-9a-f]{64})+|#.*")
    assert [line for line in lines if not plain.fullmatch(line)] == []
    assert "://" not in "".join(lines)


OF_A_CLUSTER = ("slurm", "ray")
"""Extras of the version that a cluster has, which nobody can pin; `make cluster` alone installs them."""


@pytest.mark.parametrize("extra", ["", *sorted(set(PROJECT["optional-dependencies"]) - set(OF_A_CLUSTER))])
def test_every_declared_dependency_is_pinned(extra):
    declared = PROJECT["optional-dependencies"][extra] if extra else PROJECT["dependencies"]
    open_ones = {named(each) for each in declared if "==" not in each}
    assert open_ones - set(pinned("constraints.txt")) == set()


@pytest.mark.parametrize("package", [named(each) for each in PROJECT["dependencies"]])
def test_every_dependency_of_a_plain_installation_is_imported_or_its_data_is_read(package):
    graph = grimp.build_graph("seqcli", cache_dir=None, include_external_packages=True)
    texts = [path.read_text(encoding="utf-8") for path in (HOUSE / "seqcli" / "tasks").glob("*.py")]
    imported = MODULES.get(package, package) in graph.modules
    assert imported or any(f'"{package}"' in text for text in texts)
