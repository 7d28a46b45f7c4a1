"""`seqcli.translate/1` laid out: scores of the whole, then of each range of source lengths."""

from seqcli.reports.draw.sheet import Column, Line, Row, Section, Sheet, SheetCell
from seqcli.reports.numbers import fixed
from seqcli.results.translate import LengthBucket, TranslateResult
from seqcli.results.wording import counted

HEADINGS = ("BLEU", "chrF", "exactly right", "sentences")


def sheet(result: TranslateResult) -> Sheet:
    """Translations against references as a sheet with a column a score."""
    rows = [_row("all", result, result.sentences)]
    rows += [_row(_range(bucket), bucket, bucket.sentences) for bucket in result.by_length]
    search = "greedy" if result.beam == 1 else f"beam {result.beam}, length penalty {result.length_penalty:g}"
    return Sheet(
        heading=f"translations of {result.run}",
        title=(
            Line(
                f"{counted(result.sentences, 'sentence')} · {search} · "
                f"{fixed(result.sentences_per_second, 1)} sentences/s"
            ),
        ),
        columns=tuple(Column(heading) for heading in HEADINGS),
        rows=tuple(rows),
        sections=(
            Section(
                "signature",
                (
                    Line(result.signature_bleu, lead="BLEU", role="quiet"),
                    Line(result.signature_chrf, lead="chrF", role="quiet"),
                ),
            ),
        ),
        corner="source tokens" if result.by_length else "",
    )


SHEET = sheet


def _row(label: str, scores: TranslateResult | LengthBucket, sentences: int) -> Row:
    cells = (
        SheetCell(_score(scores.bleu, scores.bleu_ci95)),
        SheetCell(_score(scores.chrf, scores.chrf_ci95)),
        SheetCell(f"{fixed(100 * scores.exact_match, 1)} %"),
        SheetCell(f"{sentences:,}"),
    )
    return Row(label, cells)


def _range(bucket: LengthBucket) -> str:
    return f"{bucket.from_} or more" if bucket.to is None else f"{bucket.from_} to {bucket.to}"


def _score(value: float, interval: tuple[float, float] | None) -> str:
    bounds = "" if interval is None else f" [{fixed(interval[0], 1)}, {fixed(interval[1], 1)}]"
    return fixed(value, 1) + bounds
