-- What client and server have in common: arguments, and Apache's protocols by the names of the matrix.

require 'TBinaryProtocol'
require 'TBufferedTransport'
require 'TCompactProtocol'
require 'TFramedTransport'
require 'THttpTransport'
require 'TJsonProtocol'
require 'TSocket'

local connection = {
  transports = { buffered = TBufferedTransportFactory, framed = TFramedTransportFactory, http = THttpTransportFactory },
  protocols = { binary = TBinaryProtocolFactory, compact = TCompactProtocolFactory, json = TJSONProtocolFactory },
}

-- `--name=value`; a name without a value is "yes".
function connection.arguments(words)
  local given = { protocol = 'binary', transport = 'buffered', host = '127.0.0.1', port = '0' }
  for _, word in ipairs(words) do
    local name, value = word:match('^%-%-([^=]+)=?(.*)$')
    assert(name, 'not an argument: ' .. word)
    given[name] = value == '' and 'yes' or value
  end
  assert(connection.protocols[given.protocol], 'no such protocol: ' .. given.protocol)
  assert(connection.transports[given.transport], 'no such transport: ' .. given.transport)
  assert(not given.ssl and not given['domain-socket'], 'the library has TCP only')
  return given
end

return connection
