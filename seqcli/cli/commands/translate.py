"""`seqcli translate`: sentences in, sentences out, one line for each."""

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seqcli.cli import options
from seqcli.cli.flags import Flag, Given, Positional, takes
from seqcli.cli.text_lines import LineNotes, all_lines, answering, answers_file, sources
from seqcli.errors import disk_fault

if TYPE_CHECKING:
    from seqcli.experiments.use_config import TranslateConfig
    from seqcli.runs.named_file import NamedFile
    from seqcli.training.translator import Translator

SEARCH = "Search"
SHOW = "Show"

SETTINGS = (
    Flag(
        "beam", "hypotheses kept at each step (default 5; 1 is greedy)", "number", metavar="N", panel=SEARCH
    ),
    Flag(
        "length_penalty",
        "how much longer outputs are favoured (default 1)",
        "number",
        metavar="X",
        panel=SEARCH,
    ),
    Flag("n_best", "translations of each sentence (default 1)", "number", metavar="N", panel=SEARCH),
    Flag(
        "max_output_len",
        "most tokens of a translation (default 3 × source + 20)",
        "number",
        metavar="N",
        panel=SEARCH,
    ),
    Flag(
        "no_repeat_ngram",
        "tokens in a row that may not come twice (default: any may)",
        "number",
        metavar="N",
        panel=SEARCH,
    ),
    Flag("replace_unk", "for unknown tokens, what attention looks at", "pair", panel=SEARCH),
    Flag("scores", "the score before each translation", "pair", panel=SHOW),
    Flag(
        "bleu_tokenize",
        "how BLEU finds words, by sacrebleu's names (default: the run's, or by script)",
        metavar="NAME",
        panel=SHOW,
    ),
    Flag("pair", "the built-in pair when there is no run (default en-ko)", metavar="XX-YY"),
    Flag("threads", "threads to compute with (default 1)", "number", metavar="N", panel=options.RUN),
    Flag(
        "batch_size",
        "most sentences translated together (default 256)",
        "number",
        metavar="N",
        panel=options.RUN,
    ),
    Flag("device", "auto, cpu, cuda or mps (default cpu)", metavar="NAME", panel=options.RUN),
)
PARTS = (
    Positional("run", "the run directory of `train seq2seq`; none: the built-in pair's", "RUN"),
    Positional("texts", "texts to translate; none, or -, reads one a line", "TEXT", many=True),
    Flag("input", "a text file, one sentence a line; - is standard input", metavar="FILE", setting=False),
    Flag("out", "write the translations there", metavar="FILE", short="-o", setting=False),
    *SETTINGS,
    Flag("ref", "what they should be, one a line: BLEU and chrF", metavar="FILE", panel=SHOW, setting=False),
    Flag("by_length", "with --ref: scores by length of the source", "switch", panel=SHOW, setting=False),
    Flag("attention", "draw what each word looked at", "switch", panel=SHOW, setting=False),
    Flag("plot", "the same for one text, as .png, .svg or .pdf", metavar="FILE", panel=SHOW, setting=False),
    Flag(
        "format",
        "text (default) or jsonl; with --ref table, json, …",
        metavar="NAME",
        panel=SHOW,
        setting=False,
        values=("text", "jsonl", "table", "json"),
    ),
    *options.configuration,
    *options.output,
)


USUAL = (
    "input",
    "out",
    "beam",
    "n_best",
    "pair",
    "device",
    "ref",
    "by_length",
    "attention",
    "plot",
    "format",
)
"""The options that `-h` shows."""


@takes(*PARTS, usual=USUAL)
def translate(given: Given) -> None:
    """Translate texts, lines or a file with a trained run: as many lines out as in, in order.

    seqcli train seq2seq --task translation --out runs/mt
    seqcli translate runs/mt "I work at Google."
    seqcli translate runs/mt --input in.txt -o out.txt
    """
    from seqcli.cli.run import configure
    from seqcli.experiments.use_config import TranslateConfig
    from seqcli.reports.draw.picture import check_picture

    config = configure(TranslateConfig, SETTINGS, given)
    if config is None:
        return
    check_form(given, config)
    if given["format"] == "jsonl":
        config = config.model_copy(update={"scores": True})
    picture = check_picture(given["plot"])
    file = answers_file(given)
    folder, texts = chosen_run(given)
    lines, place = sources({**given, "texts": texts})
    translator = opened(folder, config, given)
    check_attention(translator, config, given)
    tell_idle(translator, config)
    lines = told_doubts(translator, lines, place)
    if given["ref"]:
        texts = [line for block in lines for line in block]
        against_references(translator, texts, config, given, file=file)
        return
    if given["attention"] or picture is not None:
        texts = [line for block in lines for line in block]
        show_attention(translator, texts, config, given)
        lines = iter(() if given["attention"] else (texts,))
    write_translations(translator, lines, config, given, file=file)


