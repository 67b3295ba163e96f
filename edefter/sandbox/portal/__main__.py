"""Start the simulated portal: `python -m edefter.sandbox.portal --state DIR --pki DIR`."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import threading
from pathlib import Path

from edefter.sandbox.pki import SandboxPki
from edefter.sandbox.portal.control import ControlHandler
from edefter.sandbox.portal.http import Desk, TlsServer
from edefter.sandbox.portal.knobs import Knobs
from edefter.sandbox.portal.receipts import ReceiptOffice
from edefter.sandbox.portal.storage import Storage
from edefter.sandbox.portal.tls import TlsDesk
from edefter.sandbox.portal.upload import UploadHandler
from edefter.sandbox.process import announce_ready

DEFAULT_API_KEY = "sandbox-firm"
DEFAULT_API_SECRET = "sandbox-secret"  # noqa: S105 - sandbox only, printed in the documentation
SECRET_VARIABLE = "EDEFTER_SANDBOX_PORTAL_SECRET"  # noqa: S105 - a name, no secret


def main() -> None:
    """Serve both channels until SIGTERM or until standard input closes."""
    parser = argparse.ArgumentParser(prog="edefter.sandbox.portal")
    parser.add_argument("--state", type=Path, required=True, help="knobs, journal and all data")
    parser.add_argument("--pki", type=Path, required=True, help="folder of the sandbox PKI")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--control-port", type=int, default=0)
    parser.add_argument("--upload-port", type=int, default=0)
    parser.add_argument("--public-upload-url", help="as clients reach it through another program")
    parser.add_argument("--api-key", default=DEFAULT_API_KEY)
    parser.add_argument("--api-secret-file", type=Path, help="else $" + SECRET_VARIABLE)
    parser.add_argument("--forget", action="store_true", help="start with the state lost")
    options = parser.parse_args()

    data = options.state / "data"
    if options.forget:
        shutil.rmtree(data, ignore_errors=True)
    secret = (
        options.api_secret_file.read_text(encoding="utf-8").splitlines()[0]
        if options.api_secret_file
        else os.environ.get(SECRET_VARIABLE, DEFAULT_API_SECRET)
    )
    pki = SandboxPki(options.pki)
    knobs = Knobs(options.state)
    storage = Storage(data)
    desk = Desk(
        state=options.state,
        storage=storage,
        office=ReceiptOffice(data / "receipts", knobs),
        tls=TlsDesk(pki, options.state, options.host, knobs),
        knobs=knobs,
        credentials=(options.api_key, secret),
    )
    ControlHandler.pki = pki
    control = TlsServer((options.host, options.control_port), ControlHandler, desk, upload=False)
    upload = TlsServer((options.host, options.upload_port), UploadHandler, desk, upload=True)
    control_port, upload_port = control.server_address[1], upload.server_address[1]
    desk.control_url = f"https://{options.host}:{control_port}/api/v1"
    own_url = f"https://{options.host}:{upload_port}/files/"
    desk.upload_url = options.public_upload_url or own_url
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    for server in (control, upload):
        threading.Thread(target=server.serve_forever, daemon=True).start()
    announce_ready(
        port=control_port,
        upload_port=upload_port,
        control_url=desk.control_url,
        upload_url=desk.upload_url,
    )
    ended.wait()
    for server in (control, upload):
        server.shutdown()


if __name__ == "__main__":
    main()
