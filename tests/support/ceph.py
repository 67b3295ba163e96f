"""A real S3 server on loopback: Ceph's object gateway (radosgw) over one monitor and one OSD.

The most faithful S3 server that installs from Debian: production code with object lock, versions
and Content-MD5. What it lacks of AWS: newer checksums (`x-amz-checksum-*`), conditional writes.
Everything lies in memory and in one folder.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import requests

PROGRAMS = ("ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "ceph", "monmaptool", "openssl")
ACCESS_KEY, SECRET_KEY = "EDEFTERTEST", "ikinci-kopya-sirri"
_START_S = 45.0


def missing() -> list[str]:
    """Programs that are not installed."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


class Gateway:
    """The server; a context manager.

    Args:
        folder: empty, short path.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.certificate = folder / "tls.pem"
        self._running: list[subprocess.Popen[bytes]] = []
        with socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", 0))
            other.bind(("127.0.0.1", 0))
            self._monitor, self.port = one.getsockname()[1], other.getsockname()[1]

    @property
    def endpoint(self) -> str:
        """Where it answers."""
        return f"https://127.0.0.1:{self.port}"

    def __enter__(self) -> Gateway:
        for another in (True, False):
            try:
                self._start()
            except (AssertionError, subprocess.TimeoutExpired) as error:
                self.__exit__()
                if not another:
                    raise AssertionError(f"{error}\n{self._logs()}") from error
                # A cluster of one disk that came up wrongly is not worth waiting for.
                self.folder = self.folder / "again"
                self.folder.mkdir()
                self.certificate = self.folder / "tls.pem"
            except BaseException:
                self.__exit__()
                raise
            else:
                break
        return self

    def _logs(self) -> str:
        """The last lines of what each program wrote."""
        files = sorted(self.folder.glob("*.log"))
        ends = [path.read_text(errors="replace").splitlines()[-8:] for path in files]
        return "\n".join(f"{p.name}: " + "\n".join(end) for p, end in zip(files, ends, strict=True))

    def __exit__(self, *_: object) -> None:
        for process in reversed(self._running):
            process.kill()
            process.wait()
        self._running.clear()

    def pause(self) -> None:
        """Stop answering without a word, as a network that drops everything."""
        self._running[-1].send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Answer again."""
        self._running[-1].send_signal(signal.SIGCONT)

    def _start(self) -> None:
        cluster = str(uuid.uuid4())
        (self.folder / "ceph.conf").write_text(self._configuration(cluster), encoding="ascii")
        map_file = str(self.folder / "monmap")
        address = f"[v1:127.0.0.1:{self._monitor}]"
        self._do("monmaptool", "--create", "--addv", "a", address, "--fsid", cluster, map_file)
        keyring = str(self.folder / "keyring")
        self._do("ceph-authtool", "--create-keyring", keyring, "--gen-key", "-n", "mon.",
                 "--cap", "mon", "allow *")  # fmt: skip
        self._do("ceph-mon", "-i", "a", "--mkfs", "--monmap", map_file, "--keyring", keyring)
        self._run("ceph-mon", "-i", "a", "-f")
        number = str(uuid.uuid4())
        self._until(lambda: self._try("ceph", "--connect-timeout", "5", "osd", "new", number))
        (self.folder / "osd").mkdir()
        self._do("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", number)
        self._run("ceph-osd", "-i", "0", "-f")
        self._until(lambda: "1 up" in self._said("ceph", "--connect-timeout", "5", "osd", "stat"))
        self._do("radosgw-admin", "-n", "client.admin", "user", "create", "--uid=edefter",
                 "--display-name=edefter", f"--access-key={ACCESS_KEY}",
                 f"--secret-key={SECRET_KEY}")  # fmt: skip
        key = self.folder / "tls.key"
        self._do("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                 "-keyout", str(key), "-out", str(self.certificate), "-subj", "/CN=127.0.0.1",
                 "-addext", "subjectAltName=IP:127.0.0.1")  # fmt: skip
        self._run("radosgw", "-n", "client.admin", "-f", "--rgw-frontends",
                  f"beast ssl_endpoint=127.0.0.1:{self.port} ssl_certificate={self.certificate} "
                  f"ssl_private_key={key}")  # fmt: skip
        self._until(self._answers)

    def _configuration(self, cluster: str) -> str:
        lines = {
            "fsid": cluster, "mon host": f"[v1:127.0.0.1:{self._monitor}]",
            "ms bind msgr2": "false", "public network": "127.0.0.0/8",
            "auth cluster required": "none", "auth service required": "none",
            "auth client required": "none", "osd objectstore": "memstore",
            "memstore device bytes": "2147483648", "osd pool default size": "1",
            "osd pool default min size": "1", "osd pool default pg num": "1",
            "osd pool default pgp num": "1", "osd pool default pg autoscale mode": "off",
            "osd crush chooseleaf type": "0", "mon allow pool size one": "true",
            "mon data avail crit": "1", "mon data avail warn": "1",
            "mon data": f"{self.folder}/mon", "osd data": f"{self.folder}/osd",
            "rgw data": f"{self.folder}/rgw", "run dir": f"{self.folder}",
            "keyring": f"{self.folder}/keyring", "admin socket": "",
            "log file": f"{self.folder}/$name.log", "pid file": f"{self.folder}/$name.pid",
        }  # fmt: skip
        return "[global]\n" + "".join(f"{key} = {value}\n" for key, value in lines.items())

    def _command(self, words: tuple[str, ...]) -> list[str]:
        others = ("monmaptool", "ceph-authtool", "openssl")
        configured = () if words[0] in others else ("-c", str(self.folder / "ceph.conf"))
        return [words[0], *configured, *words[1:]]

    def _do(self, *words: str) -> None:
        done = subprocess.run(
            self._command(words), capture_output=True, text=True, timeout=_START_S, check=False
        )
        assert done.returncode == 0, f"{words}: {done.stderr[-2000:]}"

    def _try(self, *words: str) -> bool:
        return (
            subprocess.run(self._command(words), capture_output=True, check=False).returncode == 0
        )

    def _said(self, *words: str) -> str:
        return subprocess.run(
            self._command(words), capture_output=True, text=True, check=False
        ).stdout

    def _run(self, *words: str) -> None:
        with (self.folder / f"{words[0]}.out").open("wb") as sink:
            process = subprocess.Popen(
                self._command(words), stdout=sink, stderr=sink, env={**os.environ, "LC_ALL": "C"}
            )
        self._running.append(process)

    def _answers(self) -> bool:
        try:
            return requests.get(self.endpoint, verify=str(self.certificate), timeout=2).ok
        except requests.RequestException:
            return False

    def _until(self, ready: Callable[[], bool]) -> None:
        end = time.monotonic() + _START_S
        while not ready():
            assert time.monotonic() < end, "the S3 server did not start"
            time.sleep(0.2)
