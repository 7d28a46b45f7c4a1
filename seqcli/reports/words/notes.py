"""Notes on stderr: what a person should know of a run's answers before believing them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seqcli.reports.numbers import PERCENT, fixed
from seqcli.results.events import Note, NoteSubject
from seqcli.results.line_answers import Doubt, DoubtAnswer, DoubtReason
from seqcli.results.wording import counted

if TYPE_CHECKING:
    from seqcli.results.translate import BuiltInPair

TRAINING_TIME = "about 3 minutes"
"""What training the built-in pair took (172 processor seconds)."""

NOTED: Mapping[NoteSubject, str] = {
    "undecided": "{pairs} undecided after {seeds} seeds: going on to {next}",
    "work moved": "the rest of the work is kept in {place}: {reason}",
    "work not kept": "some of the work will be done again another time: {reason}",
    "cost not measured": "cost is not measured: {reason}",
    "peak not measured": "the peak of matrix products is not measured: {reason}",
    "cost not kept": "cost will be measured again another time: {reason}",
    "cost kept": "speed, latency and memory are kept from {date} on {host} ({cpu}): nothing was timed anew;"
    " --measure-again adds a sitting",
    "cost elsewhere": "cost is measured on {host} alone: give the same command there, and then here again",
    "tuning": "tuning: {rates} learning rates on seeds {seeds} for each model",
    "tuned at edge": "{model} is best at {rate:g}, the edge of its grid: a better rate may lie beyond;"
    " try --lr {further:g}",
    "more epochs": "{folder} goes on to epoch {epochs} from where it ended",
    "run finished": "{folder} is finished: nothing is trained again (--overwrite starts anew)",
    "kernel not used": "{kernel}, the kernel of {cell} here, does not compute its equations and is not used:"
    " the cell's own steps run instead, slower",
    "slurm submitted": "SLURM job {job}: an array of {workers} workers; their logs are in {logs}",
    "slurm attached": "SLURM job {job} is there already, with {workers} workers: its work is waited for",
    "slurm detached": "detached: the workers of SLURM job {job} go on without this command; their logs are in"
    " {logs}; `scancel {job}` ends them",
    "node excluded": "node {node} is excluded: {times} workers were lost or failed run after run on it",
    "other numerics": "{node} gives other numbers than were planned ({needs}): it leaves {runs} of the"
    " training runs to other machines",
    "ray started": "Ray {version}: nodes {nodes}, processors {processors}",
    "translator moved": "the translator is kept in {place}: {reason}",
}
"""The sentence of each subject, with the names of its facts."""


def note_text(note: Note) -> str:
    """The note as a sentence."""
    return note.text if note.subject is None else NOTED[note.subject].format(**note.values)


def doubt_note(doubt: Doubt) -> str:
    """Return what is to be said of a text after its place: 'in.txt, line 7' …."""
    piece = "word" if doubt.of == "label" else "token"
    tokens = f"{doubt.tokens:,} tokens"
    cut = {
        "label": f"is longer than {doubt.limit:,} characters: the rest is not read",
        "translation": f"has {tokens}, and only the first {doubt.limit:,} are read: "
        "the rest is not translated",
    }
    return {
        "blank": f"has no text: its {doubt.of} is what the model answers to an empty text",
        "no values": f"has no value at all: its {doubt.of} is what the model answers to an empty sequence",
        "unknown": f"has no {piece} that the run knows (of {doubt.tokens:,}): its {doubt.of} means nothing",
        "cut": cut[doubt.of],
        "bytes": f"is spelt byte by byte ({tokens}): the run has not learnt its script",
        "longer": f"has {tokens}, and the run learnt from {doubt.limit:,} at most: "
        f"its {doubt.of} may leave out most of it",
        "partly unknown": f"has {doubt.unknown:,} unknown of {tokens}: the run reads each as the same word",
    }[doubt.reason]


def more_doubts_note(lines: int, reason: DoubtReason, of: DoubtAnswer) -> str:
    """Return how many lines more there are of which the same is to be said."""
    piece = "word" if of == "label" else "token"
    kinds: dict[DoubtReason, str] = {
        "blank": "no text",
        "no values": "no value at all",
        "unknown": f"no {piece} that the run knows",
        "cut": "only their beginning is read",
        "bytes": "spelt byte by byte",
        "longer": "longer than what the run learnt from",
        "partly unknown": f"some {piece}s unknown",
    }
    return f"{counted(lines, 'more line')} of this kind: {kinds[reason]}"


def built_in_notes(pair: "BuiltInPair") -> list[str]:
    """Return what the built-in translator is good for, and what not."""
    return [
        f"No run was given. {pair.source}: the built-in translator knows",
        f"{pair.content}.",
        "It does not translate free text: for that, train a model on your own pairs.",
    ]


def built_in_training_note(folder: Path) -> str:
    """Return what is to come where the built-in translator was never trained here."""
    return f"It is trained once, {TRAINING_TIME} on a quiet core, and kept in {folder}."


def built_in_trained_note(seconds: float, exactly_right: float, pairs: int) -> str:
    """Return what training the built-in translator came to.

    Args:
        seconds: The time that it took.
        exactly_right: The share of test pairs translated exactly (0 to 1).
        pairs: The test pairs.
    """
    right = f"{fixed(PERCENT.factor * exactly_right, 1)}{PERCENT.suffix} of {pairs:,} pairs"
    return f"Trained in {fixed(seconds / 60, 0)} min: {right} that it never saw are translated exactly."


def not_a_folder_note(name: str) -> str:
    """Return what became of a first word that names no folder."""
    return f"There is no folder {name}: it is translated too."


def left_out_note(tokens: int, translations: int, *, words: bool, attention: bool) -> str:
    """Return how many unknown words are missing in what was written, and what writes something for them.

    Args:
        tokens: The unknown words, or pieces.
        translations: In how many translations.
        words: Whether the run's tokens are words.
        attention: Whether the run has the attention that `--replace-unk` needs.
    """
    missing = counted(tokens, "unknown word" if words else "unknown token")
    were = "was" if tokens == 1 else "were"
    instead = "; --replace-unk writes what attention looks at for each" if attention else ""
    return f"{missing} {were} left out of {counted(translations, 'translation')}{instead}"


def unknown_prompt_note(characters: Sequence[str]) -> str:
    """Return the characters of a prompt that a language model never saw; '' where it saw all."""
    if not characters:
        return ""
    listed = ", ".join(map(repr, characters[:5])) + (", …" if len(characters) > 5 else "")
    return f"the run never saw {listed}: each is one unknown token to it"


IDLE_REPLACE_UNK = (
    "--replace-unk changes nothing: this run's tokenizer can spell every text, so nothing is unknown"
)
