"""Answers of every shape: namespaces, MTOM, faults, HTML, hostile XML."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from requests.structures import CaseInsensitiveDict

from edefter.gib.answers import Answer, Unreadable
from edefter.gib.codes import CodeClass, Operation
from edefter.gib.errors import (
    AnswerUnknown,
    GibFault,
    GibHttpRefused,
    GibRedirected,
    GibSecurityFault,
    GibUnreachable,
)
from edefter.gib.replies import (
    Call,
    names_other_package,
    read_answer,
    retry_after_s,
    same_package,
    server_date,
)
from edefter.gib.transport import RawAnswer

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
SOAP = "http://www.w3.org/2003/05/soap-envelope"
SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
BERAT = "1234567808-202601-YB-000000"


def raw(body: str | bytes, status: int = 200, **headers: str) -> RawAnswer:
    content = body.encode() if isinstance(body, str) else body
    given = {"Content-Type": "application/soap+xml;charset=UTF-8", **headers}
    named = {name.replace("_", "-"): value for name, value in given.items()}
    return RawAnswer(status, CaseInsensitiveDict(named), content, 0.1)


def envelope(body: str, namespace: str = SOAP) -> str:
    return f'<S:Envelope xmlns:S="{namespace}"><S:Body>{body}</S:Body></S:Envelope>'


def call(operation: Operation = Operation.SEND) -> Call:
    return Call(operation, BERAT, "https://gib.invalid/ws", "gib.invalid")


def soap_fault(reason: str, *, code: str = "Receiver", sub: str = "", detail: str = "") -> str:
    subcode = f"<S:Subcode><S:Value>w:{sub}</S:Value></S:Subcode>" if sub else ""
    return envelope(
        f"<S:Fault><S:Code><S:Value>S:{code}</S:Value>{subcode}</S:Code><S:Reason><S:Text>{reason}"
        f"</S:Text></S:Reason>{f'<S:Detail>{detail}</S:Detail>' if detail else ''}</S:Fault>"
    )


def refused(body: str | bytes, operation: Operation = Operation.SEND, **kinds: object) -> Exception:
    status = int(kinds.pop("status", 500))  # type: ignore[call-overload]
    with pytest.raises(Exception) as caught:
        read_answer(call(operation), raw(body, status, **kinds), now=NOW)  # type: ignore[arg-type]
    return caught.value


def test_values_are_found_by_local_name_in_any_namespace():
    answer = Answer(raw(envelope(
        '<x:r xmlns:x="urn:a"><q xmlns="urn:b"><durumKodu> 0 </durumKodu>'
        "<durumAciklama>Paket başarı ile işlendi.</durumAciklama></q></x:r>"
    )))  # fmt: skip
    assert answer.text("durumKodu") == "0"
    assert answer.text("durumAciklama") == "Paket başarı ile işlendi."
    assert answer.text("paketKimligi") is None


def test_a_value_that_stands_twice_is_no_value():
    answer = Answer(raw(envelope("<a><durumKodu>0</durumKodu><durumKodu>0</durumKodu></a>")))
    assert answer.text("durumKodu") is None


def mtom(part: bytes, *, href: str = "cid:a%40b", encoding: str = "binary") -> RawAnswer:
    root = envelope(
        '<r><fileName>x.zip</fileName><binaryData><xop:Include href="' + href + '" '
        'xmlns:xop="http://www.w3.org/2004/08/xop/include"/></binaryData></r>'
    ).encode()
    body = b"".join((
        b"preamble\r\n--B=1\r\nContent-Type: application/octet-stream\r\nContent-ID: <a@b>\r\n"
        b"Content-Transfer-Encoding: " + encoding.encode() + b"\r\n\r\n" + part,
        b"\r\n--B=1\r\nContent-Type: application/xop+xml\r\nContent-ID: <root>\r\n\r\n" + root,
        b"\r\n--B=1--\r\n",
    ))  # fmt: skip
    kind = 'Multipart/Related; type="application/xop+xml"; start="<root>"; boundary="B=1"'
    return raw(body, Content_Type=kind)


@pytest.mark.parametrize("part", [b"\r\nPK\r\n\r\n", b"", b"x--B=1 inside a line", b"\x00\xff\r"])
def test_mtom_parts_come_byte_for_byte(part):
    assert Answer(mtom(part)).binary("binaryData") == part


def test_mtom_part_in_base64():
    part = base64.encodebytes(b"PK" * 100)
    assert Answer(mtom(part, encoding="base64")).binary("binaryData") == b"PK" * 100


def test_mtom_reference_to_nothing_is_unreadable():
    with pytest.raises(Unreadable):
        Answer(mtom(b"x", href="cid:other")).binary("binaryData")


def test_inline_base64_may_be_broken_into_lines():
    answer = Answer(raw(envelope("<r><binaryData>UEsD\r\n BA==</binaryData></r>")))
    assert answer.binary("binaryData") == b"PK\x03\x04"


@pytest.mark.parametrize("text", ["UEsD*", "UEs", "ü"])
def test_bad_base64_is_unreadable(text):
    with pytest.raises(Unreadable):
        Answer(raw(envelope(f"<r><binaryData>{text}</binaryData></r>"))).binary("binaryData")


@pytest.mark.parametrize(
    "body",
    [
        '<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + envelope("<r>&e;</r>"),
        "<r/>",
        envelope("<r>")[:-20],
        "",
        "not xml",
    ],
)
def test_hostile_and_broken_xml_is_unreadable(body):
    with pytest.raises(Unreadable):
        Answer(raw(body))


def test_code_in_the_detail():
    error = refused(soap_fault("x", detail="<f><code>110</code><message>Veritabanı</message></f>"))
    assert isinstance(error, GibFault)
    assert (error.code, error.code_class) == (110, CodeClass.TRANSIENT)
    assert error.text_from_gib == "Veritabanı"


def test_code_only_in_the_reason_and_http_200():
    error = refused(soap_fault("111 - Paket sisteme daha önce yüklenmiş"), status=200)
    assert isinstance(error, GibFault) and error.code_class is CodeClass.RECONCILE


def test_soap_11_fault():
    body = envelope(
        "<S:Fault><faultcode>S:Server</faultcode><faultstring>x</faultstring>"
        "<detail><e><kod>304</kod></e></detail></S:Fault>", SOAP11,
    )  # fmt: skip
    error = refused(body, Operation.STATUS)
    assert isinstance(error, GibFault) and error.code_class is CodeClass.NOT_FOUND


def test_queue_error_leaves_the_outcome_unknown():
    error = refused(soap_fault("113 - İşlem kuyruğu hatası"))
    assert isinstance(error, AnswerUnknown) and error.code == 113


def test_unknown_code_keeps_gibs_text():
    error = refused(soap_fault("777 - Bilinmeyen bir durum"), Operation.RECEIVE)
    assert isinstance(error, GibFault) and error.code_class is CodeClass.UNKNOWN
    assert "Bilinmeyen bir durum" in error.text("tr")


def test_fault_without_code_after_an_upload_is_unknown_and_else_transient():
    generic = soap_fault("Fault occurred while processing.")
    assert isinstance(refused(generic), AnswerUnknown)
    error = refused(generic, Operation.STATUS)
    assert isinstance(error, GibFault) and error.retryable and error.code is None


def test_fault_of_the_sender_without_code_is_permanent():
    error = refused(soap_fault("Unmarshalling Error", code="Sender"))
    assert isinstance(error, GibFault) and error.code_class is CodeClass.UNKNOWN


@pytest.mark.parametrize(
    ("sub", "reason", "key"),
    [
        ("MessageExpired", "The message has expired", "gib.security_expired"),
        ("FailedCheck", "x", "gib.security"),
        ("SecurityError", "A security error was encountered", "gib.security"),
        ("", "A security error was encountered when verifying the message", "gib.security"),
    ],
)
def test_security_faults_list_clock_certificate_algorithm(sub, reason, key):
    error = refused(soap_fault(reason, code="Sender", sub=sub))
    assert isinstance(error, GibSecurityFault) and error.key == key
    remedy = error.remedy("tr")
    assert remedy.index("saat") < remedy.index("sertifika") < remedy.index("algoritma")


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_gateway_errors_after_an_upload_are_unknown(status):
    error = refused("error", status=status, Content_Type="text/plain", Retry_After="90")
    assert isinstance(error, AnswerUnknown) and error.retry_after_s == 90


def test_maintenance_page_is_safe_only_for_questions():
    page = "<!DOCTYPE html><html><body>Bakım</body></html>"
    for status in (200, 503):
        assert isinstance(refused(page, status=status), AnswerUnknown)
        error = refused(page, Operation.STATUS, status=status)
        assert isinstance(error, GibUnreachable) and error.key == "gib.maintenance"


def test_other_http_answers():
    assert isinstance(refused("", status=404), GibHttpRefused)
    error = refused("", status=429, Retry_After="7")
    assert isinstance(error, GibUnreachable) and error.retry_after_s == 7
    error = refused("", status=413)
    assert isinstance(error, GibFault) and error.code_class is CodeClass.SPLIT
    error = refused("", status=302, Location="https://yeni.invalid/")
    assert isinstance(error, GibRedirected) and "https://yeni.invalid/" in error.text("tr")


def test_retry_after_as_a_date_counts_from_the_servers_own_clock():
    server = datetime(2020, 1, 1, tzinfo=UTC)
    headers = CaseInsensitiveDict({
        "Date": format_datetime(server, usegmt=True),
        "Retry-After": format_datetime(server.replace(minute=2), usegmt=True),
    })  # fmt: skip
    assert retry_after_s(headers, NOW) == 120
    assert server_date(headers) == server
    assert retry_after_s(CaseInsensitiveDict({"Retry-After": "soon"}), NOW) is None
    assert server_date(CaseInsensitiveDict({"Date": "yesterday"})) is None


def test_package_names_in_answers():
    assert same_package(BERAT, BERAT.replace("YB", "Y"))
    assert not same_package(BERAT, BERAT.replace("YB", "KB"))
    assert not same_package(BERAT, "x")
    assert names_other_package(BERAT, "1234567808-202602-YB-000000 paketi işleme alındı")
    assert not names_other_package(BERAT, f"{BERAT}.zip paketi işleme alındı")
    assert not names_other_package(BERAT, "paket işleme alındı")
