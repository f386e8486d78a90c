# SPDX-License-Identifier: MIT
"""A private Slurm cluster for tests: munged, a controller and a few "nodes", all on this host.

Debian's slurm-wlm and munge; no systemd, nothing outside its directory, loopback only, as root or as an ordinary user.
Two nodes are idle after about a second. Faster than production defaults: a dead node is noticed
after SlurmdTimeout=3 s (300), and a requeued job may start again after cred_expire=5 s (120).
"""
import getpass
import os
import shutil
import signal
import socket
import subprocess
import time

PROGRAMS = ["munged", "munge", "slurmctld", "slurmd", "sbatch", "squeue", "sinfo", "scontrol"]
PATH = os.environ["PATH"] + ":/usr/sbin:/sbin"
CONFIGURATION = """ClusterName=quadrant
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={directory}/munge/sock,cred_expire=5
StateSaveLocation={directory}/state
SlurmdSpoolDir={directory}/spool/%n
SlurmctldPidFile={directory}/slurmctld.pid
SlurmdPidFile={directory}/slurmd-%n.pid
SlurmctldLogFile={directory}/log/slurmctld.log
SlurmdLogFile={directory}/log/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
SwitchType=switch/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
ReturnToService=2
JobRequeue=1
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0
SlurmdTimeout=3
SlurmctldTimeout=10
TCPTimeout=2
MessageTimeout=5
KillWait=3
"""


def missing():
    """The reason why no cluster can run here; "" if one can."""
    lacking = [name for name in PROGRAMS if not shutil.which(name, path=PATH)]
    return f"no {', '.join(lacking)}: tools/setup test installs slurm-wlm and munge" if lacking else ""


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


class SlurmCluster:
    def __init__(self, directory, nodes=("node1", "node2")):
        self.directory, self.nodes = directory, list(nodes)
        self.environment = {**os.environ, "PATH": PATH, "SLURM_CONF": directory + "/slurm.conf", "QUADRANT_TEST_SLURM": directory}
        self.daemons = {}
        self.ports = free_ports(1 + len(self.nodes))

    def write_configuration(self):
        for name in ("munge", "etc", "state", "log", *("spool/" + node for node in self.nodes)):
            os.makedirs(os.path.join(self.directory, name))
        for name, mode in ((".", 0o755), ("munge", 0o755), ("etc", 0o700)):  # munged is strict about who may see what
            os.chmod(os.path.join(self.directory, name), mode)
        with open(self.directory + "/etc/munge.key", "wb", opener=lambda path, flags: os.open(path, flags, 0o400)) as f:
            f.write(os.urandom(1024))
        host = socket.gethostname().split(".")[0]
        text = CONFIGURATION.format(host=host, ports=self.ports, user=getpass.getuser(), directory=self.directory)
        for node, port in zip(self.nodes, self.ports[1:]):
            text += f"NodeName={node} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs=1 RealMemory=1024 State=UNKNOWN\n"
        text += f"PartitionName=main Nodes={','.join(self.nodes)} Default=YES MaxTime=INFINITE State=UP\n"
        # slurmd of 22.05 and 23.02 dies where there is no /sys/fs/cgroup unless v1 is named; later ones know "disabled".
        version = subprocess.run(["slurmd", "-V"], env=self.environment, capture_output=True, text=True).stdout.split()[-1]
        old = version.startswith(("20.", "21.", "22.", "23.02"))
        for name, content in (("slurm.conf", text), ("cgroup.conf", f"CgroupPlugin={'cgroup/v1' if old else 'disabled'}\n")):
            with open(os.path.join(self.directory, name), "w") as f:
                f.write(content)

    def spawn(self, name, *command):
        with open(f"{self.directory}/log/{name}.out", "ab") as log:
            self.daemons[name] = subprocess.Popen(command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)

    def start_node(self, node):
        self.spawn(node, "slurmd", "-D", "-N", node, "-f", self.directory + "/slurm.conf")

    def start(self):
        self.write_configuration()
        d = self.directory
        self.spawn("munged", "munged", "--foreground", f"--key-file={d}/etc/munge.key", f"--socket={d}/munge/sock", f"--pid-file={d}/munge/pid",
                   f"--log-file={d}/log/munged.log", f"--seed-file={d}/etc/seed", "--num-threads=2")
        self.wait_for(lambda: self.run("munge", "-S", d + "/munge/sock", "-n")[0] == 0, 10, "munged does not answer")
        self.spawn("slurmctld", "slurmctld", "-D", "-f", d + "/slurm.conf")
        for node in self.nodes:
            self.start_node(node)
        self.wait_for(lambda: self.tell("sinfo", "-h", "-t", "idle", "-o", "%D") == str(len(self.nodes)), 30, "the nodes do not turn idle")

    def run(self, *command):
        made = subprocess.run(command, env=self.environment, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        return made.returncode, made.stdout.strip()

    def tell(self, *command):
        return self.run(*command)[1]

    def wait_for(self, condition, seconds, otherwise):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(f"{otherwise}\n{self.tell('squeue')}\n{self.tell('sinfo', '-N', '-l')}\n{self.logs()}")
            time.sleep(0.1)

    def logs(self):
        text = ""
        for name in sorted(os.listdir(self.directory + "/log")):
            with open(f"{self.directory}/log/{name}", errors="replace") as f:
                text += f"--- {name}\n" + "".join(f.readlines()[-8:])
        return text

    def processes(self, node=None):
        """Steps first, since a dying step would still report its job's end; then the jobs' own processes."""
        steps, jobs = [], []
        for pid in (int(name) for name in os.listdir("/proc") if name.isdigit()):
            try:
                with open(f"/proc/{pid}/comm") as f:
                    is_step = f.read().startswith("slurmstepd")
                if is_step:  # it overwrites its environment; its open files tell
                    links = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
                    if any(link.startswith(self.directory) and (node or "") in link for link in links):
                        steps.append(pid)
                    continue
                with open(f"/proc/{pid}/environ", "rb") as f:
                    environment = f.read().split(b"\0")
            except OSError:
                continue
            tagged = b"QUADRANT_TEST_SLURM=" + self.directory.encode() in environment
            of_node = [e for e in environment if e.startswith(b"SLURMD_NODENAME=")]
            if tagged and of_node and (node is None or of_node == [b"SLURMD_NODENAME=" + node.encode()]):
                jobs.append(pid)
        return steps + jobs

    @staticmethod
    def kill(pids):
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def kill_node(self, node):
        """Kills the daemon, its steps and all processes of its jobs, like a power cut."""
        daemon = self.daemons.pop(node)
        self.kill([daemon.pid, *self.processes(node)])
        daemon.wait()

    def stop(self):
        self.run("scancel", "-u", getpass.getuser())
        for name in (*self.nodes, "slurmctld", "munged"):
            daemon = self.daemons.pop(name, None)
            if not daemon:
                continue
            daemon.terminate()
            try:
                daemon.wait(timeout=5)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        self.kill(self.processes())
