"""A package like the official one, made of files of ours: our XSD set and restated rules.

Folders and file names are those that the real package uses; its contents are not (nothing of GİB's
is in this repository).
"""

from __future__ import annotations

import re
import zipfile
from importlib import resources
from pathlib import Path

from edefter.resources import schemas_dir

SCHEMATRON = Path(__file__).parent / "schematron"
RULE_FILES = {
    "Y": ("edefter_yevmiye.sch", "yevmiye.sch"),
    "K": ("edefter_kebir.sch", "kebir.sch"),
    "B": ("edefter_berat.sch", "berat.sch"),
    "R": ("edefter_rapor.sch", "rapor.sch"),
    "E": ("envanter_defter.sch", "envanter.sch"),
    "EB": ("envanter_berat.sch", "envanter_berat.sch"),
}
"""Family → name in the package, name of our restatement."""

VIEW = """<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:template match="/"><html><body>Berat görüntüleme</body></html></xsl:template>
</xsl:stylesheet>""".encode()

SVRL_YEVMIYE = """<xsl:stylesheet version="2.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
  xmlns:svrl="http://purl.oclc.org/dsdl/svrl" xmlns:edefter="http://www.edefter.gov.tr"
  xmlns:gl-cor="http://www.xbrl.org/int/gl/cor/2006-10-25"
  xmlns:saxon="http://saxon.sf.net/" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xsl:output method="xml" omit-xml-declaration="no" standalone="yes" indent="yes"/>
<xsl:template match="/">
  <svrl:schematron-output title="edefter yevmiye" schemaVersion="ISO19757-3">
    <svrl:active-pattern document="{document-uri(/)}" name="kalem"/>
    <xsl:apply-templates select="/" mode="M1"/>
  </svrl:schematron-output>
</xsl:template>
<xsl:template match="gl-cor:entryDetail" priority="1000" mode="M1">
  <svrl:fired-rule context="gl-cor:entryDetail"/>
  <xsl:choose>
    <xsl:when test="gl-cor:lineNumberCounter"/>
    <xsl:otherwise>
      <svrl:failed-assert test="gl-cor:lineNumberCounter" role="hata {{1,2}}">
        <xsl:attribute name="location">
          <xsl:apply-templates select="." mode="where"/>
        </xsl:attribute>
        <svrl:text>Madde numaras\u0131 zorunlu: 'lineNumberCounter'</svrl:text>
      </svrl:failed-assert>
    </xsl:otherwise>
  </xsl:choose>
  <xsl:apply-templates select="@*|*|comment()|processing-instruction()" mode="M1"/>
</xsl:template>
<xsl:template match="text()" priority="-1" mode="M1"/>
<xsl:template match="@*|node()" priority="-2" mode="M1">
  <xsl:apply-templates select="@*|*|comment()|processing-instruction()" mode="M1"/>
</xsl:template>
<xsl:template match="*" mode="where">
  <xsl:apply-templates select="parent::*" mode="where"/>
  <xsl:text>/*:</xsl:text><xsl:value-of select="local-name()"/>
  <xsl:text>[namespace-uri()='</xsl:text><xsl:value-of select="namespace-uri()"/>
  <xsl:text>'][</xsl:text>
  <xsl:value-of select="1 + count(preceding-sibling::*[node-name(.) = node-name(current())])"/>
  <xsl:text>]</xsl:text>
</xsl:template>
</xsl:stylesheet>""".encode()
"""Rules in compiled form, as in the package of 2015: they give out SVRL."""


def schema_files() -> dict[str, bytes]:
    """Our XSD set and the standard schemas beside it."""
    found = {path.name: path.read_bytes() for path in schemas_dir().glob("*.xsd")}
    found.pop("edefter-unsigned.xsd")
    signxml = resources.files("signxml")
    for folder in ("schemas", "xades/schemas"):
        for item in signxml.joinpath(folder).iterdir():
            if item.name in ("xmldsig-core-schema.xsd", "XAdES.xsd", "XAdESv141.xsd"):
                found[item.name] = item.read_bytes()
    return found


def without_ids(schematron: bytes) -> bytes:
    """The rules without ids of ours, as GİB's files are."""
    return re.sub(rb'<assert id="[^"]*"', b"<assert", schematron)


def package_files(*, ids: bool = True, families: str = "Y K B R E EB") -> dict[str, bytes]:
    """Files of a whole package by path."""
    files = {f"xsd/{name}": data for name, data in schema_files().items()}
    for family in families.split():
        name, ours = RULE_FILES[family]
        data = (SCHEMATRON / ours).read_bytes()
        files[f"sch/{name}"] = data if ids else without_ids(data)
    files |= {f"xslt/{name}.xslt": VIEW for name in ("berat", "yevmiye", "kebir")}
    files["kılavuz/Açıklama.txt"] = "e-Defter paketi örneği, Şubat".encode()
    files["eski/Paket.zip"] = b"PK\x03\x04 not opened"
    return files


def write_zip(path: Path, files: dict[str, bytes]) -> Path:
    """A zip of these files; the same files give the same bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name, (2025, 9, 12, 10, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return path
