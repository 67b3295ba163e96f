"""lxml elements → records; the only place where rules' data meets XML."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from lxml import etree

from edefter.model.documents import Kind
from edefter.validation import names
from edefter.validation.names import clark
from edefter.validation.reading.base_uri import resolve
from edefter.validation.reading.trouble import TooLarge
from edefter.validation.records import (
    REPEATS,
    X509,
    Account,
    Attachment,
    Detail,
    Document,
    Entity,
    EntityInfo,
    Entries,
    Group,
    Header,
    Info,
    Measurable,
    Measure,
    Record,
    Signature,
    Xbrl,
    joined,
)
from edefter.validation.xpath import ns

Element = etree._Element

_XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_BASE_LIMIT = 2000  # characters of a base URI
_XBRL_INCLUDE = clark("gl-cor:xbrlInclude")
_STRING = etree.XPath("string()", smart_strings=False)
_PERIOD_DATES = tuple(clark(f"xbrli:{name}") for name in ("instant", "startDate", "endDate"))


def node_finder(path: str) -> Callable[..., list[Any]]:
    """A compiled XPath that gives nodes (with the prefix `xsi` known)."""
    return cast(Callable[..., list[Any]], etree.XPath(path, namespaces={"xsi": names.XSI}))


def text_of(element: Element) -> str:
    """All text inside an element in document order (rules.md §2, point 9)."""
    if len(element):
        return cast(str, _STRING(element))
    return element.text or ""


def _fill(record: Record, element: Element, slots: Mapping[str, str]) -> None:
    for child in element:
        name = slots.get(child.tag)
        if name is not None:
            record.put(name, text_of(child))


def _stand(record: Record, element: Element) -> None:
    record.xml_line, record.element = element.sourceline, element


def read_header(element: Element, ordinal: int) -> Header:
    """The header's own fields (its lines are read one by one)."""
    header = Header(ordinal)
    header.xml_line = element.sourceline
    _fill(header, element, names.HEADER_SLOTS)
    return header


def read_detail(element: Element, header: Header) -> Detail:
    """One line with its account, measurables and xbrlInfo."""
    detail = Detail(header)
    fields = detail.__dict__
    fields["xml_line"] = element.sourceline
    slots = names.DETAIL_SLOTS
    for child in element:
        tag = child.tag
        name = slots.get(tag)
        if name is not None:
            if name in fields or len(child):
                detail.put(name, text_of(child))
            else:
                fields[name] = child.text or ""
        elif tag == names.ACCOUNT:
            _read_account(child, detail)
        elif tag == names.MEASURABLE:
            if len(detail.measurables) >= REPEATS:
                raise TooLarge("limit_repeats", limit=REPEATS, field="measurable")
            detail.measurables = (*detail.measurables, _read_measurable(child, detail))
        elif tag == names.XBRL_INFO:
            for include in child.iterchildren(_XBRL_INCLUDE):
                detail.put("xbrl_include", text_of(include))
    return detail


def _read_account(element: Element, detail: Detail) -> None:
    account = Account()
    detail.accounts.append(account)
    slots = names.ACCOUNT_SLOTS
    for child in element:
        name = slots.get(child.tag)
        if name is not None:
            text = text_of(child)
            account.put(name, text)
            detail.put(name, text)
        elif child.tag == names.ACCOUNT_SUB:
            detail.sub_count += 1
            sub = Record()
            for part in child:
                part_name = names.SUB_SLOTS.get(part.tag)
                if part_name is not None:
                    text = text_of(part)
                    sub.put(part_name, text)
                    detail.put(part_name, text)
            account.subs.append(sub.__dict__.get("sub"))


def _read_measurable(element: Element, detail: Detail) -> Measurable:
    record = Measurable(detail)
    _stand(record, element)
    record.text = text_of(element)
    _fill(record, element, names.MEASURABLE_SLOTS)
    for quantity in element.iterchildren(names.QUANTITY):
        record.put("quantity_unit", quantity.get("unitRef", ""))
    return record


def read_document(root: Element, name: str, kind: Kind) -> Document:
    """Everything outside the entries.

    Args:
        root: root element; entries may have been taken out, except one of each run.
        name: file name, taken as the document's URI.
        kind: the kind whose rules are applied.
    """
    document = Document(name, kind)
    document.root_tag = root.tag
    document.root_fits = root.tag == names.ROOTS[kind]
    if not document.root_fits:
        return document
    units: dict[str, str] = {}
    contexts: set[str] = set()
    dates: list[str] = []
    for child in root:
        if child.tag == clark("ds:Signature"):
            document.signatures.append(_read_signature(child))
        elif child.tag == clark("ds:SignatureValue"):
            document.signature_values += 1
            document.signature_value_text = text_of(child)
        elif child.tag == names.XBRL:
            _read_xbrl(child, document, units, contexts, dates)
        elif child.tag == "extensions":
            _read_attachments(child, document)
    document.units, document.context_ids = units, frozenset(contexts)
    document.instants = joined(dates)
    return document


def _read_attachments(extensions: Element, document: Document) -> None:
    for extension in extensions.iterchildren("extension"):
        for item in extension.iterchildren(clark("defterek:binaryObject")):
            record = Attachment()
            _stand(record, item)
            record.mime, record.filename = item.get("mimeCode"), item.get("filename")
            record.is_blank = not text_of(item).strip(" \t\r\n")
            document.attachments.append(record)


