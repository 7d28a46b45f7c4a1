"""A bag of k-mers: which stretches of one to four letters occur, not in which order they stand."""

from sklearn.feature_extraction.text import TfidfVectorizer

from seqcli.models.baselines.bow import BagOfWords

LONGEST = 4
"""Letters of the longest stretch: 256 of DNA, and beyond four most of other alphabets occur once."""

MOST = 200_000
"""Most frequent stretches that count; a regression over more takes minutes and gains nothing."""


class BagOfKmers(BagOfWords):
    """Logistic regression on TF-IDF weights of all stretches of one to four letters."""

    def __init__(self) -> None:
        super().__init__()
        self.weights = TfidfVectorizer(
            analyzer="char", ngram_range=(1, LONGEST), sublinear_tf=True, max_features=MOST
        )


BASELINE = BagOfKmers
