"""SIG: the shape of the signature (its cryptography is judged elsewhere)."""

from __future__ import annotations

from edefter.validation.rule import Context, Predicate, Table
from edefter.validation.xpath import ns, string

TABLE = Table(Context.SIGNATURE, signature_only=True)
_ALL = "Y K B R E EB"
_AGAIN = (
    "Belgeyi e-Defter yazılımıyla yeniden imzalayın (XAdES-BES, enveloped).",
    "Sign the document again with the e-Defter software (XAdES-BES, enveloped).",
)


def _sig(
    name: str,
    field: str,
    texts: tuple[str, str],
    holds: Predicate,
    *,
    families: str = _ALL,
    context: Context | None = None,
) -> None:
    TABLE.add(families, name, field, (*texts, *_AGAIN), holds, context=context)


_sig(
    "SIG-00",
    "ds:SignatureValue/@Id",
    (
        "imzanın SignatureValue elemanında Id niteliği yok; GİB onayı buna başvurur",
        "the signature's SignatureValue has no Id; GİB's approval refers to it",
    ),
    lambda signature, _: signature.value_id,
    families="B R EB",
)
_sig(
    "SIG-01",
    "ds:Transforms",
    ("imzada Reference/Transforms yok", "the signature has no Reference/Transforms"),
    lambda signature, _: signature.has_transforms,
)
_sig(
    "SIG-02",
    "ds:KeyInfo",
    ("imzada KeyInfo yok", "the signature has no KeyInfo"),
    lambda signature, _: signature.key_infos > 0,
)
_sig(
    "SIG-03",
    "ds:X509Data",
    ("imzanın KeyInfo elemanında X509Data yok", "the signature's KeyInfo has no X509Data"),
    lambda signature, _: signature.key_infos == 0 or bool(signature.x509),
)
_sig(
    "SIG-04",
    "ds:Object",
    (
        "imzada ds:Object (XAdES özellikleri) yok",
        "the signature has no ds:Object (XAdES properties)",
    ),
    lambda signature, _: signature.objects > 0,
)
_sig(
    "SIG-05",
    "xades:SigningTime",
    ("imza zamanı (SigningTime) yok", "the signing time (SigningTime) is missing"),
    lambda signature, _: signature.objects == 0 or signature.has_signing_time,
)
_sig(
    "SIG-06",
    "xades:SigningCertificate",
    (
        "imzada SigningCertificate yok (SigningCertificateV2 kabul edilmez)",
        "the signature has no SigningCertificate (SigningCertificateV2 is refused)",
    ),
    lambda signature, _: signature.objects == 0 or signature.has_signing_certificate,
)
_sig(
    "SIG-07",
    "ds:Reference",
    (
        "URI niteliği boş olan tam bir Reference olmalı; {empty_uris} bulundu",
        "exactly one Reference has an empty URI; found {empty_uris}",
    ),
    lambda signature, _: signature.empty_uris == 1,
)
_sig(
    "SIG-08",
    "ds:SignatureMethod",
    ("imza SHA-1 ile atılmış ({methods})", "the signature uses SHA-1 ({methods})"),
    lambda signature, _: not string(signature.methods).endswith("sha1"),
)
_sig(
    "SIG-09",
    "ds:X509Certificate",
    ("X509Data içinde sertifika (X509Certificate) yok", "X509Data holds no X509Certificate"),
    lambda x509, _: x509.has_certificate,
    context=Context.X509,
)
_sig(
    "SIG-10",
    "ds:X509SubjectName",
    ("X509SubjectName boş", "X509SubjectName is blank"),
    lambda item, _: ns(item.value) != "",
    context=Context.SUBJECT,
)
