import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.thrift.transport.THttpClient;
import org.apache.thrift.transport.TTransportException;

/** The HTTP client on Apache HttpComponents 5. */
final class HttpComponents {
  private HttpComponents() {}

  static THttpClient client(String url) throws TTransportException {
    return new THttpClient(url, HttpClients.createDefault());
  }
}
