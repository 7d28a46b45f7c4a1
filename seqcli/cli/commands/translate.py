"""`seqcli translate`: sentences in, sentences out, one line for each."""

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING

from seqcli.cli import options
from seqcli.cli.flags import OPTIONS, Flag, Given, Parts, Positional, flags, takes
from seqcli.cli.text_lines import LineNotes, all_lines, answering, answers_file, sources

if TYPE_CHECKING:
    from seqcli.experiments.translate import Translator
    from seqcli.experiments.use_config import TranslateConfig
    from seqcli.runs.named_file import NamedFile

SEARCH = "Search"
SHOW = "Show"

SETTINGS = (
    *flags(
        SEARCH,
        """
        --beam N             hypotheses kept at each step (default 5; 1 is greedy)
        --length-penalty X   how much longer outputs are favoured (default 1)
        --n-best N           translations of each sentence (default 1)
        --max-output-len N   most tokens of a translation (default 3 × source + 20)
        --no-repeat-ngram N  tokens in a row that may not come twice (default: any may)
        --[no-]replace-unk   for unknown tokens, what attention looks at
        """,
    ),
    *flags(
        SHOW,
        """
        --[no-]scores         the score before each translation
        --bleu-tokenize NAME  how BLEU finds words, by sacrebleu's names (default: the run's, or by script)
        """,
    ),
    *flags(OPTIONS, "--pair XX-YY  the built-in pair when there is no run (default en-ko)"),
    *options.threads,
    *flags(
        options.RUN,
        """
        --batch-size N  most sentences translated together (default 256)
        --device NAME   auto, cpu, cuda or mps (default cpu)
        """,
    ),
)
PARTS: Parts = (
    Positional("run", "the run directory of `train seq2seq`; none: the built-in pair's", "RUN"),
    Positional("texts", "texts to translate; none, or -, reads one a line", "TEXT", many=True),
    *flags(
        OPTIONS,
        """
        --input FILE    a text file, one sentence a line; - is standard input
        -o, --out FILE  write the translations there
        """,
        setting=False,
    ),
    *SETTINGS,
    *flags(
        SHOW,
        """
        --ref FILE   what they should be, one a line: BLEU and chrF
        --by-length  with --ref: scores by length of the source
        --attention  draw what each word looked at
        --plot FILE  the same for one text, as .png, .svg or .pdf
        """,
        setting=False,
    ),
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
    from seqcli.cli.translator_choice import chosen_run, opened
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
    for option, requested in (
        ("--replace-unk", config.replace_unk),
        ("--attention", given["attention"]),
        ("--plot", given["plot"]),
    ):
        if requested:
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
    from seqcli.experiments.translate import bleu_words, check_references, translate_and_score

    references = all_lines({"texts": None, "input": given["ref"]})
    check_references(len(lines), len(references))
    config, fitting = bleu_words(translator, config, references)
    if fitting is not None:
        warn([whole_lines_as_words(str(config.bleu_tokenize), fitting)])
    run = given["run"] or "the built-in pair"
    by_length, pairs = bool(given["by_length"]), list(zip(lines, references, strict=True))
    with nullcontext(_nowhere) if file is None else answering(file) as answer:
        scored = translate_and_score(translator, pairs, config, run=run, by_length=by_length, answer=answer)
    tell_left_out(translator)
    show_result(scored.result, given)


def _nowhere(_: Sequence[str]) -> None:
    """Translations that are only scored go nowhere."""


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
        alignment = translator.align(text, config)
        if picture is not None:
            from seqcli.reports.parts.attention_view import draw_attention

            tell_lacking(
                picture, picture.save(draw_attention(alignment.source, alignment.target, alignment.weights))
            )
        if given["attention"]:
            write(draw_grid(alignment.source, alignment.target, alignment.weights.tolist(), page) + "\n")


COMMAND = translate
