"""Our XSD set: made from the table, complete, and never asking the network."""

import json

import pytest
from lxml import etree

from edefter.resources import schemas_dir
from edefter.validation import names
from edefter.validation.schema.schema_check import explain
from edefter.validation.schema.schema_set import _LocalResolver, schema
from tests.support.hangs import ends
from tools.make_schemas import schemas


def test_committed_schemas_are_the_tools_output(shared):
    taxonomy = json.loads((shared / "spec" / "taxonomy.json").read_text(encoding="utf-8"))
    made = schemas(taxonomy)
    assert made.keys() == {"gl-cor.xsd", "gl-bus.xsd", "gl-muc.xsd"}
    for name, text in made.items():
        assert (schemas_dir() / name).read_text(encoding="utf-8") == text


def test_all_346_elements_are_there():
    count = 0
    for prefix in ("gl-cor", "gl-bus", "gl-muc"):
        root = etree.parse(schemas_dir() / f"{prefix}.xsd").getroot()
        assert root.get("targetNamespace") == names.URIS[prefix]
        count += len(root.findall("{http://www.w3.org/2001/XMLSchema}element"))
    assert count == 346


def test_unknown_child_in_the_table_is_refused():
    with pytest.raises(KeyError):
        schemas(
            {
                "namespaces": {"a": "urn:a"},
                "not_nillable": [],
                "items": {},
                "tuples": {"a:t": ["a:yok?"]},
            }
        )


def test_import_outside_the_set_is_refused():
    with pytest.raises(FileNotFoundError):
        _LocalResolver().resolve("http://www.w3.org/2001/xml.xsd", "", None)


def test_both_variants_compile_and_differ():
    root = etree.fromstring(b'<defter xmlns="http://www.edefter.gov.tr"/>')
    assert not schema(True).validate(root) and not schema(False).validate(root)
    assert schema(True) is schema(True) and schema(True) is not schema(False)


@pytest.mark.parametrize(
    ("message", "key"),
    [
        ("Element '{u}a': This element is not expected. Expected is ( b ).", "xsd_unexpected"),
        ("Element 'a': Missing child element(s). Expected is ( b ).", "xsd_missing_child"),
        ("Element 'a': 'x' is not a valid value of the local atomic type.", "xsd_value"),
        (
            "Element 'a', attribute 'b': The attribute 'b' is not allowed.",
            "xsd_attribute_forbidden",
        ),
        ("Element 'a': The attribute 'b' is required but missing.", "xsd_attribute_missing"),
        ("Element 'a', attribute 'b': '' is not a valid value of x.", "xsd_attribute_value"),
        (
            "Element 'a': [facet 'enumeration'] The value 'x' is not an element of the set {'y'}.",
            "xsd_enumeration",
        ),
        (
            "Element 'a': The QName value 'x:y' has no corresponding namespace declaration.",
            "xsd_prefix",
        ),
        (
            "Element 'a', attribute 'id': 'x' is not a valid value of the atomic type 'xs:ID'.",
            "xsd_duplicate_id",
        ),
        (
            "Element 'a', attribute 'id': '1 x' is not a valid value of the atomic type 'xs:ID'.",
            "xsd_attribute_value",
        ),
        (
            "Element 'a', attribute 't': The QName value '{u}x' of the xsi:type attribute does not "
            "resolve to a type definition.",
            "xsd_attribute_value",
        ),
        ("Element 'a': Character content is not allowed.", "xsd_other"),
        ("etwas anderes", "xsd_other"),
    ],
)
def test_schema_messages_are_understood(message, key):
    assert explain(message)[0] == key


@pytest.mark.parametrize(
    "part",
    [
        "a' is not a valid value of the ",
        "' is not an element of the set {",
        " Expected is ( ",
        "This element is not expected.",
        "{{{{",
        """'""",
        "' ",
    ],
)
def test_a_value_made_of_libxml2s_own_words_is_understood_at_once(part):
    value = part * (400_000 // len(part))
    with ends():
        for message, key in (
            (
                f"Element 'a': '{value}' is not a valid value of the atomic type 'xs:date'.",
                "xsd_value",
            ),
            (
                f"Element 'a': [facet 'enumeration'] The value '{value}' is not an element of "
                "the set {'y', 'z'}.",
                "xsd_enumeration",
            ),
            (
                f"Element 'a', attribute 'b': '{value}' is not a valid value of the union type.",
                "xsd_attribute_value",
            ),
            (
                f"Element 'a': The QName value '{value}' has no corresponding namespace "
                "declaration.",
                "xsd_prefix",
            ),
        ):
            found, facts = explain(message)
            assert found == key
            assert facts["value"][:20] == value[:20]
            assert facts.get("allowed", "y, z") == "y, z"
