"""`python -m seqcli` is `seqcli`."""

from seqcli.cli.main import run

if __name__ == "__main__":
    run()
