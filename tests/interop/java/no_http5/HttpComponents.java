import org.apache.thrift.transport.THttpClient;

/** Releases before 0.17 know version 4 only. */
final class HttpComponents {
  private HttpComponents() {}

  static THttpClient client(String url) {
    throw new UnsupportedOperationException(url);
  }
}
