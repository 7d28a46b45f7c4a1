import os
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seqcli.config.layers import Setting, validate
from seqcli.config.names import Name
from seqcli.config.settings import PositiveFloat, PositiveInt, Settings
from seqcli.config.yaml_file import LARGEST, load, parse_settings
from seqcli.errors import UsageError


class ReadSettings(Settings):
    hidden: PositiveInt = 128
    learning_rate: PositiveFloat = 1e-3
    bidirectional: bool = False
    name: Name = "x"
    seeds: tuple[PositiveInt, ...] = (1,)


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(content):
        data = content if isinstance(content, bytes) else content.encode()
        Path("exp.yaml").write_bytes(data)
        return Path("exp.yaml")

    return write


def values(text):
    return {key: setting.value for key, setting in parse_settings(text, str).items()}


def test_every_setting_remembers_its_line(write):
    layer = load(write("# head\nhidden: 64\n\nseeds:\n  - 1\n  - 2\ntask:\n  length: 7\n"))
    assert layer == {
        "hidden": Setting(64, "exp.yaml:2"),
        "seeds": Setting((1, 2), "exp.yaml:4"),
        "task.length": Setting(7, "exp.yaml:8"),
    }


def test_a_group_is_flattened_and_its_name_is_the_setting_itself():
    assert values("task: {name: adding, length: 100}") == {"task": "adding", "task.length": 100}
    assert values("task: sentiment") == {"task": "sentiment"}
    assert values("task.length: 100\ntask: adding") == {"task.length": 100, "task": "adding"}


def test_a_hyphen_in_a_name_is_an_underscore():
    assert values("learning-rate: 1e-3") == {"learning_rate": 0.001}


def test_values_are_typed_by_the_words_that_everyone_reads_alike():
    words = ["1", "1.5", "true", "null", '"1"', "no", "012", "12:30", "1e-3", "2020-01-01", "'true'"]
    expected = (1, 1.5, True, None, "1", "no", "012", "12:30", 0.001, "2020-01-01", "true")
    assert values("a:\n" + "\n".join(f"- {word}" for word in words)) == {"a": expected}
    assert [values(f"a: {word}")["a"] for word in words] == list(expected)
    assert values("a: |\n  two\n  1\nb: >\n  3\n") == {"a": "two\n1\n", "b": "3\n"}


@pytest.mark.parametrize("word", ["no", "on", "yes", "off", "NO", "Yes"])
def test_the_words_of_yaml_1_1_are_names_and_never_booleans(word):
    assert validate(ReadSettings, parse_settings(f"name: {word}", str)).name == word
    with pytest.raises(UsageError, match="write true or false"):
        validate(ReadSettings, parse_settings(f"bidirectional: {word}", str))


def test_an_exponent_is_a_number_quoted_or_not():
    assert validate(ReadSettings, parse_settings("learning_rate: 1e-4", str)).learning_rate == 1e-4
    assert validate(ReadSettings, parse_settings("learning_rate: '1e-4'", str)).learning_rate == 1e-4


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("hidden: 012", 1, "write 12"),
        ("\nhidden: 12:30", 2, "base 60"),
        ("hidden: true", 1, "got true"),
        ("hidden: 1.0", 1, "got 1.0"),
        ("hidden: [1]", 1, "got [1]"),
        ("hidden:", 1, "got nothing"),
        ("learning_rate: .nan", 1, "got '.nan'"),
        ("learning_rate: .inf", 1, "got '.inf'"),
        ("learning_rate: nan", 1, "got 'nan'"),
        ("learning_rate: 1e999", 1, "got '1e999'"),
        ("name: 2020", 1, 'put it in quotes: "2020"'),
        ("name: ../up", 1, "without '/'"),
        ('name: "a\\e[31m"', 1, "got 'a\\x1b[31m'"),
        ("a: &x {hidden: 1}", 1, "unknown setting a.hidden"),
        ("<<: {hidden: 1}", 1, "unknown setting '<<.hidden'"),
        ("hiden: 3", 1, "did you mean hidden?"),
        ("seeds: [1, yes]", 1, "item 2 must be a whole number"),
    ],
)
def test_a_value_of_the_wrong_kind_names_file_line_and_what_to_write(write, text, line, said):
    with pytest.raises(UsageError) as caught:
        validate(ReadSettings, load(write(text)))
    assert caught.value.message.startswith(f"exp.yaml:{line}: ")
    assert said in caught.value.message