def check_form(given: Given, config: "TranslateConfig") -> None:
    """Check the options that do not go together.

    Raises:
        UsageError: An unknown format, or one option that needs another.
    """
    from seqcli.cli.run import check_format
    from seqcli.errors import UsageError
    from seqcli.reports.line_formats import check_line_format

    if given["by_length"] and not given["ref"]:
        raise UsageError("--by-length shows scores by length, and scores need --ref FILE", "Add --ref FILE.")
    if given["ref"] and (given["attention"] or given["plot"]):
        raise UsageError("--ref shows scores; --attention and --plot draw texts", "Drop one of the two.")
    if given["attention"] and (given["out"] or given["format"]):
        raise UsageError("--attention draws texts; --out and --format write them", "Drop one of the two.")
    for option, set_ in (("--n-best", config.n_best > 1), ("--scores", config.scores)):
        if set_ and (given["ref"] or given["attention"]):
            other = "--ref" if given["ref"] else "--attention"
            raise UsageError(
                f"{other} takes the best translation alone, and {option} gives more", f"Drop {option}."
            )
    if given["ref"]:
        check_format(given)
    else:
        check_line_format(given["format"])


def check_attention(translator: "Translator", config: "TranslateConfig", given: Given) -> None:
    """Check that a run has attention where an option needs it.

    Raises:
        UsageError: It has none; the option is named.
    """
    for option, wanted in (
        ("--replace-unk", config.replace_unk),
        ("--attention", given["attention"]),
        ("--plot", given["plot"]),
    ):
        if wanted:
            translator.check_attention(option)


def tell_idle(translator: "Translator", config: "TranslateConfig") -> None:
    """Say so where a setting that was asked for can change nothing."""
    from seqcli.cli.run import warn
    from seqcli.reports.words.notes import IDLE_REPLACE_UNK

    if config.replace_unk and not translator.writes_unknown:
        warn([IDLE_REPLACE_UNK])


def tell_left_out(translator: "Translator") -> None:
    """Tell how many unknown words the translations lack, once a command, quiet or not."""
    from seqcli.cli.run import warn
    from seqcli.reports.words.notes import left_out_note

    missing = translator.left_out
    if missing.tokens:
        words, attention = translator.tokenizer.target.spaced, translator.has_attention
        warn([left_out_note(missing.tokens, missing.texts, words=words, attention=attention)])


def told_doubts(translator: "Translator", blocks: Iterator[list[str]], place: str) -> Iterator[list[str]]:
    """The same lines, after it was told on stderr which of them the run can hardly translate.

    Args:
        translator: What will translate them.
        blocks: Lines in lists that are answered together.
        place: What messages call one: 'in.txt, line'.
    """
    notes, number = LineNotes(), 0
    for block in blocks:
        for doubt in translator.doubts(block):
            number += 1
            notes.tell(f"{place} {number}", doubt)
        yield block
    notes.close()


def file_mode(name: str) -> int | None:
    """Return the status of the file that a name leads to; None where no file can be called so: it is a text.

    Raises:
        StorageError: The disk fails.
    """
    try:
        return os.stat(name).st_mode  # noqa: PTH116 - a text may be too long for Path
    except ValueError:
        return None
    except OSError as error:
        if (fault := disk_fault(error)) is not None:
            raise fault from error
        return None


def chosen_run(given: Given) -> tuple[Path | None, Sequence[str]]:
    """The run directory, and the texts; what is no folder and does not look like one is a text.

    Raises:
        RunError: It looks like a folder that is not there.
        StorageError: The disk fails.
    """
    from seqcli.errors import RunError

    run, texts = given["run"], list(given["texts"] or ())
    if run is None:
        return None, texts
    mode = file_mode(run)
    if mode is not None and (stat.S_ISDIR(mode) or texts):
        return Path(run), texts
    if "/" in run and any(map(str.isalpha, run)) and not any(map(str.isspace, run)):
        raise RunError(
            f"there is no run directory {run}",
            "Train one: seqcli train seq2seq --task translation. Texts that look like a path come by a pipe.",
        )
    return None, [run, *texts]


def opened(folder: Path | None, config: "TranslateConfig", given: Given) -> "Translator":
    """The run's translator, or the built-in pair's, trained now if it never was.

    Raises:
        RunError: It is no finished run of a seq2seq model.
    """
    from seqcli.cli.run import warn
    from seqcli.experiments.translate import open_translator

    translator = open_translator(folder or built_in(config.pair, given), config)
    if translator.note:
        warn([translator.note])
    return translator


