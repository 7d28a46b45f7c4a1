"""One class for a row of numbers: as for a whole text."""

from seqcli.models.heads.classify import Classify

HEAD = Classify