def billion_laughs():
    rows = ["a0: &a0 [lol, lol]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    return "\n".join(rows)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "empty"),
        ("# only a comment\n", 1, "empty"),
        ("---\n", 1, "empty"),
        ("null", 1, "empty"),
        ("- hidden\n- 3", 1, "a list where settings belong"),
        ("\n[a, b]", 2, "a list where settings belong"),
        ("hidden", 1, "a single value"),
        ("hidden: 1\n\nhidden: 2", 3, "hidden is given twice, first at exp.yaml:1"),
        ("learning-rate: 1\nlearning_rate: 2", 2, "learning_rate is given twice"),
        ("task: {name: a}\ntask: b", 2, "task is given twice"),
        ("task: {length: 1}\ntask.length: 2", 2, "task.length is given twice"),
        ("a:\n\tb: 1", 2, "a tab"),
        ("\ta: 1", 1, "a tab"),
        (billion_laughs(), 2, "the alias *a0"),
        ("hidden: *x", 1, "the alias *x"),
        ("data: *.csv", 1, "anchors"),
        ("a: !!python/object/apply:os.system ['true']", 1, "the tag"),
        ("a: !!python/name:os.system", 1, "the tag"),
        ("!!python/object:x {a: 1}", 1, "the tag"),
        ("a: !!int '3'", 1, "the tag"),
        ("a: ! b", 1, "the tag"),
        ("1: x", 1, "a setting's name is text, got 1"),
        ("true: x", 1, "a setting's name is text, got true"),
        ("? [a]\n: x", 1, "a list or group where a setting's name belongs"),
        ("? {a: 1}\n: x", 1, "a list or group where a setting's name belongs"),
        ("~: x", 1, "got nothing"),
        ("?\n: x", 1, "got nothing"),
        ('"": x', 1, "a setting's name"),
        ("a: 1\n---\nb: 2", 2, "a second document"),
        ("a: {}", 1, "a group without settings"),
        ("a: [[1]]", 1, "a list or group inside a list"),
        ("a:\n  - b: 1", 2, "a list or group inside a list"),
        ("a: " + "{a: " * 500, 1, "more than 8 groups"),
        ("[" * 5000, 1, "a list where settings belong"),
        ("a: " + "[" * 5000, 1, "a list or group inside a list"),
        ("a: b: c", 1, "a ':' where no setting can begin"),
        ("a: 1\n  b: 2", 2, "a ':' where no setting can begin"),
        ("a: 1\nb\n", 2, "not of the form 'name: value'"),
        ("a: 1\nb: 'x\nc: 3", 2, "a quote is never closed"),
        ("a: 1\nb: [1, 2\nc: 3", 2, "not closed"),
        ("a: [1, 2}", 1, "not closed"),
        ("- a\nb: 1", 1, "a list where settings belong"),
        ("b: 1\n- a", 2, "does not fit the lines above"),
        ("a: @x", 1, "a value cannot begin with this sign"),
        ("a: ]", 1, "no value can begin here"),
        ("a: - b", 1, "a list's '-'"),
        ('a: "C:\\data"', 1, "not an escape"),
        ('a: "\\xZZ"', 1, "not an escape"),
        ('a: "\\UFFFFFFFF"', 1, "an escape that names no character"),
        ('a: 1\nb: "\\ud800"', 2, "half of a surrogate pair"),
        ("%YAML 9.9\n---\na: 1", 1, "not YAML"),
        ("a: 1\nb: x\x00y", 2, "the control character U+0000"),
        ("a: \x1b[31m", 1, "the control character U+001B"),
        ("a: \x9b31m", 1, "the control character U+009B"),
    ],
)
def test_what_is_no_configuration_names_file_line_and_fault(write, text, line, said):
    with pytest.raises(UsageError) as caught:
        load(write(text))
    assert caught.value.exit_code == 2
    assert caught.value.message.startswith(f"exp.yaml:{line}: ")
    assert said in caught.value.message
    assert caught.value.message.isprintable()


def test_a_pair_of_escapes_as_json_writes_an_emoji_is_one_character():
    assert values('a: "\\ud83d\\ude00"') == {"a": "😀"}


def test_a_byte_order_mark_is_no_content(write):
    assert load(write(b"\xef\xbb\xbfhidden: 1"))["hidden"].value == 1


def test_windows_line_ends_count_as_one_line(write):
    assert load(write("a: 1\r\nb: 2\r\n"))["b"].origin == "exp.yaml:2"


def test_any_script_is_read_as_it_is_written(write):
    assert load(write("label: 긍정\nnote: 电影 🎬"))["note"].value == "电影 🎬"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a: 1\nb: caf\xe9\n", "exp.yaml:2: the byte 0xE9 is not UTF-8"),
        ("a: 1".encode("utf-16"), "exp.yaml:1: the file is UTF-16"),
        (b"\x80PNG", "exp.yaml:1: the byte 0x80"),
        (b"a: " + b"x" * LARGEST, "larger than 100,000 bytes"),
    ],
)
def test_a_file_of_other_bytes_is_refused(write, content, said):
    with pytest.raises(UsageError, match=said):
        load(write(content))


