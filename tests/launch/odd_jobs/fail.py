from seqcli.errors import DivergedError


def job(arguments, should_stop):
    yield from ()
    faults = {
        "diverged": DivergedError("it diverged", "try less"),
        "memory": MemoryError(),
        "torch memory": RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"),
        "defect": ZeroDivisionError("ours"),
    }
    raise faults[arguments["fault"]]


JOB = job
