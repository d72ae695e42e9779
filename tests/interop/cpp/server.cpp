// The cross-test's services on Apache's C++ library. Says its port when it listens.

#include <csignal>
#include <iostream>

#include <thrift/processor/TMultiplexedProcessor.h>
#include <thrift/server/TThreadedServer.h>
#include <thrift/transport/THttpServer.h>
#include <thrift/transport/TSSLServerSocket.h>
#include <thrift/transport/TSSLSocket.h>
#include <thrift/transport/TZlibTransport.h>

#include "SecondService.h"
#include "ThriftTest.h"
#include "connection.h"

using namespace apache::thrift;
using namespace conformance;

class Handler : public ThriftTestIf, public SecondServiceIf {
public:
  void testVoid() override {}
  void testString(std::string& reply, const std::string& thing) override { reply = thing; }
  bool testBool(const bool thing) override { return thing; }
  int8_t testByte(const int8_t thing) override { return thing; }
  int32_t testI32(const int32_t thing) override { return thing; }
  int64_t testI64(const int64_t thing) override { return thing; }
  double testDouble(const double thing) override { return thing; }
  void testBinary(std::string& reply, const std::string& thing) override { reply = thing; }
#ifdef WITH_UUID
  void testUuid(TUuid& reply, const TUuid& thing) override { reply = thing; }
#endif
  void testStruct(Xtruct& reply, const Xtruct& thing) override { reply = thing; }
  void testNest(Xtruct2& reply, const Xtruct2& thing) override { reply = thing; }
  void testMap(std::map<int32_t, int32_t>& reply, const std::map<int32_t, int32_t>& thing) override { reply = thing; }
  void testStringMap(std::map<std::string, std::string>& reply, const std::map<std::string, std::string>& thing) override { reply = thing; }
  void testSet(std::set<int32_t>& reply, const std::set<int32_t>& thing) override { reply = thing; }
  void testList(std::vector<int32_t>& reply, const std::vector<int32_t>& thing) override { reply = thing; }
  Numberz::type testEnum(const Numberz::type thing) override { return thing; }
  UserId testTypedef(const UserId thing) override { return thing; }
  void testMapMap(std::map<int32_t, std::map<int32_t, int32_t>>& reply, const int32_t) override {
    for (int index = 1; index < 5; ++index) {
      reply[-4][-index] = -index;
      reply[4][index] = index;
    }
  }
  void testInsanity(std::map<UserId, std::map<Numberz::type, Insanity>>& reply, const Insanity& argument) override {
    reply[1][Numberz::TWO] = reply[1][Numberz::THREE] = argument;
    reply[2][Numberz::SIX] = Insanity();
  }
  void testMulti(Xtruct& reply, const int8_t arg0, const int32_t arg1, const int64_t arg2, const std::map<int16_t, std::string>&, const Numberz::type, const UserId) override {
    reply.string_thing = "Hello2";
    reply.byte_thing = arg0;
    reply.i32_thing = arg1;
    reply.i64_thing = arg2;
  }
  void testException(const std::string& arg) override {
    if (arg == "Xception") throw xception(arg);
    if (arg == "TException") throw TException("asked for");
  }
  void testMultiException(Xtruct& reply, const std::string& arg0, const std::string& arg1) override {
    if (arg0 == "Xception") throw xception("This is an Xception");
    if (arg0 == "Xception2") {
      Xception2 error;
      error.errorCode = 2002;
      error.struct_thing.string_thing = "This is an Xception2";
      throw error;
    }
    reply.string_thing = arg1;
  }
  void testOneway(const int32_t) override {}
  void secondtestString(std::string& reply, const std::string& thing) override { reply = "testString(\"" + thing + "\")"; }

private:
  static Xception xception(const std::string& message) {
    Xception error;
    error.errorCode = 1001;
    error.message = message;
    return error;
  }
};

class Announce : public server::TServerEventHandler {
public:
  Announce(std::shared_ptr<transport::TServerSocket> socket, std::string path) : socket_(socket), path_(path) {}
  void preServe() override { std::cout << "listening on " << (path_.empty() ? std::to_string(socket_->getPort()) : path_) << std::endl; }

private:
  std::shared_ptr<transport::TServerSocket> socket_;
  std::string path_;
};

int main(int count, char** words) try {
  // With TLS, writing to a client that has gone raises it. The header protocol does so at each connection's end.
  std::signal(SIGPIPE, SIG_IGN);
  connection::Options options(count, words);
  auto handler = std::make_shared<Handler>();
  std::shared_ptr<TProcessor> processor = std::make_shared<ThriftTestProcessor>(handler);
  if (options.multiplexed()) {
    auto several = std::make_shared<TMultiplexedProcessor>();
    several->registerDefault(processor);
    several->registerProcessor("ThriftTest", processor);
    several->registerProcessor("SecondService", std::make_shared<SecondServiceProcessor>(handler));
    processor = several;
  }
  std::shared_ptr<transport::TSSLSocketFactory> secured;
  std::shared_ptr<transport::TServerSocket> socket;
  auto path = options.get("domain-socket");
  if (!path.empty()) {
    socket = std::make_shared<transport::TServerSocket>(path);
  } else if (options.has("ssl")) {
    secured = std::make_shared<transport::TSSLSocketFactory>();
    secured->loadCertificate(options.get("cert").c_str());
    secured->loadPrivateKey(options.get("key").c_str());
    secured->server(true);
    socket = std::make_shared<transport::TSSLServerSocket>(options.port(), secured);
  } else {
    socket = std::make_shared<transport::TServerSocket>(options.get("host", "127.0.0.1"), options.port());
  }
  auto kind = options.get("transport", "buffered");
  std::shared_ptr<transport::TTransportFactory> transports;
  if (kind == "buffered") transports = std::make_shared<transport::TBufferedTransportFactory>();
  else if (kind == "framed") transports = std::make_shared<transport::TFramedTransportFactory>();
  else if (kind == "zlib") transports = std::make_shared<transport::TZlibTransportFactory>();
  else if (kind == "http") transports = std::make_shared<transport::THttpServerTransportFactory>();
  else throw std::invalid_argument("transport " + kind);
  server::TThreadedServer server(processor, socket, transports, connection::protocols(options.codec()));
  server.setServerEventHandler(std::make_shared<Announce>(socket, path));
  server.serve();
  return 0;
} catch (const std::exception& error) {
  std::cerr << error.what() << std::endl;
  return 1;
}
