"""Which records outside the entries are judged in which context."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from edefter.validation.records import Document, Item
from edefter.validation.rule import Context
from edefter.validation.xpath import each


def records_of(document: Document) -> Iterator[tuple[Context, Any]]:
    """All records outside the entries with the context that judges them."""
    yield Context.DOCUMENT, document
    yield from ((Context.ATTACHMENT, attachment) for attachment in document.attachments)
    for signature in document.signatures:
        yield Context.SIGNATURE, signature
        for x509 in signature.x509:
            yield Context.X509, x509
            for subject in x509.subjects:
                yield Context.SUBJECT, Item(subject, x509)
    yield from ((Context.XBRL, xbrl) for xbrl in document.xbrls)
    for entity in document.entities:
        yield Context.ENTITY, entity
        for text in each(entity.identifier):
            yield Context.IDENTIFIER, Item(text, entity)
    yield from ((Context.MEASURE, measure) for measure in document.measures)
    yield from ((Context.ENTRIES, entries) for entries in document.entries)
    yield from ((Context.INFO, info) for info in document.infos)
    for entity_info in document.entity_infos:
        yield Context.ENTITY_INFO, entity_info
        yield from ((Context.PHONE, group) for group in entity_info.phones)
        yield from ((Context.EMAIL, group) for group in entity_info.emails)
        yield from ((Context.WEBSITE, group) for group in entity_info.websites)
        yield from ((Context.ACCOUNTANT, group) for group in entity_info.accountants)
