"""The translator that a command line means: a run's folder, or the built-in pair's, trained once."""

import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seqcli.cli.flags import Given
from seqcli.errors import RunError, disk_fault

if TYPE_CHECKING:
    from seqcli.experiments.translate import Translator
    from seqcli.experiments.use_config import TranslateConfig


def chosen_run(given: Given) -> tuple[Path | None, Sequence[str]]:
    """The run directory, and the texts; what is no folder and does not look like one is a text.

    Raises:
        RunError: It looks like a folder that is not there.
        StorageError: The disk fails.
    """
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
    from seqcli.reports.progress.board import WorkAhead
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
        result = follow(training, "train", given, stop=stop, work=WorkAhead(metric=planned.prepared.metric))
        stop.release()
        pairs = len(planned.prepared.splits["test"])
        speak([notes.built_in_trained_note(result.seconds, result.test.value, pairs)], given)
        return Path(result.run or folder)
    return folder