def _read_signature(element: Element) -> Signature:
    record = Signature()
    _stand(record, element)
    record.value_id = any(
        item.get("Id") is not None for item in element.iterchildren(clark("ds:SignatureValue"))
    )
    references = element.findall(f"{clark('ds:SignedInfo')}/{clark('ds:Reference')}")
    record.has_transforms = any(
        item.find(clark("ds:Transforms")) is not None for item in references
    )
    record.empty_uris = sum(item.get("URI") == "" for item in references)
    for method in element.findall(f"{clark('ds:SignedInfo')}/{clark('ds:SignatureMethod')}"):
        if (algorithm := method.get("Algorithm")) is not None:
            record.put("methods", algorithm)
    record.key_infos = len(element.findall(clark("ds:KeyInfo")))
    record.x509 = tuple(
        _read_x509(item)
        for item in element.findall(f"{clark('ds:KeyInfo')}/{clark('ds:X509Data')}")
    )
    record.objects = len(element.findall(clark("ds:Object")))
    signed = "/".join(
        clark(name)
        for name in (
            "ds:Object",
            "xades:QualifyingProperties",
            "xades:SignedProperties",
            "xades:SignedSignatureProperties",
        )
    )
    record.has_signing_time = element.find(f"{signed}/{clark('xades:SigningTime')}") is not None
    certificate = f"{signed}/{clark('xades:SigningCertificate')}"
    record.has_signing_certificate = element.find(certificate) is not None
    return record


def _read_x509(element: Element) -> X509:
    record = X509()
    _stand(record, element)
    record.has_certificate = element.find(clark("ds:X509Certificate")) is not None
    record.subjects = tuple(
        text_of(item) for item in element.iterchildren(clark("ds:X509SubjectName"))
    )
    return record


def _read_xbrl(
    element: Element,
    document: Document,
    units: dict[str, str],
    contexts: set[str],
    dates: list[str],
) -> None:
    record = Xbrl()
    _stand(record, element)
    document.xbrls.append(record)
    measures: list[str] = []
    for child in element:
        if child.tag == clark("xbrli:context"):
            record.contexts += 1
            contexts.add(child.get("id", ""))
            for entity in child.iterchildren(clark("xbrli:entity")):
                document.entities.append(_read_entity(entity))
            for period in child.iterchildren(clark("xbrli:period")):
                dates += map(text_of, period.iterchildren(*_PERIOD_DATES))
        elif child.tag == clark("xbrli:unit"):
            record.units += 1
            unit_id = child.get("id")
            for item in child.iterchildren(clark("xbrli:measure")):
                measure = Measure()
                _stand(measure, item)
                measure.text, measure.unit_id = text_of(item), unit_id
                document.measures.append(measure)
                measures.append(measure.text)
                units.setdefault(unit_id or "", ns(measure.text))
            units.setdefault(unit_id or "", "")
        elif child.tag == names.ENTRIES:
            record.entries += 1
            _read_entries(child, document)
    record.measures = tuple(measures)


def _read_entity(element: Element) -> Entity:
    record = Entity()
    _stand(record, element)
    for child in element:
        if child.tag == clark("xbrli:identifier"):
            record.put("identifier", text_of(child))
        elif child.tag == clark("xbrli:segment"):
            _fill(record, child, names.SEGMENT_SLOTS)
    return record


def _read_entries(element: Element, document: Document) -> None:
    record = Entries()
    _stand(record, element)
    record.uri = _base_uri(element, document.name)
    document.entries.append(record)
    for child in element:
        if child.tag == clark("gl-cor:documentInfo"):
            record.has_info = True
            info = Info()
            _stand(info, child)
            _fill(info, child, names.INFO_SLOTS)
            document.infos.append(info)
        elif child.tag == clark("gl-cor:entityInformation"):
            record.has_entity_info = True
            document.entity_infos.append(_read_entity_info(child))


def _base_uri(element: Element, name: str) -> str:
    uri = name
    for ancestor in reversed([element, *element.iterancestors()]):
        base = ancestor.get(_XML_BASE)
        if base is None:
            continue
        if len(base) > _BASE_LIMIT:
            raise TooLarge("limit_base", limit=_BASE_LIMIT)
        uri = resolve(uri, base)
    return ns(uri)


_GROUPS = {
    clark("gl-bus:entityPhoneNumber"): ("phones", clark("gl-bus:phoneNumber"), ""),
    clark("gl-bus:entityEmailAddressStructure"): (
        "emails",
        clark("gl-bus:entityEmailAddress"),
        "",
    ),
    clark("gl-bus:entityWebSite"): ("websites", clark("gl-bus:webSiteURL"), ""),
    clark("gl-bus:organizationAddress"): ("addresses", "", ""),
    clark("gl-bus:accountantInformation"): (
        "accountants",
        clark("gl-bus:accountantName"),
        clark("gl-bus:accountantEngagementTypeDescription"),
    ),
    clark("gl-bus:organizationIdentifiers"): (
        "identifiers",
        clark("gl-bus:organizationIdentifier"),
        clark("gl-bus:organizationDescription"),
    ),
}


def _read_entity_info(element: Element) -> EntityInfo:
    record = EntityInfo()
    _stand(record, element)
    _fill(record, element, names.ENTITY_INFO_SLOTS)
    for child in element:
        if child.tag not in _GROUPS:
            continue
        attribute, value, second = _GROUPS[child.tag]
        group = Group()
        _stand(group, child)
        _fill(group, child, {value: "value", second: "second"})
        group.children = frozenset(names.readable(part.tag) for part in child)
        getattr(record, attribute).append(group)
    return record
