/**
 * Judges enveloped signatures with xadesjs.
 *
 * `node verify.mjs FILE...` prints one line for each file: the path, a tab, and "valid" or
 * "invalid" with the reason. Trust is not judged, only the cryptography.
 */
import { webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as xmldom from '@xmldom/xmldom';
import xpath from 'xpath';
import * as xadesjs from 'xadesjs';

const DS = 'http://www.w3.org/2000/09/xmldsig#';
const DS11 = 'http://www.w3.org/2009/xmldsig11#';

xadesjs.setNodeDependencies({
  XMLSerializer: xmldom.XMLSerializer,
  DOMParser: xmldom.DOMParser,
  DOMImplementation: xmldom.DOMImplementation,
  xpath,
});
xadesjs.Application.setEngine('NodeJS', webcrypto);

/**
 * xadesjs knows the ECDSAKeyValue of RFC 4050 and stops at the ECKeyValue of XML-DSig 1.1.
 * KeyInfo is not signed and holds the certificate too, so that KeyValue is left out for it.
 */
function withoutUnknownKeyValue(signature) {
  for (const known of Array.from(signature.getElementsByTagNameNS(DS11, 'ECKeyValue'))) {
    const holder = known.parentNode;
    holder.parentNode.removeChild(holder);
  }
}

async function verify(path) {
  const document = xadesjs.Parse(readFileSync(path, 'utf8'));
  const signatures = Array.from(document.documentElement.childNodes).filter(
    (node) => node.namespaceURI === DS && node.localName === 'Signature',
  );
  if (signatures.length !== 1) {
    return `invalid ${signatures.length} ds:Signature`;
  }
  withoutUnknownKeyValue(signatures[0]);
  const signed = new xadesjs.SignedXml(document);
  signed.LoadXml(signatures[0]);
  return (await signed.Verify()) ? 'valid' : 'invalid value';
}

for (const path of process.argv.slice(2)) {
  let verdict;
  try {
    verdict = await verify(path);
  } catch (error) {
    verdict = `invalid ${error.message}`;
  }
  console.log(`${path}\t${verdict.replaceAll('\n', ' ')}`);
}
