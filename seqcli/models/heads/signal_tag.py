"""A class for each step of a sequence of vectors: as for each word of a text."""

from seqcli.models.heads.tag import Tag

HEAD = Tag
