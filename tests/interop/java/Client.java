import conformance.Insanity;
import conformance.Numberz;
import conformance.SecondService;
import conformance.ThriftTest;
import conformance.Xception;
import conformance.Xception2;
import conformance.Xtruct;
import conformance.Xtruct2;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.apache.thrift.TApplicationException;
import org.apache.thrift.TConfiguration;
import org.apache.thrift.protocol.TMultiplexedProtocol;
import org.apache.thrift.protocol.TProtocol;
import org.apache.thrift.transport.THttpClient;
import org.apache.thrift.transport.TSSLTransportFactory;
import org.apache.thrift.transport.TSocket;
import org.apache.thrift.transport.TTransport;
import org.apache.thrift.transport.TZlibTransport;
import org.apache.thrift.transport.layered.TFastFramedTransport;
import org.apache.thrift.transport.layered.TFramedTransport;

/** The cross-test's calls through Apache's Java library. Exit code 1 where an answer is wrong. */
final class Client {
  private static final int TIMEOUT_MS = 10_000;
  private static int made = 0;
  private static int failed = 0;

  private interface Call {
    Object get() throws Exception;
  }

  private interface Echo<T> {
    T call(T value) throws Exception;
  }

  private static void check(String what, boolean good, Object got) {
    made += 1;
    if (!good) {
      failed += 1;
      String text = String.valueOf(got);
      System.out.println("FAIL " + what + ": got " + text.substring(0, Math.min(200, text.length())));
    }
  }

  private static void equal(String what, Object got, Object wanted) {
    check(what, Objects.equals(got, wanted), got);
  }

  @SafeVarargs
  private static <T> void same(String what, Echo<T> echo, T... values) throws Exception {
    for (T value : values) equal(what, echo.call(value), value);
  }

  private static <E extends Exception> E raised(String what, Class<E> kind, Call call) {
    try {
      check(what, false, call.get());
    } catch (Exception error) {
      check(what, kind.isInstance(error), error);
      if (kind.isInstance(error)) return kind.cast(error);
    }
    return null;
  }

  private static TTransport transport(Connection options) throws Exception {
    if (options.transport().equals("http")) {
      String url = (options.secured() ? "https://" : "http://") + options.host() + ":" + options.port() + "/test/service";
      if (options.secured()) options.trustEverywhere();
      // A client of Apache HttpComponents where the program is started with one, else the JDK's own.
      THttpClient http = System.getenv("HTTP_CLIENT_5") == null ? new THttpClient(url) : HttpComponents.client(url);
      http.setConnectTimeout(TIMEOUT_MS);
      http.setReadTimeout(TIMEOUT_MS);
      return http;
    }
    TSocket socket =
        options.secured()
            ? TSSLTransportFactory.getClientSocket(options.host(), options.port(), TIMEOUT_MS, options.trust())
            : new TSocket(new TConfiguration(), options.host(), options.port(), TIMEOUT_MS);
    switch (options.transport()) {
      case "buffered":
        return socket;
      case "framed":
        return new TFramedTransport(socket);
      case "fastframed":
        return new TFastFramedTransport(socket);
      case "zlib":
        return new TZlibTransport(socket);
      default:
        throw new IllegalArgumentException(options.transport());
    }
  }

  private static void echoes(ThriftTest.Client client) throws Exception {
    client.testVoid();
    String[] texts = {"", "Test", "quote \" back\\slash / tab\t newline\n nul\0.", "Ünïcödé 漢字 العربية 😀", "x".repeat(20000)};
    same("testString", client::testString, texts);
    same("testBool", client::testBool, true, false);
    for (int value : new int[] {0, 1, -1, 127, -128}) same("testByte", client::testByte, (byte) value);
    same("testI32", client::testI32, 0, 1, -1, Integer.MAX_VALUE, Integer.MIN_VALUE);
    same("testI64", client::testI64, 0L, -1L, -34359738368L, (1L << 53) + 1, Long.MAX_VALUE, Long.MIN_VALUE);
    same("testTypedef", client::testTypedef, 0L, -1L, Long.MAX_VALUE, Long.MIN_VALUE);
    // Boxed doubles are equal where their bits are.
    same("testDouble", client::testDouble, 0.0, -0.0, 5.325098235, -5.325098235, 1e300, Double.MIN_VALUE, Double.MAX_VALUE);
    same("testDouble", client::testDouble, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.NaN);
    for (int size : new int[] {0, 1, 2, 4, 16, 255, 256, 4096, 65536, 131072}) {
      byte[] value = new byte[size];
      for (int index = 0; index < size; index += 1) value[index] = (byte) (index * 7);
      equal("testBinary of " + size, client.testBinary(ByteBuffer.wrap(value)), ByteBuffer.wrap(value));
    }
    for (Method method : ThriftTest.Client.class.getMethods()) {
      // Not in releases before 0.18.
      if (!method.getName().equals("testUuid")) continue;
      for (String text : new String[] {"00000000-0000-0000-0000-000000000000", "00112233-4455-6677-8899-aabbccddeeff"}) {
        equal("testUuid", method.invoke(client, UUID.fromString(text)), UUID.fromString(text));
      }
    }
  }

  private static Xtruct xtruct(String text, int number, int i32, long i64) {
    return new Xtruct(text, (byte) number, i32, i64);
  }

