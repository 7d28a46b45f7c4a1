"""seqcli trains and compares recurrent models and says, with evidence, which one to use."""

__version__ = "0.1.0"
