"""A real SLURM on the loopback interface: munged, one controller, two node daemons, each ended at the end.

Debian's `slurm-wlm` and `munge` suffice; nothing of the system's own configuration is read or written.
"""

import getpass
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

PROGRAMS = ("sbatch", "slurmctld", "slurmd", "munged")
NODES = ("node1", "node2")

CONFIGURATION = """\
ClusterName=loopback
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CryptoType=crypto/munge
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=2,batch_sched_delay=0,requeue_delay=1
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
SwitchType=switch/none
SlurmdTimeout=10
KillWait=5
MinJobAge=60
ReturnToService=2
JobRequeue=1
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
{nodes}
PartitionName=short Nodes=node1,node2 Default=YES MaxTime=60 State=UP OverTimeLimit=0
PartitionName=urgent Nodes=node1,node2 PriorityTier=10 MaxTime=60 State=UP
"""


def missing():
    """The programs that are not installed."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


class LoopbackSlurm:
    """A running SLURM.

    Attributes:
        folder: Its configuration, state and logs.
        environment: The variables by which its commands find it.
        nodes: Its node daemons by name.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {"SLURM_CONF": str(folder / "slurm.conf")}
        self.nodes = {}

    def ask(self, *command):
        """What one of SLURM's commands answers."""
        ended = subprocess.run(
            command,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        return ended.stdout + ended.stderr

    def start_node(self, name):
        """Start a node daemon in the foreground, in a session of its own."""
        self.nodes[name] = self._start("slurmd", "-D", "-N", name)

    def kill_node(self, name):
        """The node is gone, with all that runs on it, and the controller is not told."""
        for process in (*self._of_node(name), self.nodes[name].pid):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self.nodes[name].wait()

    def _of_node(self, name):
        """The processes whose environment says that they run on a node, and its step daemons."""
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                environment = (folder / "environ").read_bytes().split(b"\0")
                if (
                    f"SLURMD_NODENAME={name}".encode() in environment
                    and f"SLURM_CONF={self.folder / 'slurm.conf'}".encode() in environment
                ):
                    yield int(folder.name)

    def wait_until_ready(self, seconds=30.0):
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            states = self.ask("sinfo", "--noheader", "--Node", "--format=%N %T").split("\n")
            if sum(line.endswith(("idle", "mixed", "allocated")) for line in states) >= len(NODES):
                return
            time.sleep(0.3)
        logs = "\n".join(path.read_text()[-2000:] for path in self.folder.glob("*.log"))
        raise AssertionError(f"SLURM did not come up: {states}\n{logs}")

    def _start(self, *command):
        with (self.folder / f"{Path(command[0]).name}.words").open("ab") as words:
            return subprocess.Popen(
                command,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                start_new_session=True,
            )

    def start(self):
        controller, *ports = free_ports(1 + len(NODES))
        host = socket.gethostname()
        nodes = "\n".join(
            f"NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs=2 State=UNKNOWN"
            for name, port in zip(NODES, ports, strict=True)
        )
        values = {"controller": controller, "user": getpass.getuser(), "folder": self.folder}
        (self.folder / "state").mkdir()
        for name in NODES:
            (self.folder / f"spool-{name}").mkdir()
        (self.folder / "slurm.conf").write_text(
            CONFIGURATION.format(host=host, nodes=nodes, **values), encoding="utf-8"
        )
        key = self.folder / "munge.key"
        key.write_bytes(secrets.token_bytes(128))
        key.chmod(0o400)
        places = {
            "key-file": key,
            "socket": "munge.socket",
            "pid-file": "munge.pid",
            "seed-file": "munge.seed",
        }
        options = [f"--{name}={self.folder / place}" for name, place in places.items()]
        yield self._start(
            "munged", "--foreground", "--force", *options, f"--log-file={self.folder / 'munge.log'}"
        )
        self._wait_for(self.folder / "munge.socket")
        yield self._start("slurmctld", "-D", "-c")
        for name in NODES:
            self.start_node(name)
            yield self.nodes[name]
        self.wait_until_ready()

    @staticmethod
    def _wait_for(place, seconds=10.0):
        ends = time.monotonic() + seconds
        while not place.exists():
            if time.monotonic() > ends:
                raise AssertionError(f"{place} did not come up")
            time.sleep(0.05)

    def end_what_runs(self):
        """End every process of every job: a daemon's end does not end its steps."""
        self.ask("scancel", "--user", getpass.getuser())
        for name in NODES:
            for process in list(self._of_node(name)):
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)


@contextmanager
def loopback_slurm(folder):
    """A SLURM of two nodes under this folder, while it is wanted."""
    slurm = LoopbackSlurm(folder)
    with ExitStack() as ends:
        try:
            for process in slurm.start():
                ends.callback(end, process)
            yield slurm
        finally:
            slurm.end_what_runs()
            for process in slurm.nodes.values():
                end(process)


def end(process):
    """End a daemon, and wait until it is gone."""
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=5)
    if process.poll() is None:
        process.kill()
    process.wait()
