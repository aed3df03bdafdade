"""`tawsim` as processes that start at once: a parent has imported everything, and forks for each command.

A forked command is a process of its own, with its own environment and home, and can be killed like any other.
Run as `python warm_tawsim.py SOCKET`; one connection runs one command. First goes a line of JSON, {"arguments",
"environment", "folder"}; back come {"pid"} and, when it has ended, {"code", "out", "err"}.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path


class Command:
    """A command that runs; `wait` for what it answers, or `kill` it."""

    def __init__(self, address, arguments, environment, folder):
        self.connection = socket.socket(socket.AF_UNIX)
        self.connection.connect(address)
        asked = {"arguments": list(map(str, arguments)), "environment": environment, "folder": str(folder)}
        self.connection.sendall(json.dumps(asked).encode() + b"\n")
        self.lines = self.connection.makefile("rb")
        self.pid = json.loads(self.lines.readline())["pid"]

    def wait(self):
        return json.loads(self.lines.readline())

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)
        return self.wait()


class WarmTawsim:
    """The parent that forks; `start` a command, or `run` it to its end."""

    def __init__(self, environment):
        self.folder = tempfile.mkdtemp(prefix="tawsim-warm-")
        self.address = str(Path(self.folder) / "socket")
        self.process = subprocess.Popen([sys.executable, __file__, self.address], env=environment)
        while not Path(self.address).exists():
            assert self.process.poll() is None, "the warm process ended"
            time.sleep(0.02)

    def start(self, *arguments, environment, folder):
        return Command(self.address, arguments, environment, folder)

    def stop(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder)


def _serve(address):
    import datasets  # noqa: F401
    import huggingface_hub
    import pyarrow.parquet  # noqa: F401
    from huggingface_hub import HfApi, hf_file_system  # noqa: F401

    import toolkit.release.hub.publishing
    import toolkit.release.hub.read_back
    import toolkit.release.tables.records  # noqa: F401
    from toolkit.cli import main

    server = socket.socket(socket.AF_UNIX)
    server.bind(address)
    server.listen(16)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        connection, _ = server.accept()
        if os.fork() == 0:
            server.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _run(connection, main, huggingface_hub.constants)
            os._exit(0)
        connection.close()


def _run(connection, main, constants):
    """Forks the command, and tells its number at once and its end when it comes."""
    asked = json.loads(connection.makefile("rb").readline())
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        pid = os.fork()
        if pid == 0:
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            os.environ.clear()
            os.environ.update(asked["environment"])
            home = asked["environment"]["HF_HOME"]  # the library read its own when it was imported
            constants.HF_HOME, constants.HF_HUB_CACHE = home, f"{home}/hub"
            constants.HF_TOKEN_PATH = f"{home}/token"
            tempfile.tempdir = None  # that of its own environment
            os.chdir(asked["folder"])
            sys.argv = ["tawsim", *asked["arguments"]]
            code = 0
            try:
                main()
            except SystemExit as error:
                code = error.code if isinstance(error.code, int) else 1
            except BaseException:
                import traceback

                traceback.print_exc()
                code = 99
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        connection.sendall(json.dumps({"pid": pid}).encode() + b"\n")
        _, status = os.waitpid(pid, 0)
        texts = {}
        for name, file in (("out", out), ("err", err)):
            file.seek(0)
            texts[name] = file.read().decode()
        connection.sendall(json.dumps({"code": os.waitstatus_to_exitcode(status), **texts}).encode() + b"\n")


if __name__ == "__main__":
    _serve(sys.argv[1])