def test_a_missing_file_a_folder_a_pipe_and_a_device_are_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    cases = {
        tmp_path / "none.yaml": "there is no configuration file",
        tmp_path: "is a folder",
        tmp_path / "pipe": "is a pipe or device",
        Path("/dev/zero"): "is a pipe or device",
        tmp_path / ("x" * 300): "cannot be read",
        Path("a\x00b"): "cannot be read",
    }
    for path, case in cases.items():
        with pytest.raises(UsageError, match=case):
            load(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_refused(write):
    path = write("a: 1")
    path.chmod(0)
    with pytest.raises(UsageError, match="cannot be read: Permission denied"):
        load(path)


def test_paths_are_relative_to_the_file_that_names_them(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", "/home/ada")
    file = tmp_path / "exp.yaml"
    file.write_text(
        "data: x.csv\ntrain: /d/t.csv\ntest: ~/t.csv\nextra: [a, ../b]\nname: x.csv\nrun: a::b\nout:\n"
    )
    layer = load(file, paths={"data", "train", "test", "extra", "out", "run"})
    assert {key: setting.value for key, setting in layer.items()} == {
        "data": str(tmp_path / "x.csv"),
        "train": "/d/t.csv",
        "test": "/home/ada/t.csv",
        "extra": (str(tmp_path / "a"), str(tmp_path / "../b")),
        "name": "x.csv",
        "run": str(tmp_path / "a::b"),
        "out": None,
    }


def test_each_path_of_a_location_is_relative_to_the_file_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    file = Path("sub/exp.yaml")
    file.write_text("data: t.de::t.en\ntrain: a/x.de::b/x.en\nvalid: hf:imdb\ntest: hf:./saved\n")
    layer = load(file, locations={"data", "train", "valid", "test"})
    assert {key: setting.value for key, setting in layer.items()} == {
        "data": "sub/t.de::sub/t.en",
        "train": "sub/a/x.de::sub/b/x.en",
        "valid": "hf:imdb",
        "test": "hf:./sub/saved",
    }


def test_the_home_of_nobody_is_a_files_name(tmp_path):
    file = tmp_path / "exp.yaml"
    file.write_text("data: ~no-such-user-here/x.csv")
    assert load(file, paths={"data"})["data"].value == str(tmp_path / "~no-such-user-here/x.csv")


def test_no_yaml_constructor_ever_runs(monkeypatch):
    for loader in (yaml.SafeLoader, yaml.Loader, yaml.FullLoader, yaml.UnsafeLoader):
        monkeypatch.setattr(loader, "construct_object", lambda *_: pytest.fail("constructed"))
    assert values("a: [1, 2]\nb: {c: x}") == {"a": (1, 2), "b.c": "x"}


def fault_of(call):
    try:
        call()
    except UsageError as refused:
        return refused.message
    return None


PIECES = st.sampled_from(
    [
        *("hidden", "seeds", "name", "a", "1", "012", "1e-3", "no", "true", "~", ".nan", "<<", "é", "한"),
        *(
            ": ",
            ":",
            "\n",
            "  ",
            "- ",
            "[",
            "]",
            "{",
            "}",
            ",",
            "'",
            '"',
            "\\",
            "#",
            "&a",
            "*a",
            "!!",
            "!",
            "|",
            ">",
        ),
        *("?", "%YAML", "---", "...", "\t", "\x00", "\x1b", "\ufeff", "\u2028", "\\ud800", "\\U", "."),
    ]
)


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.binary(max_size=200)
    | st.lists(PIECES, max_size=30).map(lambda pieces: "".join(pieces).encode())
)
def test_any_bytes_make_settings_or_a_usage_error_of_one_file(tmp_path, content):
    file = tmp_path / "exp.yaml"
    file.write_bytes(content)
    fault = fault_of(lambda: validate(ReadSettings, load(file, paths={"name"})))
    assert fault is None or fault.startswith(f"{file}:")
    assert fault is None or fault.replace("\n", "").isprintable()


def is_a_number(text: str) -> bool:
    """PyYAML leaves '1e-3' unquoted: to YAML 1.1 it is a word, to seqcli the number that its writer meant."""
    try:
        float(text)
    except ValueError:
        return False
    return True


ORDINARY = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**62), 2**62), st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x85\u2028\u2029"), max_size=30)
    .filter(lambda text: not is_a_number(text)),
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.from_regex(r"[a-m]{1,8}", fullmatch=True), ORDINARY | st.lists(ORDINARY, max_size=3), min_size=1
    )
)
def test_what_pyyaml_writes_is_read_back_as_it_was(mapping):
    expected = {key: tuple(value) if isinstance(value, list) else value for key, value in mapping.items()}
    assert values(yaml.safe_dump(mapping, allow_unicode=True)) == expected
    assert values(yaml.safe_dump(mapping, default_flow_style=True)) == expected
