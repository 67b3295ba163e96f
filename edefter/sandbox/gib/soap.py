"""SOAP 1.2 messages of the simulator: reading requests, writing answers and faults."""

from __future__ import annotations

import base64
import uuid
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from lxml import etree

SOAP = "http://www.w3.org/2003/05/soap-envelope"
WEB = "http://webservice.edefter.gib.gov.tr/"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
_WSS4J = "http://ws.apache.org/wss4j"
OPERATIONS = ("sendDocumentFile", "receiveDocumentFile", "getBatchStatus")


@dataclass(slots=True)
class Reply:
    """An HTTP answer."""

    status: int
    content_type: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


class Fault(Exception):
    """A SOAP fault.

    Args:
        text: reason.
        code: GİB's three-digit code, or None.
        subcode: local name of a wsse fault code, for security faults.
    """

    def __init__(self, text: str, *, code: int | None = None, subcode: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.code = code
        self.subcode = subcode


def local(element: etree._Element) -> str:
    """Local name of an element."""
    return etree.QName(element).localname


def child_text(parent: etree._Element, *names: str) -> str | None:
    """Text of the first child with one of these local names."""
    for child in parent:
        if isinstance(child.tag, str) and local(child) in names:
            return "".join(str(t) for t in child.itertext())
    return None


def envelope(body: str) -> bytes:
    """A whole message around the Body's content."""
    return (
        f'<soap:Envelope xmlns:soap="{SOAP}"><soap:Body>{body}</soap:Body></soap:Envelope>'
    ).encode()


def upload_answer(text: str) -> Reply:
    """Answer to sendDocumentFile."""
    return _ok(
        f'<ns2:sendDocumentFileResponse xmlns:ns2="{WEB}"><return>{escape(text)}</return>'
        "</ns2:sendDocumentFileResponse>"
    )


def status_answer(code: int, text: str, package_id: str) -> Reply:
    """Answer to getBatchStatus."""
    return _ok(
        f'<ns2:getBatchStatusResponse xmlns:ns2="{WEB}"><durum>'
        f"<durumAciklama>{escape(text)}</durumAciklama><durumKodu>{code}</durumKodu>"
        f"<paketKimligi>{escape(package_id)}</paketKimligi></durum></ns2:getBatchStatusResponse>"
    )


def file_answer(file_name: str, data: bytes, *, mtom: bool) -> Reply:
    """Answer to receiveDocumentFile, inline or as MTOM."""
    content_id = f"{uuid.uuid4()}-1@cxf.apache.org"
    include = (
        '<xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" '
        f'href="cid:{content_id.replace("@", "%40")}"/>'
    )
    inner = include if mtom else base64.b64encode(data).decode()
    message = envelope(
        f'<ns2:receiveDocumentFileResponse xmlns:ns2="{WEB}"><return>'
        f"<fileName>{escape(file_name)}</fileName><binaryData>{inner}</binaryData></return>"
        "</ns2:receiveDocumentFileResponse>"
    )
    if not mtom:
        return Reply(200, "application/soap+xml;charset=UTF-8", message)
    boundary = f"uuid:{uuid.uuid4()}"
    root_id = "root.message@cxf.apache.org"
    body = b"".join(
        (
            f"\r\n--{boundary}\r\nContent-Type: application/xop+xml; charset=UTF-8; "
            'type="application/soap+xml"\r\nContent-Transfer-Encoding: binary\r\n'
            f"Content-ID: <{root_id}>\r\n\r\n".encode(),
            message,
            f"\r\n--{boundary}\r\nContent-Type: application/octet-stream\r\n"
            "Content-Transfer-Encoding: binary\r\n"
            f"Content-ID: <{content_id}>\r\n\r\n".encode(),
            data,
            f"\r\n--{boundary}--".encode(),
        )
    )
    content_type = (
        f'multipart/related; type="application/xop+xml"; boundary="{boundary}"; '
        f'start="<{root_id}>"; start-info="application/soap+xml"'
    )
    return Reply(200, content_type, body)


def fault_answer(fault: Fault, style: str) -> Reply:
    """A fault in one of the styles `detail`, `reason` (code only there) or `generic`."""
    subcode = ""
    reason, detail = fault.text, ""
    sender = bool(fault.subcode)
    if fault.subcode:
        name, namespace = fault.subcode, WSSE
        if style == "generic":
            # CXF's default: nothing tells which check failed.
            name, namespace = "SecurityError", _WSS4J
            reason = "A security error was encountered when verifying the message"
        subcode = (
            f'<soap:Subcode><soap:Value xmlns:s="{namespace}">s:{name}</soap:Value></soap:Subcode>'
        )
    elif style == "generic":
        reason = "Fault occurred while processing."
    elif fault.code is not None and style == "reason":
        reason = f"{fault.code} - {fault.text}"
    elif fault.code is not None:
        detail = (
            f'<soap:Detail><ns2:EDefterFault xmlns:ns2="{WEB}"><code>{fault.code}</code>'
            f"<message>{escape(fault.text)}</message></ns2:EDefterFault></soap:Detail>"
        )
    body = (
        f"<soap:Fault><soap:Code><soap:Value>soap:{'Sender' if sender else 'Receiver'}</soap:Value>"
        f'{subcode}</soap:Code><soap:Reason><soap:Text xml:lang="tr">{escape(reason)}</soap:Text>'
        f"</soap:Reason>{detail}</soap:Fault>"
    )
    return Reply(500, "application/soap+xml;charset=UTF-8", envelope(body))


def _ok(body: str) -> Reply:
    return Reply(200, "application/soap+xml;charset=UTF-8", envelope(body))
