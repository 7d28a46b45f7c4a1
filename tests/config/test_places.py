from pathlib import Path

import pytest

from seqcli.config import layer_sources
from seqcli.config.layers import Setting, merge
from seqcli.errors import UsageError

KNOWN = {"hidden", "layers", "dropout", "data"}


def file_layers(given=None, paths=()):
    return layer_sources.file_layers(given, KNOWN, all_settings={*KNOWN, "seeds"}, paths=paths)


@pytest.fixture
def home(tmp_path, monkeypatch):
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setattr(
        layer_sources.platformdirs, "user_config_dir", lambda *_, **__: str(tmp_path / "user")
    )
    (tmp_path / "user").mkdir()
    return tmp_path


def test_without_files_there_are_no_layers(home):
    assert file_layers() == ()


def test_the_projects_file_ranks_above_the_users(home):
    Path("seqcli.yaml").write_text("hidden: 1")
    (home / "user/config.yaml").write_text("hidden: 2\nlayers: 3")
    assert merge(*file_layers()) == {
        "hidden": Setting(1, "seqcli.yaml:1"),
        "layers": Setting(3, f"{home}/user/config.yaml:2"),
    }


def test_a_named_file_stands_in_the_place_of_the_projects(home):
    Path("seqcli.yaml").write_text("hidden: 1\nlayers: 9")
    Path("exp.yaml").write_text("hidden: 5")
    (home / "user/config.yaml").write_text("dropout: 0.5")
    merged = merge(*file_layers(Path("exp.yaml")))
    assert merged == {
        "hidden": Setting(5, "exp.yaml:1"),
        "dropout": Setting(0.5, f"{home}/user/config.yaml:1"),
    }


def test_a_named_file_that_is_missing_is_refused(home):
    with pytest.raises(UsageError, match=r"there is no configuration file none\.yaml"):
        file_layers(Path("none.yaml"))


def test_a_project_file_that_is_no_configuration_is_refused_and_not_passed_over(home):
    Path("seqcli.yaml").write_text("")
    with pytest.raises(UsageError, match=r"seqcli\.yaml:1: no settings"):
        file_layers()
    Path("seqcli.yaml").unlink()
    Path("seqcli.yaml").mkdir()
    with pytest.raises(UsageError, match="is a folder"):
        file_layers()


def test_a_standing_file_may_set_what_another_command_takes_but_not_what_none_knows(home):
    Path("seqcli.yaml").write_text("hidden: 1\nseeds: 3")
    assert merge(*file_layers()) == {"hidden": Setting(1, "seqcli.yaml:1")}
    Path("seqcli.yaml").write_text("hidden: 1\n\nseedz: 3")
    with pytest.raises(UsageError, match=r"^seqcli\.yaml:3: unknown setting seedz; did you mean seeds\?\n"):
        file_layers()


def test_a_named_file_speaks_to_this_command_alone(home):
    Path("exp.yaml").write_text("seeds: 3")
    assert merge(*file_layers(Path("exp.yaml"))) == {"seeds": Setting(3, "exp.yaml:1")}


def test_a_folder_that_may_not_be_looked_into_holds_no_file(home, monkeypatch):
    monkeypatch.setattr(
        layer_sources.platformdirs, "user_config_dir", lambda *_, **__: "/proc/1/root/x" * 500
    )
    assert file_layers() == ()


def test_paths_of_each_file_are_relative_to_it(home):
    (home / "user/config.yaml").write_text("data: x.csv")
    (layer,) = file_layers(paths={"data"})
    assert layer["data"].value == str(home / "user/x.csv")


def test_the_users_file_is_where_the_platform_keeps_configuration(monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", "/somewhere")
    monkeypatch.setattr("sys.platform", "linux")
    assert layer_sources.user_file() == Path("/somewhere/seqcli/config.yaml")


def test_without_a_home_there_is_no_users_file(monkeypatch):
    monkeypatch.setattr(layer_sources.platformdirs, "user_config_dir", lambda *_, **__: "~/.config/seqcli")
    assert layer_sources.user_file() is None
