"""The TLS step: version, chain, host name, and whose certificate it is when it is not trusted."""

from __future__ import annotations

import socket
import ssl

import certifi
from cryptography import x509

from edefter.certificates import extension, read_der
from edefter.engine.doctor.endpoints import Endpoint
from edefter.engine.doctor.network import Prober
from edefter.engine.doctor.results import ProbeResult

_HOSTNAME = {62, 64}  # X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH
_UNKNOWN_CA = {2, 18, 19, 20, 21}
_TIME = {9, 10}  # not yet valid, has expired
_NOT_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH")
_TOO_OLD = ("UNSUPPORTED_PROTOCOL", "PROTOCOL_VERSION", "VERSION_TOO_LOW")


class ClientCertificateError(Exception):
    """The configured client certificate or key cannot be read."""


def context_for(endpoint: Endpoint) -> ssl.SSLContext:
    """A verifying context as the clients use it: TLS ≥ 1.2, the configured roots alone.

    Raises:
        ClientCertificateError: certificate or key cannot be read or do not fit.
        OSError: the CA bundle cannot be read (`ssl.SSLError` when it is no PEM).
    """
    roots = str(endpoint.ca_bundle) if endpoint.ca_bundle else certifi.where()
    context = ssl.create_default_context(cafile=roots)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if endpoint.client_pair is not None:
        certificate, key = endpoint.client_pair
        try:
            # An encrypted key must fail here, not ask on the terminal.
            context.load_cert_chain(certificate, key, password="")
        except (OSError, ValueError) as error:
            raise ClientCertificateError(str(certificate)) from error
    return context


def shake_hands(
    prober: Prober, line: socket.socket, context: ssl.SSLContext
) -> tuple[ssl.SSLSocket | None, ProbeResult]:
    """Shake hands over a connected line; on failure the line is closed."""
    endpoint = prober.endpoint
    try:
        secured = context.wrap_socket(line, server_hostname=endpoint.host)
    except ssl.SSLCertVerificationError as error:
        line.close()
        return None, _untrusted(prober, error)
    except ssl.SSLError as error:
        line.close()
        return None, _broken(prober, error)
    except OSError as error:
        line.close()
        return None, prober.result("tls", "fail", "tls_cut", reason=type(error).__name__)
    facts = {"version": secured.version() or "", **describe(secured.getpeercert(True))}
    return secured, prober.result("tls", "ok", "tls_ok", **facts)


def _untrusted(prober: Prober, error: ssl.SSLCertVerificationError) -> ProbeResult:
    code = error.verify_code
    if code in _HOSTNAME:
        key = "tls_hostname"
    elif code in _UNKNOWN_CA:
        key = "tls_unknown_ca"
    elif code in _TIME:
        key = "tls_time"
    else:
        key = "tls_untrusted"
    return prober.result("tls", "fail", key, reason=error.verify_message)


def _broken(prober: Prober, error: ssl.SSLError) -> ProbeResult:
    reason = error.reason or type(error).__name__
    if any(word in reason for word in _NOT_TLS):
        key = "tls_not_tls"
    elif any(word in reason for word in _TOO_OLD):
        key = "tls_old"
    else:
        key = "tls_cut"
    return prober.result("tls", "fail", key, reason=reason)


def peer_certificate(line: socket.socket, host: str) -> dict[str, str]:
    """Subject, issuer and end of an untrusted server's certificate; the line is closed.

    Diagnosis alone: the handshake ends at once, nothing is sent over it, and no client of the
    product has such a context.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with line, context.wrap_socket(line, server_hostname=host) as secured:
            return describe(secured.getpeercert(True))
    except OSError:
        return {}


def describe(der: bytes | None) -> dict[str, str]:
    """Subject, issuer, names and last day of a certificate as texts."""
    if not der:
        return {}
    try:
        certificate = read_der(der)
        return {
            "subject": certificate.subject.rfc4514_string(),
            "issuer": certificate.issuer.rfc4514_string(),
            "names": ", ".join(_names(certificate)),
            "not_after": certificate.not_valid_after_utc.date().isoformat(),
        }
    except ValueError:
        return {}


def _names(certificate: x509.Certificate) -> list[str]:
    found = extension(certificate, x509.SubjectAlternativeName)
    return [str(name.value) for name in found.value] if found else []
