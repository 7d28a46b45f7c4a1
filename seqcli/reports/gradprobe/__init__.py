"""`seqcli.gradprobe/1` on a terminal, in a picture, and while it is being measured."""
