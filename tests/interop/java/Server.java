import conformance.Insanity;
import conformance.Numberz;
import conformance.SecondService;
import conformance.ThriftTest;
import conformance.Xception;
import conformance.Xception2;
import conformance.Xtruct;
import conformance.Xtruct2;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.apache.thrift.TException;
import org.apache.thrift.TMultiplexedProcessor;
import org.apache.thrift.TProcessor;
import org.apache.thrift.server.TThreadPoolServer;
import org.apache.thrift.transport.TSSLTransportFactory;
import org.apache.thrift.transport.TServerSocket;
import org.apache.thrift.transport.TTransportFactory;
import org.apache.thrift.transport.TZlibTransport;
import org.apache.thrift.transport.layered.TFastFramedTransport;
import org.apache.thrift.transport.layered.TFramedTransport;

/** The cross-test's services on Apache's Java library. Says its port when it listens. */
final class Server {
  private static final class Handler implements ThriftTest.Iface, SecondService.Iface {
    public void testVoid() {}

    public String testString(String thing) {
      return thing;
    }

    public boolean testBool(boolean thing) {
      return thing;
    }

    public byte testByte(byte thing) {
      return thing;
    }

    public int testI32(int thing) {
      return thing;
    }

    public long testI64(long thing) {
      return thing;
    }

    public double testDouble(double thing) {
      return thing;
    }

    public ByteBuffer testBinary(ByteBuffer thing) {
      return thing;
    }

    /** Not in the interface of releases before 0.18. */
    public UUID testUuid(UUID thing) {
      return thing;
    }

    public Xtruct testStruct(Xtruct thing) {
      return thing;
    }

    public Xtruct2 testNest(Xtruct2 thing) {
      return thing;
    }

    public Map<Integer, Integer> testMap(Map<Integer, Integer> thing) {
      return thing;
    }

    public Map<String, String> testStringMap(Map<String, String> thing) {
      return thing;
    }

    public Set<Integer> testSet(Set<Integer> thing) {
      return thing;
    }

    public List<Integer> testList(List<Integer> thing) {
      return thing;
    }

    public Numberz testEnum(Numberz thing) {
      return thing;
    }

    public long testTypedef(long thing) {
      return thing;
    }

    public Map<Integer, Map<Integer, Integer>> testMapMap(int hello) {
      return Map.of(-4, Map.of(-4, -4, -3, -3, -2, -2, -1, -1), 4, Map.of(1, 1, 2, 2, 3, 3, 4, 4));
    }

    public Map<Long, Map<Numberz, Insanity>> testInsanity(Insanity argument) {
      Insanity empty = new Insanity(new HashMap<>(), new ArrayList<>());
      return Map.of(1L, Map.of(Numberz.TWO, argument, Numberz.THREE, argument), 2L, Map.of(Numberz.SIX, empty));
    }

    public Xtruct testMulti(byte arg0, int arg1, long arg2, Map<Short, String> arg3, Numberz arg4, long arg5) {
      return new Xtruct("Hello2", arg0, arg1, arg2);
    }

    public void testException(String arg) throws TException {
      if (arg.equals("Xception")) throw new Xception(1001, arg);
      if (arg.equals("TException")) throw new TException("asked for");
    }

    public Xtruct testMultiException(String arg0, String arg1) throws Xception, Xception2 {
      Xtruct made = new Xtruct(arg1, (byte) 0, 0, 0);
      if (arg0.equals("Xception")) throw new Xception(1001, "This is an Xception");
      if (arg0.equals("Xception2")) throw new Xception2(2002, made.setString_thing("This is an Xception2"));
      return made;
    }

    public void testOneway(int secondsToSleep) {}

    public String secondtestString(String thing) {
      return "testString(\"" + thing + "\")";
    }
  }

  private static TTransportFactory transports(String name) {
    switch (name) {
      case "buffered":
        return new TTransportFactory();
      case "framed":
        return new TFramedTransport.Factory();
      case "fastframed":
        return new TFastFramedTransport.Factory();
      case "zlib":
        return new TZlibTransport.Factory();
      default:
        throw new IllegalArgumentException(name);
    }
  }

  public static void main(String[] words) throws Exception {
    Connection options = new Connection(words);
    Handler handler = new Handler();
    TProcessor processor = new ThriftTest.Processor<>(handler);
    if (options.multiplexed()) {
      TMultiplexedProcessor several = new TMultiplexedProcessor();
      several.registerDefault(processor);
      several.registerProcessor("ThriftTest", processor);
      several.registerProcessor("SecondService", new SecondService.Processor<>(handler));
      processor = several;
    }
    InetAddress address = InetAddress.getByName(options.host());
    TServerSocket socket =
        options.secured()
            ? TSSLTransportFactory.getServerSocket(options.port(), 0, address, options.identity())
            : new TServerSocket(new java.net.InetSocketAddress(address, options.port()));
    System.out.println("listening on " + socket.getServerSocket().getLocalPort());
    TThreadPoolServer.Args args = new TThreadPoolServer.Args(socket).processor(processor);
    args.transportFactory(transports(options.transport())).protocolFactory(options.protocols());
    new TThreadPoolServer(args).serve();
  }
}