  private static void structs(ThriftTest.Client client) throws Exception {
    Xtruct thing = xtruct("Zero", 1, -3, -5);
    same("testStruct", client::testStruct, thing);
    same("testNest", client::testNest, new Xtruct2((byte) 1, thing, 5));
    List<Xtruct> xtructs = List.of(xtruct("Goodbye4", 4, 4, 4), xtruct("Hello2", 2, 2, 2));
    Insanity insanity = new Insanity(new HashMap<>(Map.of(Numberz.FIVE, 5L, Numberz.EIGHT, 8L)), new ArrayList<>(xtructs));
    Map<Long, Map<Numberz, Insanity>> got = client.testInsanity(insanity);
    equal("testInsanity 1", got.get(1L), Map.of(Numberz.TWO, insanity, Numberz.THREE, insanity));
    equal("testInsanity 2", got.get(2L), Map.of(Numberz.SIX, new Insanity(new HashMap<>(), new ArrayList<>())));
    Xtruct multi = client.testMulti((byte) 74, 0xFF00FF, 0xFF00FF00FFL, Map.of((short) 1, "blah"), Numberz.FIVE, 0xF0F0F0L);
    equal("testMulti", multi, xtruct("Hello2", 74, 0xFF00FF, 0xFF00FF00FFL));
  }

  private static void containers(ThriftTest.Client client) throws Exception {
    Map<Integer, Integer> many = new HashMap<>();
    List<Integer> list = new ArrayList<>();
    for (int index = 0; index < 2000; index += 1) {
      many.put(index, -index);
      list.add(index);
    }
    equal("testMap", client.testMap(Map.of()), Map.of());
    equal("testMap", client.testMap(Map.of(0, -10, 4, -6)), Map.of(0, -10, 4, -6));
    equal("testMap", client.testMap(Map.of(Integer.MAX_VALUE, Integer.MIN_VALUE)), Map.of(Integer.MAX_VALUE, Integer.MIN_VALUE));
    equal("testMap", client.testMap(many), many);
    Map<String, String> texts = Map.of("a", "123", " x y ", " with spaces ", "0", "numeric key", "", "ü 漢");
    equal("testStringMap", client.testStringMap(texts), texts);
    for (List<Integer> value : List.of(List.<Integer>of(), List.of(-2, -1, 0, 1, 2), list)) {
      equal("testList", client.testList(value), value);
      Set<Integer> set = new HashSet<>(value);
      equal("testSet", client.testSet(set), set);
    }
    same("testEnum", client::testEnum, Numberz.ONE, Numberz.TWO, Numberz.EIGHT);
    Map<Integer, Integer> below = Map.of(-4, -4, -3, -3, -2, -2, -1, -1);
    equal("testMapMap", client.testMapMap(1), Map.of(-4, below, 4, Map.of(1, 1, 2, 2, 3, 3, 4, 4)));
  }

  private static void exceptions(ThriftTest.Client client) throws Exception {
    Call call = () -> {
      client.testException("Xception");
      return null;
    };
    Xception one = raised("Xception", Xception.class, call);
    equal("Xception's members", one, new Xception(1001, "Xception"));
    raised("TException", TApplicationException.class, () -> {
      client.testException("TException");
      return null;
    });
    client.testException("success");
    one = raised("multi 1", Xception.class, () -> client.testMultiException("Xception", "x"));
    equal("multi 1's members", one, new Xception(1001, "This is an Xception"));
    Xception2 two = raised("multi 2", Xception2.class, () -> client.testMultiException("Xception2", "x"));
    equal("multi 2's text", two == null ? null : two.struct_thing.string_thing, "This is an Xception2");
    equal("multi none", client.testMultiException("success", "foobar").string_thing, "foobar");
  }

  private static void oneway(ThriftTest.Client client) throws Exception {
    long begun = System.nanoTime();
    client.testOneway(3);
    long took = System.nanoTime() - begun;
    check("testOneway", took < 200_000_000L, took / 1_000_000 + " ms");
    same("a call behind a oneway one", client::testI32, -1);
  }

  private static TProtocol named(Connection options, TProtocol protocol, String service) {
    return options.multiplexed() ? new TMultiplexedProtocol(protocol, service) : protocol;
  }

  private static void run(Connection options) throws Exception {
    made = 0;
    failed = 0;
    try (TTransport transport = transport(options)) {
      if (!transport.isOpen()) transport.open();
      TProtocol protocol = options.protocols().getProtocol(transport);
      ThriftTest.Client client = new ThriftTest.Client(named(options, protocol, "ThriftTest"));
      echoes(client);
      structs(client);
      containers(client);
      if (options.multiplexed()) {
        SecondService.Client second = new SecondService.Client(named(options, protocol, "SecondService"));
        for (String text : new String[] {"a", "b", "c"}) {
          equal("secondtestString", second.secondtestString(text), "testString(\"" + text + "\")");
          same("testString between", client::testString, "a");
        }
      }
      exceptions(client);
      oneway(client);
    } catch (Exception error) {
      System.out.println("FAIL after " + made + " checks:");
      error.printStackTrace(System.out);
      System.exit(1);
    }
    System.out.println(made + " checks, " + failed + " failed");
    if (failed > 0) System.exit(1);
  }

  /** Runs each combination that is given: `--` begins another one. */
  public static void main(String[] words) throws Exception {
    List<String> given = new ArrayList<>();
    for (String word : words) {
      if (word.equals("--")) {
        run(new Connection(given.toArray(new String[0])));
        given.clear();
      } else {
        given.add(word);
      }
    }
    run(new Connection(given.toArray(new String[0])));
    System.exit(0);
  }
}
