// What client and server have in common: arguments, and Apache's protocols by the names of the matrix.
#pragma once

#include <map>
#include <memory>
#include <stdexcept>
#include <string>

#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/protocol/TCompactProtocol.h>
#include <thrift/protocol/THeaderProtocol.h>
#include <thrift/protocol/TJSONProtocol.h>

namespace connection {

// --name=value; a name without a value is "yes".
class Options {
public:
  Options(int count, char** words) {
    for (int index = 1; index < count; ++index) {
      std::string word = words[index];
      auto equals = word.find('=');
      if (word.compare(0, 2, "--") != 0) throw std::invalid_argument(word);
      values_[word.substr(2, equals - 2)] = equals == std::string::npos ? "yes" : word.substr(equals + 1);
    }
  }
  std::string get(const std::string& name, const std::string& otherwise = "") const {
    auto found = values_.find(name);
    return found == values_.end() ? otherwise : found->second;
  }
  bool has(const std::string& name) const { return values_.count(name) > 0; }
  int port() const { return std::stoi(get("port", "0")); }
  bool multiplexed() const { return get("protocol").compare(0, 5, "multi") == 0; }
  // The protocol below the multiplexed one.
  std::string codec() const {
    static const std::map<std::string, std::string> inner
        = {{"multi", "binary"}, {"multic", "compact"}, {"multij", "json"}, {"multih", "header"}};
    auto name = get("protocol", "binary");
    auto found = inner.find(name);
    return found == inner.end() ? name : found->second;
  }

private:
  std::map<std::string, std::string> values_;
};

inline std::shared_ptr<apache::thrift::protocol::TProtocolFactory> protocols(const std::string& codec) {
  using namespace apache::thrift::protocol;
  if (codec == "binary") return std::make_shared<TBinaryProtocolFactory>();
  if (codec == "compact") return std::make_shared<TCompactProtocolFactory>();
  if (codec == "json") return std::make_shared<TJSONProtocolFactory>();
  if (codec == "header") return std::make_shared<THeaderProtocolFactory>();
  throw std::invalid_argument("protocol " + codec);
}

} // namespace connection
