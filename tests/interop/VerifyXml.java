import java.io.File;
import java.security.Key;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.xml.XMLConstants;
import javax.xml.crypto.AlgorithmMethod;
import javax.xml.crypto.KeySelector;
import javax.xml.crypto.KeySelectorException;
import javax.xml.crypto.KeySelectorResult;
import javax.xml.crypto.XMLCryptoContext;
import javax.xml.crypto.XMLStructure;
import javax.xml.crypto.dsig.Reference;
import javax.xml.crypto.dsig.XMLSignature;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMValidateContext;
import javax.xml.crypto.dsig.keyinfo.KeyInfo;
import javax.xml.crypto.dsig.keyinfo.X509Data;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * Judges enveloped signatures with the JDK's own XML-DSig, secure validation on.
 *
 * <p>java VerifyXml.java FILE... prints one line for each file: the path, a tab, and "valid" or
 * "invalid" with the reason. Trust is not judged, only the cryptography.
 */
public final class VerifyXml {
    private VerifyXml() {}

    public static void main(String[] files) {
        for (String file : files) {
            String verdict;
            try {
                verdict = verify(new File(file));
            } catch (Exception error) {
                verdict = "invalid " + error;
            }
            System.out.println(file + "\t" + verdict.replace('\n', ' '));
        }
    }

    private static String verify(File file) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        Document document = factory.newDocumentBuilder().parse(file);
        Element signature = null;
        for (Node node = document.getDocumentElement().getFirstChild();
                node != null;
                node = node.getNextSibling()) {
            if (XMLSignature.XMLNS.equals(node.getNamespaceURI())
                    && "Signature".equals(node.getLocalName())) {
                if (signature != null) {
                    return "invalid second ds:Signature";
                }
                signature = (Element) node;
            }
        }
        if (signature == null) {
            return "invalid no ds:Signature";
        }
        registerIds(signature);
        DOMValidateContext context = new DOMValidateContext(new FirstCertificate(), signature);
        context.setProperty("org.jcp.xml.dsig.secureValidation", Boolean.TRUE);
        XMLSignature unmarshalled =
                XMLSignatureFactory.getInstance("DOM").unmarshalXMLSignature(context);
        if (unmarshalled.validate(context)) {
            return "valid";
        }
        StringBuilder reason = new StringBuilder("invalid value=");
        reason.append(unmarshalled.getSignatureValue().validate(context));
        for (Object item : unmarshalled.getSignedInfo().getReferences()) {
            Reference reference = (Reference) item;
            reason.append(" '").append(reference.getURI()).append("'=");
            reason.append(reference.validate(context));
        }
        return reason.toString();
    }

    private static void registerIds(Element element) {
        if (element.hasAttributeNS(null, "Id")) {
            element.setIdAttributeNS(null, "Id", true);
        }
        for (Node node = element.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element) {
                registerIds((Element) node);
            }
        }
    }

    /** The key of the first X509Certificate; KeyValue is ignored on purpose. */
    private static final class FirstCertificate extends KeySelector {
        @Override
        public KeySelectorResult select(
                KeyInfo info, Purpose purpose, AlgorithmMethod method, XMLCryptoContext context)
                throws KeySelectorException {
            for (XMLStructure part : (List<XMLStructure>) (List<?>) info.getContent()) {
                if (part instanceof X509Data) {
                    for (Object item : ((X509Data) part).getContent()) {
                        if (item instanceof X509Certificate) {
                            Key key = ((X509Certificate) item).getPublicKey();
                            return () -> key;
                        }
                    }
                }
            }
            throw new KeySelectorException("no X509Certificate");
        }
    }
}
