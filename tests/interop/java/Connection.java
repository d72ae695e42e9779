import java.io.File;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.apache.thrift.protocol.TCompactProtocol;
import org.apache.thrift.protocol.TJSONProtocol;
import org.apache.thrift.protocol.TProtocolFactory;
import org.apache.thrift.transport.TSSLTransportFactory.TSSLTransportParameters;

/** What client and server have in common: arguments, Apache's protocols by the names of the matrix, and key stores. */
final class Connection {
  private static final String PASSWORD = "password";
  private final Map<String, String> values = new HashMap<>();

  Connection(String[] words) {
    for (String word : words) {
      String[] parts = word.split("=", 2);
      values.put(parts[0].substring(2), parts.length > 1 ? parts[1] : "yes");
    }
  }

  String get(String name, String otherwise) {
    return values.getOrDefault(name, otherwise);
  }

  String host() {
    return get("host", "127.0.0.1");
  }

  int port() {
    return Integer.parseInt(get("port", "0"));
  }

  boolean secured() {
    return values.containsKey("ssl");
  }

  String transport() {
    return get("transport", "buffered");
  }

  boolean multiplexed() {
    return get("protocol", "").startsWith("multi");
  }

  TProtocolFactory protocols() {
    switch (get("protocol", "binary")) {
      case "binary":
      case "multi":
        return new TBinaryProtocol.Factory();
      case "compact":
      case "multic":
        return new TCompactProtocol.Factory();
      case "json":
      case "multij":
        return new TJSONProtocol.Factory();
      default:
        throw new IllegalArgumentException(get("protocol", ""));
    }
  }

  /** Trust in the one certificate that was given. */
  TSSLTransportParameters trust() throws Exception {
    TSSLTransportParameters made = new TSSLTransportParameters();
    made.setTrustStore(trusted(), PASSWORD, null, "PKCS12");
    return made;
  }

  /** The same for all of the program: the library's clients for HTTP take no certificate, and trust what the JDK does. */
  void trustEverywhere() throws Exception {
    System.setProperty("javax.net.ssl.trustStore", trusted());
    System.setProperty("javax.net.ssl.trustStorePassword", PASSWORD);
    System.setProperty("javax.net.ssl.trustStoreType", "PKCS12");
  }

  private String trusted() throws Exception {
    KeyStore store = empty();
    store.setCertificateEntry("ca", certificate(get("ca", "")));
    return saved(store);
  }

  /** The server's certificate and its key. */
  TSSLTransportParameters identity() throws Exception {
    String text = Files.readString(Path.of(get("key", ""))).replaceAll("-----[A-Z ]+-----|\\s", "");
    PrivateKey key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(text)));
    KeyStore store = empty();
    store.setKeyEntry("server", key, PASSWORD.toCharArray(), new Certificate[] {certificate(get("cert", ""))});
    TSSLTransportParameters made = new TSSLTransportParameters();
    made.setKeyStore(saved(store), PASSWORD, null, "PKCS12");
    return made;
  }

  private static KeyStore empty() throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private static Certificate certificate(String file) throws Exception {
    try (InputStream stream = Files.newInputStream(Path.of(file))) {
      return CertificateFactory.getInstance("X.509").generateCertificate(stream);
    }
  }

  /** The library takes the names of files only. It stands beside the certificates, whose folder is removed with all that is in it. */
  private String saved(KeyStore store) throws Exception {
    File file = File.createTempFile("interop", ".p12", new File(get("ca", get("cert", ""))).getParentFile());
    try (OutputStream stream = Files.newOutputStream(file.toPath())) {
      store.store(stream, PASSWORD.toCharArray());
    }
    return file.getPath();
  }
}
