"""Python's way in: the functions that `import seqcli` offers, each as the command of its name.

They return the records of `--format json` and neither print nor end the process; nothing heavy is imported
before a function is called.
"""
