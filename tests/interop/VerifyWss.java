import java.io.File;
import java.io.FileInputStream;
import java.io.InputStream;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.TreeSet;
import javax.xml.parsers.DocumentBuilderFactory;
import org.apache.ws.security.WSConstants;
import org.apache.ws.security.WSDataRef;
import org.apache.ws.security.WSSecurityEngine;
import org.apache.ws.security.WSSecurityEngineResult;
import org.apache.ws.security.components.crypto.Merlin;
import org.apache.ws.security.util.WSSecurityUtil;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/**
 * Judges the WS-Security header of SOAP messages with Apache WSS4J 1.6, an implementation that
 * shares nothing with ours.
 *
 * <p>java -cp JARS VerifyWss.java CA.pem[,CA.pem...] FILE... prints one line for each file: the
 * path, a tab, and "valid" with the local names of what is signed, or "invalid" with the reason.
 * Signature, digests, certificate path and the Timestamp's life are judged.
 */
public final class VerifyWss {
    private VerifyWss() {}

    public static void main(String[] arguments) throws Exception {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        for (String name : arguments[0].split(",")) {
            try (InputStream stream = new FileInputStream(name)) {
                trusted.setCertificateEntry(
                        name, CertificateFactory.getInstance("X.509").generateCertificate(stream));
            }
        }
        Merlin crypto = new Merlin();
        crypto.setTrustStore(trusted);
        for (int index = 1; index < arguments.length; index++) {
            String verdict;
            try {
                verdict = "valid " + verify(new File(arguments[index]), crypto);
            } catch (Exception error) {
                verdict = "invalid " + error;
            }
            System.out.println(arguments[index] + "\t" + verdict.replace('\n', ' '));
        }
    }

    private static String verify(File file, Merlin crypto) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        Document document = factory.newDocumentBuilder().parse(file);
        Element header = WSSecurityUtil.getSecurityHeader(document, null);
        if (header == null) {
            throw new IllegalArgumentException("no Security header");
        }
        List<WSSecurityEngineResult> results =
                new WSSecurityEngine().processSecurityHeader(document, null, null, crypto);
        if (results == null) {
            throw new IllegalArgumentException("nothing was secured");
        }
        TreeSet<String> signed = new TreeSet<>();
        for (WSSecurityEngineResult result : results) {
            if ((Integer) result.get(WSSecurityEngineResult.TAG_ACTION) != WSConstants.SIGN) {
                continue;
            }
            for (Object item : (List<?>) result.get(WSSecurityEngineResult.TAG_DATA_REF_URIS)) {
                Element element = ((WSDataRef) item).getProtectedElement();
                // What is signed must be the parts of this message, not copies at other places.
                boolean inPlace =
                        element.getParentNode() == document.getDocumentElement()
                                || element.getParentNode() == header;
                signed.add(element.getLocalName() + (inPlace ? "" : " elsewhere"));
            }
        }
        if (!signed.equals(new TreeSet<>(List.of("Body", "Timestamp")))) {
            throw new IllegalArgumentException("signed: " + signed);
        }
        return String.join(" ", signed);
    }
}
