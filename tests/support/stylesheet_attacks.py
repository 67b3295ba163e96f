"""What a hostile rule file may try: one stylesheet per trick. `SECRET` is what must not get out.

Every stylesheet is well-formed XSLT that Saxon-HE would take, or would have to refuse by itself;
`@SECRET@` stands for the URL of a file (`.txt`, `.xml`, `.json`), `@OUT@` for one to be written.
"""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

FN = "http://www.w3.org/2005/xpath-functions"
_HEAD = (
    '<xsl:stylesheet version="3.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"'
    f' xmlns:f="{FN}" xmlns:fn="{FN}" xmlns:xs="http://www.w3.org/2001/XMLSchema"'
    ' xmlns:saxon="http://saxon.sf.net/" xmlns:file="http://expath.org/ns/file"'
    ' xmlns:sys="java:java.lang.System" xmlns:o="urn:own" exclude-result-prefixes="#all">'
)


def whole(body: str) -> str:
    """A stylesheet of this content."""
    return f"{_HEAD}{body}</xsl:stylesheet>"


def template(body: str) -> str:
    """A stylesheet whose template for the document has this content."""
    return whole(f'<xsl:template match="/"><o>{body}</o></xsl:template>')


def value(expression: str) -> str:
    """A stylesheet that gives out the value of an expression."""
    return template(f"<xsl:copy-of select={quoteattr(expression)}/>")


XML = "@SECRET@.xml"
TXT = "@SECRET@.txt"
_STYLE = (
    "map{'stylesheet-text': '<xsl:transform version=\"3.0\" "
    'xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template name="xsl:initial-template">'
    f'<xsl:copy-of select="doc(&amp;apos;{XML}&amp;apos;)"/></xsl:template></xsl:transform>\'}}'
)

FUNCTIONS: dict[str, str] = {
    "doc": value(f"doc('{XML}')"),
    "doc with a blank": value(f"doc ('{XML}')"),
    "doc with a comment": value(f"doc(: x :)('{XML}')"),
    "doc with the usual prefix": value(f"fn:doc('{XML}')"),
    "doc with another prefix": value(f"f:doc('{XML}')"),
    "doc with its URI": value(f"Q{{{FN}}}doc('{XML}')"),
    "doc with its URI and blanks": value(f"Q{{ {FN} }}doc('{XML}')"),
    "doc by reference": value(f"(doc#1)('{XML}')"),
    "doc by reference with prefix": value(f"let $x := f:doc#1 return $x('{XML}')"),
    "doc by reference with URI": value(f"for-each('{XML}', Q{{{FN}}}doc#1)"),
    "doc by partial application": value(f"doc(?)('{XML}')"),
    "doc by arrow": value(f"'{XML}' => doc()"),
    "doc in a sum of strings": value(f"concat('a', doc('{XML}'))"),
    "doc after a string with a quote": value(f"'it''s', doc('{XML}')"),
    "doc after a comment with a quote": value(f"(: ' :) doc('{XML}') (: ' :)"),
    "doc after nested comments": value(f"(: (: :) doc('x') :) doc('{XML}')"),
    "doc by look-up": value(
        f"function-lookup(QName('{FN}', 'doc'), 1)('{XML}')",
    ),
    "doc-available": value(f"doc-available('{XML}')"),
    "document": value(f"document('{XML}')"),
    "document of the stylesheet": value("document('')"),
    "collection": value("collection('@FOLDER@?select=*.xml')"),
    "uri-collection": value("uri-collection('@FOLDER@')"),
    "unparsed-text": value(f"unparsed-text('{TXT}')"),
    "unparsed-text with encoding": value(f"unparsed-text('{TXT}', 'UTF-8')"),
    "unparsed-text-lines": value(f"unparsed-text-lines('{TXT}')"),
    "unparsed-text-available": value(f"unparsed-text-available('{TXT}')"),
    "json-doc": value("json-doc('@SECRET@.json')"),
    "parse-xml with an external entity": value(
        f"parse-xml('<!DOCTYPE a [<!ENTITY e SYSTEM \"{TXT}\">]><a>&e;</a>')"
    ),
    "parse-xml-fragment": value("parse-xml-fragment('<a/>')"),
    "transform": value(f"transform({_STYLE})?*"),
    "load-xquery-module": value("load-xquery-module('x', map{'location-hints': '@SECRET@.xq'})?*"),
    "environment-variable": value("environment-variable('HOME')"),
    "available-environment-variables": value("available-environment-variables()"),
    "system-property": value("system-property('java.home')"),
    "network": value("doc('http://127.0.0.1:9/')"),
    "Java": value("sys:getProperty('java.home')"),
    "EXPath file": value(f"file:read-text('{TXT}')"),
    "saxon:evaluate": value(f"saxon:evaluate('doc(&quot;{XML}&quot;)')"),
    "unknown prefix": value("bilinmeyen:doc('x')"),
    "own function of a foreign namespace": whole(
        '<xsl:function name="sys:getProperty"><xsl:param name="x"/></xsl:function>'
        '<xsl:template match="/"><o><xsl:value-of select="sys:getProperty(\'x\')"/></o>'
        "</xsl:template>"
    ),
}
"""Functions, however they are named."""

