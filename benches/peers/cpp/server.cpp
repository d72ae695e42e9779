// The bench service on Apache's C++ library.
//
// server PORT nonblocking|threaded framed|buffered|http

#include <mutex>
#include <unordered_map>

#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/server/TNonblockingServer.h>
#include <thrift/server/TThreadedServer.h>
#include <thrift/transport/TBufferTransports.h>
#include <thrift/transport/THttpServer.h>
#include <thrift/transport/TNonblockingServerSocket.h>
#include <thrift/transport/TServerSocket.h>

#include "Bench.h"

using namespace apache::thrift;

class Workloads : public bench::BenchIf {
public:
  int32_t add(const int32_t num1, const int32_t num2) override { return static_cast<int32_t>(static_cast<uint32_t>(num1) + static_cast<uint32_t>(num2)); }
  void get(std::string& reply, const std::string& key) override {
    std::lock_guard<std::mutex> guard(lock_);
    auto found = values_.find(key);
    if (found != values_.end()) reply = found->second;
  }
  void put(const std::string& key, const std::string& value) override {
    std::lock_guard<std::mutex> guard(lock_);
    values_[key] = value;
  }
  void echo(bench::Payload& reply, const bench::Payload& arg) override { reply = arg; }

private:
  std::mutex lock_;
  std::unordered_map<std::string, std::string> values_;
};

int main(int count, char** words) {
  if (count != 4) return 2;
  int port = std::stoi(words[1]);
  std::string kind = words[2], transport = words[3];
  auto processor = std::make_shared<bench::BenchProcessor>(std::make_shared<Workloads>());
  auto protocols = std::make_shared<protocol::TBinaryProtocolFactory>();
  if (kind == "nonblocking") {
    auto socket = std::make_shared<transport::TNonblockingServerSocket>("127.0.0.1", port);
    server::TNonblockingServer(processor, protocols, socket).serve();
    return 0;
  }
  std::shared_ptr<transport::TTransportFactory> transports;
  if (transport == "framed") transports = std::make_shared<transport::TFramedTransportFactory>();
  else if (transport == "http") transports = std::make_shared<transport::THttpServerTransportFactory>();
  else transports = std::make_shared<transport::TBufferedTransportFactory>();
  server::TThreadedServer(processor, std::make_shared<transport::TServerSocket>("127.0.0.1", port), transports, protocols).serve();
}
