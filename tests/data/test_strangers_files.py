"""Files as other programs leave them: read as they were meant, or refused with the place and the way out."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from seqcli.data import data_words
from seqcli.data.cache import Cache
from seqcli.data.columns import check_columns
from seqcli.data.config import DataConfig
from seqcli.data.prepared import Prepared, prepare
from seqcli.data.tables import read_table
from seqcli.data.task import choose_task
from seqcli.errors import DataError, UsageError

Make = Callable[..., Prepared]
Write = Callable[[str, str], str]
TEXTS = [f"word{i} other" for i in range(20)]


def _rows(location: str, wanted: tuple[str, ...], **options: object) -> list[tuple[object, ...]]:
    config = DataConfig.model_validate(options)
    return [cells for _, cells in read_table(location, config).read(wanted)]


def test_a_carriage_return_alone_does_not_shift_aligned_lines(written: Write) -> None:
    source = "".join(f"s{i}\n" if i != 9 else "s\r9\n" for i in range(60))
    target = "".join(f"t{i}\r\n" if i != 49 else "t\r49\r\n" for i in range(60))
    location = f"{written('a.txt', source)}::{written('b.txt', target)}"
    read = _rows(location, ("source", "target"))
    assert len(read) == 60
    assert (read[9], read[49], read[59]) == (("s\r9", "t9"), ("s49", "t\r49"), ("s59", "t59"))


def test_a_carriage_return_alone_in_an_unquoted_field_names_its_place(written: Write) -> None:
    with pytest.raises(DataError, match=r"row 3.* character 2 of line 3 is a carriage return") as caught:
        _rows(written("x.csv", "text,label\na,1\nb\rc,1\n"), ("text", "label"))
    assert "tr '\\r' '\\n'" in str(caught.value.hint)


def test_the_columns_of_json_lines_are_the_keys_of_all_lines(written: Write) -> None:
    content = '{"text": "a", "lang": "en"}\n{"text": "b", "lang": "en", "label": "x"}\n'
    assert read_table(written("x.jsonl", content), DataConfig()).columns == ("text", "lang", "label")


def test_rows_without_a_label_are_counted_all_at_once(written: Write, make: Make) -> None:
    lines = [f'{{"text": "{text}", "label": {i % 2}}}\n' for i, text in enumerate(TEXTS)]
    location = written("x.jsonl", '{"text": "first"}\n' + "".join(lines) + '{"text": "z", "label": null}\n')
    with pytest.raises(DataError, match=r"2 of 22 rows have no label") as caught:
        make(data=location)
    assert "--missing-labels drop" in str(caught.value.hint)
    prepared = make(data=location, missing_labels="drop")
    assert prepared.facts.examples == 20
    assert any("2 of 22 rows" in warning and "no label" in warning for warning in prepared.facts.warnings)


def test_a_character_tokenizer_tells_apart_what_differs_in_letter_case(written: Write, make: Make) -> None:
    rows = "".join(f"{text.upper()},exon\n{text},repeat\n" for text in TEXTS)
    location = written("x.csv", "text,label\n" + rows)
    assert make(data=location, tokenizer="char").facts.examples == 40
    with pytest.raises(DataError, match=r"all 20 different texts .* 'exon'; 20 rows repeat") as caught:
        make(data=location)
    assert "--no-lowercase" in str(caught.value.hint)
    assert make(data=location, lowercase=False).facts.examples == 40


def test_a_first_row_that_looks_like_data_is_said_and_can_be_read_as_data(written: Write, make: Make) -> None:
    lines = "".join(f"Word {i}.\tWort {i}.\tCC-BY {i}\n" for i in range(20))
    location = written("deu.tsv", lines)
    with pytest.raises(DataError, match="cannot tell which column") as caught:
        make(data=location)
    assert "--no-header" in str(caught.value.hint)
    named = make(data=location, source_column="Word 0.", target_column="Wort 0.")
    assert any("--no-header" in warning for warning in named.facts.warnings)
    whole = make(data=location, header=False, source_column="1", target_column="2")
    assert whole.facts.read == 20
    assert not whole.facts.warnings


def test_a_first_row_made_of_the_words_of_its_columns_is_said_to_look_like_data(
    written: Write, make: Make
) -> None:
    rows = [(f"{a} {b}", f"{a}o {b}o") for a in "abcd" for b in "efgh"]
    location = written("words.tsv", "".join(f"{source}\t{target}\tno {source}\n" for source, target in rows))
    with pytest.raises(DataError, match="cannot tell which column") as caught:
        make(data=location)
    assert "--no-header" in str(caught.value.hint)
    named = make(data=location, source_column="a e", target_column="ao eo")
    assert any("that their columns hold" in warning for warning in named.facts.warnings)
    surveyed = "".join(f"the answer is {i} ,a review of text {i}\n" for i in range(20))
    assert read_table(written("x.csv", "answer,review text\n" + surveyed), DataConfig()).doubt
    assert not read_table(written("y.csv", "answer,the rating\n" + surveyed), DataConfig()).doubt


def test_a_column_asked_for_by_number_offers_to_read_the_first_row_as_data(written: Write) -> None:
    table = read_table(written("x.csv", "text,label\na,1\nb,2\n"), DataConfig())
    with pytest.raises(DataError, match="has no column '2'") as caught:
        check_columns(table, {"--label-column": "2"})
    assert "--no-header" in str(caught.value.hint)
    with pytest.raises(DataError, match="has no column 'about'") as caught:
        check_columns(table, {"--label-column": "about"})
    assert "--no-header" not in str(caught.value.hint)


def test_excels_separator_line_and_unnamed_columns_are_passed_over(written: Write) -> None:
    content = "sep=;\n;text;label;;\n0;fine, really;1;;\n"
    location = written("x.csv", content)
    assert read_table(location, DataConfig()).columns == ("text", "label")
    assert _rows(location, ("text", "label")) == [("fine, really", "1")]


def test_a_blank_before_a_quote_does_not_make_it_a_character(written: Write) -> None:
    assert _rows(written("x.csv", 'label, text\nneg, "a, b"\n'), ("text", "label")) == [("a, b", "neg")]


def test_data_that_is_changed_between_hashing_and_reading_is_never_kept(
    written: Write, tmp_path: Path
) -> None:
    header = "text,label\n"
    location = written("x.csv", header + "".join(f"{text},{i % 2}\n" for i, text in enumerate(TEXTS)))

    class ChangedMeanwhile(Cache):
        def obtain(self, *arguments: Any, **named: Any) -> Any:
            Path(location).write_text(
                header + "".join(f"new {text},{i % 2}\n" for i, text in enumerate(TEXTS))
            )
            return super().obtain(*arguments, **named)

    cache = ChangedMeanwhile(tmp_path / "cache")
    config = DataConfig(data=location)
    with pytest.raises(DataError, match="changed while it was read"):
        prepare(choose_task(None, config), config, cache)
    assert not [path for path in cache.root.iterdir() if path.is_dir()]


def test_a_link_to_a_device_and_a_pipe_are_refused_unopened(tmp_path: Path) -> None:
    (tmp_path / "zero.csv").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "pipe.jsonl")
    for name in ("zero.csv", "pipe.jsonl"):
        with pytest.raises(UsageError, match="not an ordinary file"):
            read_table(str(tmp_path / name), DataConfig())


def test_a_small_parquet_file_of_one_long_text_repeated_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.parquet"
    text = pa.DictionaryArray.from_arrays(pa.array([0] * 1000, pa.int32()), pa.array(["a" * 6_000_000]))
    table = pa.table({"text": text, "label": [i % 2 for i in range(1000)]})
    parquet.write_table(
        table, path, compression="zstd", dictionary_pagesize_limit=2**30, write_statistics=False
    )
    assert path.stat().st_size < 100_000
    with pytest.raises(DataError, match=r"times as long as the file|unpack to"):
        _rows(str(path), ("text", "label"))


def test_translations_in_parquet_and_json_lines_are_columns_by_path(tmp_path: Path, written: Write) -> None:
    values = [{"en": "a", "de": "ein"}, {"en": "the", "de": "der"}]
    parquet.write_table(pa.table({"translation": values}), tmp_path / "x.parquet")
    lines = written(
        "x.jsonl", '{"translation": {"en": "a", "de": "ein"}}\n{"translation": {"en": "the", "de": "der"}}\n'
    )
    for location in (str(tmp_path / "x.parquet"), lines):
        read = _rows(location, ("translation.en", "translation.de"))
        assert read == [("a", "ein"), ("the", "der")]


def test_a_column_of_numbers_is_no_column_of_texts(written: Write, make: Make) -> None:
    location = written("x.csv", "ax,label\n" + "".join(f"{i / 7},{i % 2}\n" for i in range(40)))
    with pytest.raises(DataError, match="of column 'ax' is a number") as caught:
        make(data=location, text_column="ax")
    assert "--tokenizer char" in str(caught.value.hint)
    assert "--kind forecast" in str(caught.value.hint)
    assert make(data=location, text_column="ax", tokenizer="char").facts.examples == 40


def test_a_series_of_numbers_is_not_sent_to_translation(written: Write, make: Make) -> None:
    location = written("x.csv", "date,value\n" + "".join(f"day {i},{i}.5\n" for i in range(40)))
    with pytest.raises(DataError, match="of column 'value' is a number") as caught:
        make(data=location, target_column="value")
    assert "--kind forecast" in str(caught.value.hint)


@pytest.mark.parametrize("time", ["2024-01-{:02d}", "2024-01-01 {:02d}:00", "1/{}/2024", "{}", "{}.5"])
@pytest.mark.parametrize("tokenizer", ["char", "bpe"])
def test_a_series_given_as_pairs_of_texts_is_a_caution_with_the_way_out(
    written: Write, make: Make, time: str, tokenizer: str
) -> None:
    rows = "".join(f"{time.format(i % 24 + 1)},{i * 7 % 41}.5\n" for i in range(60))
    location = written("x.csv", "when,value\n" + rows)
    facts = make(data=location, source_column="when", target_column="value", tokenizer=tokenizer).facts
    assert any("--kind forecast" in caution for caution in data_words.cautions(facts))


def test_numbers_that_are_written_of_texts_are_no_series(written: Write, make: Make) -> None:
    location = written("x.csv", "sum,value\n" + "".join(f"{i}+{i},{2 * i}\n" for i in range(60)))
    assert (
        data_words.cautions(
            make(data=location, source_column="sum", target_column="value", tokenizer="char").facts
        )
        == ()
    )


def test_a_table_with_a_column_of_times_is_told_of_forecasts(written: Write, make: Make) -> None:
    location = written("x.csv", "date,load,heat\n" + "".join(f"day {i},{i},{i}\n" for i in range(40)))
    with pytest.raises(DataError, match="cannot tell which column") as caught:
        make(data=location)
    assert "--kind forecast" in str(caught.value.hint)


def test_rows_that_are_mostly_dropped_are_a_caution(written: Write, make: Make) -> None:
    rows = "".join(f"{i % 5} {'abcd'[i % 4]} word,{i % 2}\n" for i in range(200))
    facts = make(data=written("x.csv", "text,label\n" + rows)).facts
    assert facts.duplicates == 180
    assert "180 of 200 rows dropped: an earlier row has the same text" in data_words.cautions(facts)


def test_words_that_testing_does_not_know_are_a_caution_with_the_way_out(written: Write, make: Make) -> None:
    rows = "".join(f"{'acgt'[i % 4]}{'acgt'[i // 4 % 4]}{i:b}acgt,{i % 2}\n" for i in range(80))
    facts = make(data=written("x.csv", "text,label\n" + rows)).facts
    assert any("--tokenizer char" in caution for caution in data_words.cautions(facts))


def test_texts_that_are_mostly_cut_are_a_caution(written: Write, make: Make) -> None:
    rows = "".join(f"{text} and more words,{i % 2}\n" for i, text in enumerate(TEXTS))
    facts = make(data=written("x.csv", "text,label\n" + rows), max_len=2).facts
    assert any(
        "20 of 20 texts" in caution and "--max-len" in caution for caution in data_words.cautions(facts)
    )
