"""OpenSSH's server on loopback, for SFTP: own host key, one user key, files in one folder."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

PROGRAMS = ("/usr/sbin/sshd", "ssh-keygen")


def missing() -> list[str]:
    """Programs that are not installed."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


class SftpServer:
    """The server; a context manager.

    Args:
        folder: empty; `files` in it is what users see below their top folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = folder / "files"
        self.user = getpass.getuser()
        self.known_hosts = folder / "known_hosts"
        self.key = folder / "user_key"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> SftpServer:
        self.files.mkdir(parents=True)
        for name in ("host_key", "user_key"):
            self.make_key(self.folder / name)
        (self.folder / "authorized").write_text(
            (self.folder / "user_key.pub").read_text(encoding="ascii"), encoding="ascii"
        )
        kind, key = (self.folder / "host_key.pub").read_text(encoding="ascii").split()[:2]
        self.known_hosts.write_text(f"[127.0.0.1]:{self.port} {kind} {key}\n", encoding="ascii")
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @staticmethod
    def make_key(path: Path) -> None:
        """An Ed25519 key without passphrase."""
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)

    def start(self) -> None:
        """Answer."""
        if os.geteuid() == 0:  # who is not root has no privileges to separate
            Path("/run/sshd").mkdir(exist_ok=True)
        config = self.folder / "sshd_config"
        config.write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {self.folder / 'host_key'}\n"
            f"AuthorizedKeysFile {self.folder / 'authorized'}\nPidFile none\nUsePAM no\n"
            "StrictModes no\nPasswordAuthentication no\nPermitRootLogin prohibit-password\n"
            f"Subsystem sftp internal-sftp -d {self.files}\n",
            encoding="ascii",
        )
        self._process = subprocess.Popen(
            ["/usr/sbin/sshd", "-D", "-e", "-f", str(config)],
            stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        end = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                assert time.monotonic() < end, "sshd did not start"
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """Refuse connections."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait()
            self._process = None