def built_in(pair: str | None, given: Given) -> Path:
    """Return the folder of the built-in pair's translator, trained now if it never was; a note gives its use.

    Raises:
        UsageError: There is no such pair.
        StoppedError: A stop was asked for; the same command continues.
    """
    from seqcli.cli.run import follow, speak, warn
    from seqcli.cli.signals import StopSignals
    from seqcli.experiments import translate as translating
    from seqcli.reports.words import notes

    planned = translating.built_in_plan(pair)
    warn(translating.cache_warnings())
    folder = translating.built_in_folder(planned)
    if given["texts"] and not any(map(str.isspace, given["run"])):
        speak([notes.not_a_folder_note(given["run"])], given)
    speak(notes.built_in_notes(translating.built_in_pair(planned)), given)
    if not translating.is_trained(folder):
        speak([notes.built_in_training_note(folder)], given)
        stop = StopSignals()
        training = translating.train_built_in(planned, folder, stop)
        result = follow(training, "train", given, stop=stop, metric=planned.prepared.metric)
        stop.release()
        pairs = len(planned.prepared.splits["test"])
        speak([notes.built_in_trained_note(result.seconds, result.test.value, pairs)], given)
        return Path(result.run or folder)
    return folder


def write_translations(
    translator: "Translator",
    blocks: Iterator[list[str]],
    config: "TranslateConfig",
    given: Given,
    *,
    file: "NamedFile | None",
) -> None:
    """A line for each line, in order, written as soon as it is there."""
    from seqcli.experiments.translate import translated
    from seqcli.reports.line_formats import LINE_FORMATS, check_line_format

    lines_of = LINE_FORMATS[check_line_format(given["format"])]
    with answering(file) as answer:
        for translations in translated(translator, blocks, config):
            answer(lines_of(translations, ranked=config.n_best > 1, scores=config.scores))
    tell_left_out(translator)


def against_references(
    translator: "Translator",
    lines: list[str],
    config: "TranslateConfig",
    given: Given,
    *,
    file: "NamedFile | None",
) -> None:
    """Translate all, compare with the references, tell the scores.

    Raises:
        DataError: There are not as many references as lines.
        UsageError: What finds BLEU's words is not installed.
    """
    from seqcli.cli.run import show_result, warn
    from seqcli.data.data_words import whole_lines_as_words
    from seqcli.data.pair_scores import check_bleu_tokenizer, fitting_tokenizer
    from seqcli.experiments.translate import check_references, translate_and_score

    references = all_lines({"texts": None, "input": given["ref"]})
    check_references(len(lines), len(references))
    words = config.bleu_tokenize or translator.bleu_tokenize
    if words is not None:
        check_bleu_tokenizer(words)
    config = config.model_copy(update={"bleu_tokenize": words})
    fitting = fitting_tokenizer(words, references)
    if fitting is not None:
        warn([whole_lines_as_words(str(words), fitting)])
    run = given["run"] or "the built-in pair"
    scored = translate_and_score(
        translator, lines, references, config, run=run, by_length=bool(given["by_length"])
    )
    if file is not None:
        with answering(file) as answer:
            answer(scored.translations)
    tell_left_out(translator)
    show_result(scored.result, given)


def show_attention(
    translator: "Translator", lines: list[str], config: "TranslateConfig", given: Given
) -> None:
    """Draw each text's alignment; the first one's as a picture too.

    Raises:
        UsageError: A picture of more than one text, or there is no text.
    """
    from seqcli.cli.pictures import tell_lacking
    from seqcli.cli.run import console_options
    from seqcli.errors import UsageError
    from seqcli.reports.draw.picture import check_picture
    from seqcli.reports.draw.terminal import stdout_page, write
    from seqcli.reports.parts.attention_view import draw_grid

    texts = [text for text in lines if text.strip()]
    picture = check_picture(given["plot"])
    if picture is not None and len(texts) != 1:
        raise UsageError(f"--plot draws one text, {len(texts)} were given", "Give one text.")
    page = stdout_page(console_options(given))
    for text in texts:
        found = translator.align(text, config)
        if picture is not None:
            from seqcli.reports.parts.attention_view import draw_attention

            tell_lacking(picture, picture.save(draw_attention(found.source, found.target, found.weights)))
        if given["attention"]:
            write(draw_grid(found.source, found.target, found.weights.tolist(), page) + "\n")


COMMAND = translate
