<?xml version="1.0" encoding="UTF-8"?>
<!-- Readable and printable view of a yevmiye defteri (journal).
     Our own work, XSLT 1.0. The file name is fixed by GİB; it lies beside the documents.
     No script, no outside resource, no disable-output-escaping: what a document says stays text.
     The block between BEGIN COMMON and END COMMON is the same in yevmiye, kebir and berat.xslt
     (each must work alone; tests/integration/xslt compares them). -->
<xsl:stylesheet version="1.0"
    xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:xbrli="http://www.xbrl.org/2003/instance"
    xmlns:gl-cor="http://www.xbrl.org/int/gl/cor/2006-10-25"
    xmlns:gl-bus="http://www.xbrl.org/int/gl/bus/2006-10-25"
    xmlns:gl-muc="http://www.xbrl.org/int/gl/muc/2006-10-25"
    xmlns:defterek="http://www.edefter.gov.tr/ek"
    xmlns:ds="http://www.w3.org/2000/09/xmldsig#"
    xmlns:xades="http://uri.etsi.org/01903/v1.3.2#"
    exclude-result-prefixes="xbrli gl-cor gl-bus gl-muc defterek ds xades">
  <!-- BEGIN COMMON -->
  <xsl:output method="html" encoding="UTF-8" indent="no" doctype-system="about:legacy-compat"/>
  <xsl:strip-space elements="*"/>
  <xsl:decimal-format name="tr" decimal-separator="," grouping-separator="." NaN="–"/>

  <xsl:variable name="xbrl" select="/*/xbrli:xbrl"/>
  <xsl:variable name="kayitlar" select="$xbrl/gl-cor:accountingEntries"/>
  <xsl:variable name="belge" select="$kayitlar/gl-cor:documentInfo"/>
  <xsl:variable name="kurum" select="$kayitlar/gl-cor:entityInformation"/>
  <xsl:variable name="vergi-no"
      select="normalize-space($xbrl/xbrli:context/xbrli:entity/xbrli:identifier)"/>
  <xsl:variable name="unvan"
      select="normalize-space($kurum/gl-bus:organizationIdentifiers/gl-bus:organizationIdentifier)"/>
  <xsl:variable name="para-birimi" select="substring-after(normalize-space(
      $xbrl/xbrli:unit/xbrli:measure[not(contains(., 'pure'))]), ':')"/>

  <!-- The page around the template icerik of each file; $baslik is the kind of document. -->
  <xsl:template name="sayfa">
    <xsl:param name="baslik"/>
    <html lang="tr">
      <head>
        <meta http-equiv="Content-Security-Policy"
            content="default-src 'none'; style-src 'unsafe-inline'"/>
        <title>
          <xsl:value-of select="concat($baslik, ' ', $belge/gl-cor:uniqueID, ' – ', $unvan)"/>
        </title>
        <style>
          @page { size: A4; margin: 12mm 11mm 14mm;
            @bottom-right { content: counter(page) " / " counter(pages); font-size: 8pt; } }
          * { box-sizing: border-box; }
          body { font: 10.5px/1.38 "Segoe UI", "Noto Sans", "DejaVu Sans", Arial, sans-serif;
            color: #1a1a1a; background: #fff; max-width: 900px; margin: 0 auto; padding: 18px; }
          h1 { font-size: 20px; margin: 0; font-weight: 600; color: #12324f; }
          h2 { font-size: 13px; margin: 18px 0 5px; font-weight: 600; color: #12324f;
            break-after: avoid; }
          .ust { display: flex; justify-content: space-between; align-items: flex-end; gap: 16px;
            border-bottom: 2px solid #12324f; padding-bottom: 7px; margin-bottom: 9px; }
          .ust .unvan { font-size: 13px; font-weight: 600; }
          .ust .no { text-align: right; white-space: nowrap; }
          .ust .no b { font-size: 13px; }
          .iki { display: flex; gap: 22px; }
          .iki > div { flex: 1 1 0; min-width: 0; }
          table { border-collapse: collapse; width: 100%; }
          table.bilgi th { text-align: left; font-weight: normal; color: #55606a; width: 34%;
            padding: 1px 8px 1px 0; vertical-align: top; }
          table.bilgi td { padding: 1px 0; vertical-align: top; overflow-wrap: anywhere; }
          table.defter { table-layout: fixed; margin-top: 4px; }
          table.defter th, table.defter td { padding: 2px 5px; vertical-align: top;
            overflow-wrap: anywhere; text-align: left; }
          table.defter thead { display: table-header-group; }
          table.defter thead th { border-bottom: 1.5px solid #12324f; color: #12324f;
            font-weight: 600; }
          table.defter thead tr.kimlik td { font-size: 9px; color: #55606a;
            padding: 0 5px 2px; }
          table.defter tbody { break-inside: avoid; }
          table.defter tbody.uzun { break-inside: auto; }
          table.defter tr { break-inside: avoid; }
          table.defter tr.bas td { background: #e9eff5; border-top: 1px solid #b9c8d6;
            break-after: avoid; }
          table.defter tr.satir td { border-bottom: 1px solid #e6e9ec; }
          table.defter tr.toplam td { border-top: 1px solid #55606a; font-weight: 600;
            break-before: avoid; }
          table.defter tr.genel td { border-top: 2px solid #12324f; border-bottom: 2px solid #12324f;
            font-weight: 700; padding: 4px 5px; }
          table.defter tbody.ara td { border: 0; padding: 4px; }
          table.defter .s { text-align: right; white-space: nowrap;
            font-variant-numeric: tabular-nums; overflow-wrap: normal; }
          .alacak { padding-left: 22px !important; }
          .soluk, .aciklama, .belge { color: #55606a; }
          .aciklama { font-style: italic; }
          .parca + .parca::before { content: " · "; font-style: normal; }
          .kod { font-variant-numeric: tabular-nums; }
          .uyari { border: 1px solid #a33; background: #fdf1f0; color: #7a1f1f; padding: 6px 9px;
            margin: 9px 0; }
          .not { color: #55606a; border-top: 1px solid #ccd3da; margin-top: 16px;
            padding-top: 5px; font-size: 9px; }
          .imza { break-inside: avoid; border: 1px solid #ccd3da; padding: 6px 9px;
            margin-top: 6px; }
          .tek { font-family: "DejaVu Sans Mono", Consolas, monospace; font-size: 9px;
            overflow-wrap: anywhere; }
          details { display: inline; }
          summary { display: inline; cursor: pointer; }
          a { color: inherit; text-decoration: none; }
          @media print { body { max-width: none; margin: 0; padding: 0; }
            /* Chromium's notice on XSLT would cover the top of every printed page. */
            xslt-warning-banner { display: none !important; }
            table.defter tr.bas td { print-color-adjust: exact;
              -webkit-print-color-adjust: exact; } }
        </style>
      </head>
      <body>
        <div class="ust">
          <div>
            <h1><xsl:value-of select="$baslik"/></h1>
            <div class="unvan"><xsl:value-of select="$unvan"/></div>
          </div>
          <div class="no">
            <div class="soluk">Kontrol numarası</div>
            <b><xsl:value-of select="normalize-space($belge/gl-cor:uniqueID)"/></b>
            <div>
              <xsl:call-template name="donem"/>
            </div>
          </div>
        </div>
        <xsl:if test="not(/*/ds:Signature)">
          <div class="uyari">
            <b>İmzasız taslak.</b> Bu dosya imzalanmamıştır; defter veya berat yerine geçmez.
          </div>
        </xsl:if>
        <xsl:call-template name="kunye"/>
        <xsl:call-template name="icerik"/>
        <div class="not">
          Bu sayfa dosyanın yalnızca görüntüsüdür; imzaların geçerli olduğunu göstermez ve dosyanın
          kendisinin yerine geçmez. İmzaları “edefter verify” komutu doğrular. Tutarların dosyadaki
          yazılışı, tutarın üzerine gelindiğinde görünür.
        </div>
      </body>
    </html>
  </xsl:template>

  <!-- dd.mm.yyyy – dd.mm.yyyy of the document. -->
  <xsl:template name="donem">
    <xsl:call-template name="tarih">
      <xsl:with-param name="t" select="$belge/gl-cor:periodCoveredStart"/>
    </xsl:call-template>
    <xsl:text> – </xsl:text>
    <xsl:call-template name="tarih">
      <xsl:with-param name="t" select="$belge/gl-cor:periodCoveredEnd"/>
    </xsl:call-template>
  </xsl:template>

  <!-- Who and what: company on the left, document on the right. -->
  <xsl:template name="kunye">
    <div class="iki">
      <div>
        <table class="bilgi">
          <xsl:call-template name="bilgi">
            <xsl:with-param name="ad">
              <xsl:choose>
                <xsl:when test="string-length($vergi-no) = 11">TCKN</xsl:when>
                <xsl:otherwise>VKN</xsl:otherwise>
              </xsl:choose>
            </xsl:with-param>
            <xsl:with-param name="deger" select="$vergi-no"/>
          </xsl:call-template>
          <xsl:for-each select="$kurum/gl-bus:organizationIdentifiers">
            <xsl:call-template name="bilgi">
              <xsl:with-param name="ad" select="gl-bus:organizationDescription"/>
              <xsl:with-param name="deger" select="gl-bus:organizationIdentifier"/>
            </xsl:call-template>
          </xsl:for-each>
          <xsl:for-each select="$kurum/gl-bus:organizationAddress">
            <xsl:call-template name="bilgi">
              <xsl:with-param name="ad">Adres</xsl:with-param>
              <xsl:with-param name="deger">
                <xsl:for-each select="*[normalize-space()]">
                  <xsl:if test="position() &gt; 1">
                    <xsl:text>, </xsl:text>
                  </xsl:if>
                  <xsl:if test="self::gl-bus:organizationBuildingNumber">No: </xsl:if>
                  <xsl:value-of select="normalize-space()"/>
                </xsl:for-each>
              </xsl:with-param>
            </xsl:call-template>
          </xsl:for-each>
          <xsl:call-template name="liste">
            <xsl:with-param name="ad">Telefon</xsl:with-param>
            <xsl:with-param name="degerler"
                select="$kurum/gl-bus:entityPhoneNumber/gl-bus:phoneNumber"/>
          </xsl:call-template>
          <xsl:call-template name="liste">
            <xsl:with-param name="ad">Faks</xsl:with-param>
            <xsl:with-param name="degerler"
                select="$kurum/gl-bus:entityFaxNumberStructure/gl-bus:entityFaxNumber"/>
          </xsl:call-template>
          <xsl:call-template name="liste">
            <xsl:with-param name="ad">E-posta</xsl:with-param>
            <xsl:with-param name="degerler"
                select="$kurum/gl-bus:entityEmailAddressStructure/gl-bus:entityEmailAddress"/>
          </xsl:call-template>
          <xsl:call-template name="liste">
            <xsl:with-param name="ad">İnternet sitesi</xsl:with-param>
            <xsl:with-param name="degerler"
                select="$kurum/gl-bus:entityWebSite/gl-bus:webSiteURL"/>
          </xsl:call-template>
          <xsl:call-template name="bilgi">
            <xsl:with-param name="ad">NACE kodu</xsl:with-param>
            <xsl:with-param name="deger" select="$kurum/gl-bus:businessDescription"/>
          </xsl:call-template>
        </table>
      </div>
      <div>
        <table class="bilgi">
          <xsl:call-template name="bilgi">
            <xsl:with-param name="ad">Dönem</xsl:with-param>
            <xsl:with-param name="deger">
              <xsl:call-template name="donem"/>
            </xsl:with-param>
          </xsl:call-template>
          <xsl:call-template name="bilgi">
            <xsl:with-param name="ad">Hesap dönemi</xsl:with-param>
            <xsl:with-param name="deger">
              <xsl:call-template name="tarih">
                <xsl:with-param name="t" select="$kurum/gl-bus:fiscalYearStart"/>
              </xsl:call-template>
              <xsl:text> – </xsl:text>
              <xsl:call-template name="tarih">
                <xsl:with-param name="t" select="$kurum/gl-bus:fiscalYearEnd"/>
              </xsl:call-template>
            </xsl:with-param>
          </xsl:call-template>
          <xsl:call-template name="bilgi">
            <xsl:with-param name="ad">Oluşturma tarihi</xsl:with-param>
            <xsl:with-param name="deger">
              <xsl:call-template name="tarih">
                <xsl:with-param name="t" select="$belge/gl-cor:creationDate"/>
              </xsl:call-template>
            </xsl:with-param>
          </xsl:call-template>
          <xsl:call-template name="bilgi">
            <xsl:with-param name="ad">Oluşturan</xsl:with-param>
            <xsl:with-param name="deger" select="$belge/gl-bus:creator"/>
          </xsl:call-template>
          <xsl:call-template name="bilgi">
            <xsl:with-param name="ad">Açıklama</xsl:with-param>
            <xsl:with-param name="deger" select="$belge/gl-cor:entriesComment"/>
          </xsl:call-template>
          <xsl:call-template name="bilgi">
            <xsl:with-param name="ad">Kaynak uygulama</xsl:with-param>
            <xsl:with-param name="deger" select="$belge/gl-bus:sourceApplication"/>
          </xsl:call-template>
          <xsl:call-template name="bilgi">
            <xsl:with-param name="ad">Para birimi</xsl:with-param>
            <xsl:with-param name="deger" select="$para-birimi"/>
          </xsl:call-template>
          <xsl:for-each select="$kurum/gl-bus:accountantInformation">
            <xsl:call-template name="bilgi">
              <xsl:with-param name="ad">Meslek mensubu</xsl:with-param>
              <xsl:with-param name="deger" select="gl-bus:accountantName"/>
            </xsl:call-template>
            <xsl:call-template name="bilgi">
              <xsl:with-param name="ad">Sözleşme</xsl:with-param>
              <xsl:with-param name="deger">
                <xsl:choose>
                  <xsl:when test="normalize-space(gl-bus:accountantEngagementTypeDescription) = '-'"
                  >yok (defterler işletmede tutuluyor)</xsl:when>
                  <xsl:otherwise>
                    <xsl:value-of select="gl-bus:accountantEngagementTypeDescription"/>
                  </xsl:otherwise>
                </xsl:choose>
              </xsl:with-param>
            </xsl:call-template>
          </xsl:for-each>
        </table>
      </div>
    </div>
  </xsl:template>

  <!-- One row of the information tables; nothing where there is no value. -->
  <xsl:template name="bilgi">
    <xsl:param name="ad"/>
    <xsl:param name="deger"/>
    <xsl:if test="normalize-space($deger)">
      <tr>
        <th scope="row"><xsl:value-of select="$ad"/></th>
        <td><xsl:value-of select="normalize-space($deger)"/></td>
      </tr>
    </xsl:if>
  </xsl:template>

  <!-- One row with several values. -->
  <xsl:template name="liste">
    <xsl:param name="ad"/>
    <xsl:param name="degerler"/>
    <xsl:call-template name="bilgi">
      <xsl:with-param name="ad" select="$ad"/>
      <xsl:with-param name="deger">
        <xsl:for-each select="$degerler[normalize-space()]">
          <xsl:if test="position() &gt; 1">
            <xsl:text>, </xsl:text>
          </xsl:if>
          <xsl:value-of select="normalize-space()"/>
        </xsl:for-each>
      </xsl:with-param>
    </xsl:call-template>
  </xsl:template>

  <!-- A signature: who, when, how, value. Context: ds:Signature. -->
  <xsl:template name="imza">
    <xsl:variable name="imzali" select="ds:Object/xades:QualifyingProperties/xades:SignedProperties
        /xades:SignedSignatureProperties"/>
    <div class="imza">
      <table class="bilgi">
        <xsl:call-template name="bilgi">
          <xsl:with-param name="ad">İmzalayan</xsl:with-param>
          <xsl:with-param name="deger">
            <xsl:choose>
              <xsl:when test="ds:KeyInfo/ds:X509Data/ds:X509SubjectName">
                <xsl:value-of select="ds:KeyInfo/ds:X509Data/ds:X509SubjectName"/>
              </xsl:when>
              <xsl:otherwise>adı yalnızca sertifikanın içinde yazılı</xsl:otherwise>
            </xsl:choose>
          </xsl:with-param>
        </xsl:call-template>
        <xsl:call-template name="bilgi">
          <xsl:with-param name="ad">İmzalama zamanı</xsl:with-param>
          <xsl:with-param name="deger">
            <xsl:call-template name="zaman">
              <xsl:with-param name="t" select="$imzali/xades:SigningTime"/>
            </xsl:call-template>
          </xsl:with-param>
        </xsl:call-template>
        <xsl:call-template name="bilgi">
          <xsl:with-param name="ad">Sertifikayı veren</xsl:with-param>
          <xsl:with-param name="deger" select="$imzali/xades:SigningCertificate/xades:Cert
              /xades:IssuerSerial/ds:X509IssuerName"/>
        </xsl:call-template>
        <xsl:call-template name="bilgi">
          <xsl:with-param name="ad">Sertifika seri no</xsl:with-param>
          <xsl:with-param name="deger" select="$imzali/xades:SigningCertificate/xades:Cert
              /xades:IssuerSerial/ds:X509SerialNumber"/>
        </xsl:call-template>
        <xsl:call-template name="bilgi">
          <xsl:with-param name="ad">İmza yöntemi</xsl:with-param>
          <xsl:with-param name="deger"
              select="substring-after(ds:SignedInfo/ds:SignatureMethod/@Algorithm, '#')"/>
        </xsl:call-template>
        <xsl:if test="ds:Object/xades:QualifyingProperties/xades:UnsignedProperties
            /xades:UnsignedSignatureProperties/xades:SignatureTimeStamp">
          <xsl:call-template name="bilgi">
            <xsl:with-param name="ad">Zaman damgası</xsl:with-param>
            <xsl:with-param name="deger">var</xsl:with-param>
          </xsl:call-template>
        </xsl:if>
        <tr>
          <th scope="row">İmza değeri</th>
          <td>
            <xsl:call-template name="imza-degeri">
              <xsl:with-param name="deger" select="ds:SignatureValue"/>
            </xsl:call-template>
          </td>
        </tr>
      </table>
    </div>
  </xsl:template>

  <!-- A signature value, shortened; the whole text opens on a click. -->
  <xsl:template name="imza-degeri">
    <xsl:param name="deger"/>
    <xsl:variable name="d" select="translate($deger, ' &#9;&#10;&#13;', '')"/>
    <xsl:choose>
      <xsl:when test="string-length($d) &gt; 56">
        <details class="tek">
          <summary>
            <xsl:value-of select="concat(substring($d, 1, 28), ' … ',
                substring($d, string-length($d) - 19))"/>
          </summary>
          <div><xsl:value-of select="$d"/></div>
        </details>
      </xsl:when>
      <xsl:otherwise>
        <span class="tek"><xsl:value-of select="$d"/></span>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- yyyy-mm-dd… as dd.mm.yyyy; anything else as it stands. -->
  <xsl:template name="tarih">
    <xsl:param name="t"/>
    <xsl:variable name="n" select="normalize-space($t)"/>
    <xsl:choose>
      <xsl:when test="translate(substring($n, 1, 10), '0123456789', '9999999999') = '9999-99-99'">
        <xsl:value-of select="concat(substring($n, 9, 2), '.', substring($n, 6, 2), '.',
            substring($n, 1, 4))"/>
      </xsl:when>
      <xsl:otherwise>
        <xsl:value-of select="$n"/>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- An instant with its own zone, which is never converted. -->
  <xsl:template name="zaman">
    <xsl:param name="t"/>
    <xsl:variable name="n" select="normalize-space($t)"/>
    <xsl:call-template name="tarih">
      <xsl:with-param name="t" select="$n"/>
    </xsl:call-template>
    <xsl:if test="substring($n, 11, 1) = 'T'">
      <xsl:value-of select="concat(' ', substring($n, 12, 8), ' ', substring($n, 20))"/>
    </xsl:if>
  </xsl:template>

  <!-- A table cell with an amount of the document: Turkish form, raw digits as its title. -->
  <xsl:template name="tutar-hucresi">
    <xsl:param name="deger"/>
    <td class="s">
      <xsl:if test="normalize-space($deger)">
        <xsl:attribute name="title"><xsl:value-of select="normalize-space($deger)"/></xsl:attribute>
        <xsl:call-template name="tutar">
          <xsl:with-param name="deger" select="$deger"/>
        </xsl:call-template>
      </xsl:if>
    </td>
  </xsl:template>

  <!-- Decimal text in Turkish form without loss: at least two places, more where there are more.
       Text that is no plain decimal is shown as it stands. -->
  <xsl:template name="tutar">
    <xsl:param name="deger"/>
    <xsl:variable name="n" select="normalize-space($deger)"/>
    <xsl:variable name="tam" select="substring-before(concat($n, '.'), '.')"/>
    <xsl:variable name="kesir" select="substring-after($n, '.')"/>
    <xsl:choose>
      <xsl:when test="$tam = '' or translate(concat($tam, $kesir), '0123456789', '') != ''">
        <xsl:value-of select="$n"/>
      </xsl:when>
      <xsl:otherwise>
        <xsl:choose>
          <xsl:when test="string-length($tam) &lt;= 15">
            <xsl:value-of select="format-number(number($tam), '#.##0', 'tr')"/>
          </xsl:when>
          <xsl:otherwise>
            <xsl:call-template name="grupla">
              <xsl:with-param name="r" select="$tam"/>
            </xsl:call-template>
          </xsl:otherwise>
        </xsl:choose>
        <xsl:text>,</xsl:text>
        <xsl:value-of select="$kesir"/>
        <xsl:value-of select="substring('00', 1 + string-length($kesir))"/>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- Dots between groups of three digits, for numbers that a double cannot hold. -->
  <xsl:template name="grupla">
    <xsl:param name="r"/>
    <xsl:variable name="u" select="string-length($r)"/>
    <xsl:choose>
      <xsl:when test="$u &gt; 3">
        <xsl:call-template name="grupla">
          <xsl:with-param name="r" select="substring($r, 1, $u - 3)"/>
        </xsl:call-template>
        <xsl:value-of select="concat('.', substring($r, $u - 2))"/>
      </xsl:when>
      <xsl:otherwise>
        <xsl:value-of select="$r"/>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- Sum of amounts in kuruş, exact up to 2^53: halves are added, so that the depth stays small. -->
  <xsl:template name="kurus-toplami">
    <xsl:param name="tutarlar"/>
    <xsl:variable name="sayi" select="count($tutarlar)"/>
    <xsl:choose>
      <xsl:when test="$sayi = 0">0</xsl:when>
      <xsl:when test="$sayi = 1">
        <xsl:variable name="n" select="translate(normalize-space($tutarlar), '+', '')"/>
        <xsl:value-of select="format-number(number(concat(substring-before(concat($n, '.'), '.'),
            substring(concat(substring-after($n, '.'), '00'), 1, 2))), '0')"/>
      </xsl:when>
      <xsl:otherwise>
        <xsl:variable name="yari" select="floor($sayi div 2)"/>
        <xsl:variable name="sol">
          <xsl:call-template name="kurus-toplami">
            <xsl:with-param name="tutarlar" select="$tutarlar[position() &lt;= $yari]"/>
          </xsl:call-template>
        </xsl:variable>
        <xsl:variable name="sag">
          <xsl:call-template name="kurus-toplami">
            <xsl:with-param name="tutarlar" select="$tutarlar[position() &gt; $yari]"/>
          </xsl:call-template>
        </xsl:variable>
        <xsl:value-of select="format-number($sol + $sag, '0')"/>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- Kuruş as Turkish money. Beyond 2^53 the sum is a rounded one and says so. -->
  <xsl:template name="kurus">
    <xsl:param name="k"/>
    <xsl:variable name="m" select="$k * (1 - 2 * ($k &lt; 0))"/>
    <xsl:choose>
      <xsl:when test="string(number($k)) = 'NaN'">hesaplanamadı</xsl:when>
      <xsl:otherwise>
        <xsl:if test="$m &gt; 9007199254740991">≈ </xsl:if>
        <xsl:if test="$k &lt; 0">-</xsl:if>
        <xsl:value-of select="concat(format-number(floor($m div 100), '#.##0', 'tr'), ',',
            format-number($m mod 100, '00'))"/>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- Sum of amounts as Turkish money. -->
  <xsl:template name="toplam">
    <xsl:param name="tutarlar"/>
    <xsl:call-template name="kurus">
      <xsl:with-param name="k">
        <xsl:call-template name="kurus-toplami">
          <xsl:with-param name="tutarlar" select="$tutarlar"/>
        </xsl:call-template>
      </xsl:with-param>
    </xsl:call-template>
  </xsl:template>

  <!-- Comment, document, payment, currency and fund details of a line. Context: entryDetail. -->
  <xsl:template name="satir-ayrintisi">
    <xsl:if test="normalize-space(gl-cor:detailComment)">
      <span class="parca aciklama"><xsl:value-of select="gl-cor:detailComment"/></span>
    </xsl:if>
    <xsl:if test="normalize-space(gl-cor:documentType) or normalize-space(gl-cor:documentNumber)
        or normalize-space(gl-bus:paymentMethod)">
      <span class="parca belge">
        <xsl:call-template name="belge-tipi"/>
        <xsl:if test="normalize-space(gl-cor:documentNumber)">
          <xsl:value-of select="concat(' ', normalize-space(gl-cor:documentNumber))"/>
        </xsl:if>
        <xsl:if test="normalize-space(gl-cor:documentDate)">
          <xsl:text>, </xsl:text>
          <xsl:call-template name="tarih">
            <xsl:with-param name="t" select="gl-cor:documentDate"/>
          </xsl:call-template>
        </xsl:if>
        <xsl:if test="normalize-space(gl-bus:paymentMethod)">
          <xsl:if test="normalize-space(gl-cor:documentType)">
            <xsl:text> · </xsl:text>
          </xsl:if>
          <xsl:value-of select="concat('Ödeme: ', normalize-space(gl-bus:paymentMethod))"/>
        </xsl:if>
      </span>
    </xsl:if>
    <xsl:if test="gl-muc:amountOriginalAmount">
      <span class="parca belge">
        <xsl:text>Döviz: </xsl:text>
        <xsl:call-template name="tutar">
          <xsl:with-param name="deger" select="gl-muc:amountOriginalAmount"/>
        </xsl:call-template>
        <xsl:value-of select="concat(' ',
            substring-after(normalize-space(gl-muc:amountOriginalCurrency), ':'))"/>
        <xsl:if test="gl-muc:amountOriginalExchangeRate">
          <xsl:value-of select="concat(', kur ',
              translate(normalize-space(gl-muc:amountOriginalExchangeRate), '.', ','))"/>
        </xsl:if>
        <xsl:if test="normalize-space(gl-muc:amountOriginalExchangeRateDate)">
          <xsl:text> (</xsl:text>
          <xsl:call-template name="tarih">
            <xsl:with-param name="t" select="gl-muc:amountOriginalExchangeRateDate"/>
          </xsl:call-template>
          <xsl:if test="normalize-space(gl-muc:amountOriginalExchangeRateSource)">
            <xsl:value-of select="concat(', ',
                normalize-space(gl-muc:amountOriginalExchangeRateSource))"/>
          </xsl:if>
          <xsl:text>)</xsl:text>
        </xsl:if>
        <xsl:for-each select="gl-muc:amountOriginalExchangeRateComment[normalize-space()]">
          <xsl:value-of select="concat(' · ', normalize-space())"/>
        </xsl:for-each>
      </span>
    </xsl:if>
    <xsl:for-each select="gl-bus:measurable">
      <span class="parca belge">
        <xsl:value-of select="concat(normalize-space(gl-bus:measurableQualifier), ': ',
            translate(normalize-space(gl-bus:measurableQuantity), '.', ','), ' ',
            normalize-space(gl-bus:measurableUnitOfMeasure))"/>
        <xsl:if test="normalize-space(gl-bus:measurableCostPerUnit)">
          <xsl:text> × </xsl:text>
          <xsl:call-template name="tutar">
            <xsl:with-param name="deger" select="gl-bus:measurableCostPerUnit"/>
          </xsl:call-template>
        </xsl:if>
      </span>
    </xsl:for-each>
    <xsl:if test="gl-cor:debitCreditCode[normalize-space() = 'undefined']">
      <span class="parca belge">
        <xsl:text>Borç/alacak yönü belirtilmemiş tutar: </xsl:text>
        <xsl:call-template name="tutar">
          <xsl:with-param name="deger" select="gl-cor:amount"/>
        </xsl:call-template>
      </span>
    </xsl:if>
  </xsl:template>

  <!-- Turkish name of the document type; for "other" its own description. -->
  <xsl:template name="belge-tipi">
    <xsl:variable name="t" select="normalize-space(gl-cor:documentType)"/>
    <xsl:choose>
      <xsl:when test="normalize-space(gl-cor:documentTypeDescription)">
        <xsl:value-of select="normalize-space(gl-cor:documentTypeDescription)"/>
      </xsl:when>
      <xsl:when test="$t = 'check'">Çek</xsl:when>
      <xsl:when test="$t = 'invoice'">Fatura</xsl:when>
      <xsl:when test="$t = 'order-customer'">Müşteri sipariş belgesi</xsl:when>
      <xsl:when test="$t = 'order-vendor'">Satıcı sipariş belgesi</xsl:when>
      <xsl:when test="$t = 'voucher'">Senet</xsl:when>
      <xsl:when test="$t = 'shipment'">Navlun</xsl:when>
      <xsl:when test="$t = 'receipt'">Makbuz</xsl:when>
      <xsl:when test="$t = 'other'">Diğer</xsl:when>
      <xsl:otherwise><xsl:value-of select="$t"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- First row of every printed page: whose document this is. -->
  <xsl:template name="kimlik-satiri">
    <xsl:param name="sutun"/>
    <tr class="kimlik">
      <td colspan="{$sutun}">
        <xsl:value-of select="concat($unvan, ' · ', $vergi-no, ' · ',
            normalize-space($belge/gl-cor:uniqueID), ' · ')"/>
        <xsl:call-template name="donem"/>
        <xsl:if test="$para-birimi">
          <xsl:value-of select="concat(' · tutarlar ', $para-birimi)"/>
        </xsl:if>
      </td>
    </tr>
  </xsl:template>
  <!-- END COMMON -->

  <!-- Debit and credit lines of the whole document, for its totals. -->
  <xsl:key name="yon" match="gl-cor:entryDetail"
      use="translate(substring(normalize-space(gl-cor:debitCreditCode), 1, 1), 'dc', 'DC')"/>

  <xsl:template match="/">
    <xsl:call-template name="sayfa">
      <xsl:with-param name="baslik">Yevmiye Defteri</xsl:with-param>
    </xsl:call-template>
  </xsl:template>

  <xsl:template name="icerik">
    <xsl:variable name="maddeler" select="$kayitlar/gl-cor:entryHeader"/>
    <xsl:variable name="borc">
      <xsl:call-template name="toplam">
        <xsl:with-param name="tutarlar" select="key('yon', 'D')/gl-cor:amount"/>
      </xsl:call-template>
    </xsl:variable>
    <xsl:variable name="alacak">
      <xsl:call-template name="toplam">
        <xsl:with-param name="tutarlar" select="key('yon', 'C')/gl-cor:amount"/>
      </xsl:call-template>
    </xsl:variable>
    <h2>Kayıtlar</h2>
    <div class="soluk">
      <xsl:value-of select="concat(format-number(count($maddeler), '#.##0', 'tr'), ' madde')"/>
      <xsl:if test="$maddeler">
        <xsl:value-of select="concat(' (no ', normalize-space($maddeler[1]/gl-cor:entryNumberCounter),
            ' – ', normalize-space($maddeler[last()]/gl-cor:entryNumberCounter), '), ',
            format-number(count($maddeler/gl-cor:entryDetail), '#.##0', 'tr'),
            ' satır; borç toplamı ', $borc, ', alacak toplamı ', $alacak)"/>
      </xsl:if>
    </div>
    <table class="defter">
      <colgroup>
        <col style="width:8%"/>
        <col style="width:15%"/>
        <col style="width:47%"/>
        <col style="width:15%"/>
        <col style="width:15%"/>
      </colgroup>
      <thead>
        <xsl:call-template name="kimlik-satiri">
          <xsl:with-param name="sutun">5</xsl:with-param>
        </xsl:call-template>
        <tr>
          <th scope="col">Satır</th>
          <th scope="col">Hesap kodu</th>
          <th scope="col">Hesap adı, açıklama ve belge</th>
          <th scope="col" class="s">Borç</th>
          <th scope="col" class="s">Alacak</th>
        </tr>
      </thead>
      <xsl:for-each select="$maddeler">
        <tbody>
          <xsl:if test="count(gl-cor:entryDetail) &gt; 12">
            <xsl:attribute name="class">uzun</xsl:attribute>
          </xsl:if>
          <tr class="bas">
            <td colspan="5">
              <b>
                <xsl:value-of select="concat('Madde ',
                    normalize-space(gl-cor:entryNumberCounter), ' · ')"/>
                <xsl:call-template name="tarih">
                  <xsl:with-param name="t" select="gl-cor:enteredDate"/>
                </xsl:call-template>
              </b>
              <xsl:if test="normalize-space(gl-cor:entryNumber)">
                <xsl:value-of select="concat(' · Fiş ', normalize-space(gl-cor:entryNumber))"/>
              </xsl:if>
              <xsl:if test="normalize-space(gl-bus:batchID)">
                <xsl:value-of select="concat(' · ', normalize-space(gl-bus:batchDescription), ' (',
                    normalize-space(gl-bus:batchID), ')')"/>
              </xsl:if>
              <xsl:if test="normalize-space(gl-cor:entryComment)">
                <xsl:value-of select="concat(' · ', normalize-space(gl-cor:entryComment))"/>
              </xsl:if>
              <span class="soluk">
                <xsl:value-of select="concat(' · Kaydeden: ', normalize-space(gl-cor:enteredBy))"/>
              </span>
            </td>
          </tr>
          <xsl:for-each select="gl-cor:entryDetail">
            <xsl:call-template name="satir"/>
          </xsl:for-each>
          <tr class="toplam">
            <td colspan="3" class="s">Madde toplamı</td>
            <xsl:call-template name="tutar-hucresi">
              <xsl:with-param name="deger" select="gl-bus:totalDebit"/>
            </xsl:call-template>
            <xsl:call-template name="tutar-hucresi">
              <xsl:with-param name="deger" select="gl-bus:totalCredit"/>
            </xsl:call-template>
          </tr>
        </tbody>
      </xsl:for-each>
      <tbody>
        <tr class="genel">
          <td colspan="3" class="s">Genel toplam</td>
          <td class="s"><xsl:value-of select="$borc"/></td>
          <td class="s"><xsl:value-of select="$alacak"/></td>
        </tr>
      </tbody>
    </table>
    <xsl:if test="not($maddeler)">
      <p>Bu tarih aralığında kayıt yoktur.</p>
    </xsl:if>
    <xsl:if test="/*/extensions/extension">
      <h2>Ekler</h2>
      <table class="bilgi">
        <xsl:for-each select="/*/extensions/extension/*">
          <tr>
            <th scope="row"><xsl:value-of select="concat('Ek ', position())"/></th>
            <td>
              <xsl:value-of select="concat(@filename, ' (', @mimeCode, ')')"/>
            </td>
          </tr>
        </xsl:for-each>
      </table>
    </xsl:if>
    <h2>İmza</h2>
    <xsl:for-each select="/*/ds:Signature">
      <xsl:call-template name="imza"/>
    </xsl:for-each>
    <xsl:if test="not(/*/ds:Signature)">
      <p>İmza yok.</p>
    </xsl:if>
  </xsl:template>

  <!-- One journal line; credit accounts are set in from the left as on paper. -->
  <xsl:template name="satir">
    <xsl:variable name="yon" select="translate(substring(normalize-space(gl-cor:debitCreditCode),
        1, 1), 'dc', 'DC')"/>
    <xsl:variable name="alt" select="gl-cor:account/gl-cor:accountSub"/>
    <tr class="satir">
      <td class="kod soluk"><xsl:value-of select="normalize-space(gl-cor:lineNumber)"/></td>
      <td class="kod">
        <xsl:value-of select="normalize-space(gl-cor:account/gl-cor:accountMainID)"/>
        <xsl:if test="$alt">
          <div><xsl:value-of select="normalize-space($alt/gl-cor:accountSubID)"/></div>
        </xsl:if>
      </td>
      <td>
        <xsl:if test="$yon = 'C'">
          <xsl:attribute name="class">alacak</xsl:attribute>
        </xsl:if>
        <xsl:value-of select="gl-cor:account/gl-cor:accountMainDescription"/>
        <xsl:if test="$alt">
          <div><xsl:value-of select="$alt/gl-cor:accountSubDescription"/></div>
        </xsl:if>
        <div><xsl:call-template name="satir-ayrintisi"/></div>
      </td>
      <xsl:call-template name="tutar-hucresi">
        <xsl:with-param name="deger" select="gl-cor:amount[$yon = 'D']"/>
      </xsl:call-template>
      <xsl:call-template name="tutar-hucresi">
        <xsl:with-param name="deger" select="gl-cor:amount[$yon = 'C']"/>
      </xsl:call-template>
    </tr>
  </xsl:template>
</xsl:stylesheet>
