"""One class for a whole sequence of vectors: as for a whole text."""

from seqcli.models.heads.classify import Classify

HEAD = Classify