PLACES: dict[str, str] = {
    "literal attribute": template(f"<e a=\"{{doc('{XML}')}}\"/>"),
    "literal attribute after a quote": template(f"<e a=\"' {{doc('{XML}')}} '\"/>"),
    "literal attribute after braces": template(f"<e a=\"{{{{x}}}} {{doc('{XML}')}}\"/>"),
    "attribute template of an instruction": template(
        f'<xsl:attribute name="a" separator="{{doc(\'{XML}\')}}" select="1, 2"/>'
    ),
    "shadow attribute": template(f"<xsl:copy-of _select=\"doc('{XML}')\"/>"),
    "text value template": template(f"<e xsl:expand-text=\"yes\">{{doc('{XML}')}}</e>"),
    "text value template of an instruction": template(
        f'<xsl:for-each select="1" expand-text="yes">{{doc(\'{XML}\')}}</xsl:for-each>'
    ),
    "use-when": template(f"<xsl:text use-when=\"doc-available('{XML}')\">SECRET</xsl:text>"),
    "use-when of a literal": template(f"<e xsl:use-when=\"doc-available('{XML}')\">SECRET</e>"),
    "match": whole(
        f"<xsl:template match=\"/*[doc('{XML}')/s]\"><o>SECRET</o></xsl:template>"
        f"<xsl:template match=\"doc('{XML}')\"/>"
    ),
    "key": whole(
        f'<xsl:key name="k" match="*" use="doc(\'{XML}\')"/>'
        "<xsl:template match=\"/\"><o><xsl:copy-of select=\"key('k', 'SECRET')\"/></o>"
        "</xsl:template>"
    ),
    "global variable": whole(
        f'<xsl:variable name="v" select="doc(\'{XML}\')"/>'
        '<xsl:template match="/"><o><xsl:copy-of select="$v"/></o></xsl:template>'
    ),
    "sort": template(
        f'<xsl:for-each select="1, 2"><xsl:sort select="doc(\'{XML}\')"/></xsl:for-each>'
    ),
    "group": template(
        f'<xsl:for-each-group select="1" group-by="doc(\'{XML}\')">'
        '<xsl:value-of select="current-grouping-key()"/></xsl:for-each-group>'
    ),
    "number": template(f"<xsl:number value=\"string-length(doc('{XML}'))\"/>"),
    "message": template(f"<xsl:message select=\"doc('{XML}')\"/>"),
    "own function": whole(
        f'<xsl:function name="o:f"><xsl:sequence select="doc(\'{XML}\')"/></xsl:function>'
        '<xsl:template match="/"><o><xsl:copy-of select="o:f()"/></o></xsl:template>'
    ),
}
"""Places where an expression may stand."""

INSTRUCTIONS: dict[str, str] = {
    "result-document": template('<xsl:result-document href="@OUT@"><s/></xsl:result-document>'),
    "import": whole(f'<xsl:import href="{XML}"/><xsl:template match="/"><o/></xsl:template>'),
    "include": whole(f'<xsl:include href="{XML}"/><xsl:template match="/"><o/></xsl:template>'),
    "include above": whole(
        '<xsl:include href="../x.xsl"/><xsl:template match="/"><o/></xsl:template>'
    ),
    "import-schema": whole(
        f'<xsl:import-schema schema-location="{XML}"/><xsl:template match="/"><o/></xsl:template>'
    ),
    "use-package": whole(
        '<xsl:use-package name="urn:x"/><xsl:template match="/"><o/></xsl:template>'
    ),
    "evaluate": template(f"<xsl:evaluate xpath=\"'doc(&quot;{XML}&quot;)'\"/>"),
    "source-document": template(
        f'<xsl:source-document href="{XML}"><xsl:copy-of select="."/></xsl:source-document>'
    ),
    "merge": template(
        f'<xsl:merge><xsl:merge-source for-each-source="\'{XML}\'" select="/*">'
        '<xsl:merge-key select="."/></xsl:merge-source>'
        '<xsl:merge-action><xsl:copy-of select="current-merge-group()"/></xsl:merge-action>'
        "</xsl:merge>"
    ),
    "output parameters": whole(
        f'<xsl:output parameter-document="{XML}"/><xsl:template match="/"><o/></xsl:template>'
    ),
    "character map": whole(
        '<xsl:character-map name="m"><xsl:output-character character="a" string="b"/>'
        '</xsl:character-map><xsl:template match="/"><o/></xsl:template>'
    ),
    "extension instruction": whole(
        '<xsl:template match="/" extension-element-prefixes="saxon"><o/></xsl:template>'
    ),
    "extension instruction of a literal": template(
        '<e xsl:extension-element-prefixes="saxon"><saxon:do action="1"/></e>'
    ),
    "Saxon's attribute": template('<xsl:copy-of select="." saxon:read-once="yes"/>'),
    "base URI": template('<e xml:base="file:///etc/"/>'),
    "accumulator": whole(
        '<xsl:accumulator name="a" initial-value="0"><xsl:accumulator-rule match="*" select="1"/>'
        '</xsl:accumulator><xsl:template match="/"><o/></xsl:template>'
    ),
}
"""Instructions and attributes."""

ATTACKS = {**FUNCTIONS, **PLACES, **INSTRUCTIONS}
