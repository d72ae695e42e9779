-- The cross-test's services on Apache's Lua library. Says its port when it listens.

local connection = require 'connection'
require 'conformance_ThriftTest'
require 'TServer'
local long = require('liblualongnumber').new

local Handler = ThriftTestIface:new {}

-- The methods that give back what they are given.
for _, name in ipairs { 'String', 'Bool', 'Byte', 'I32', 'I64', 'Double', 'Binary', 'Uuid', 'Struct', 'Nest', 'Map', 'StringMap',
  'Set', 'List', 'Enum', 'Typedef' } do
  Handler['test' .. name] = function(_, thing) return thing end
end

function Handler:testVoid() end

function Handler:testMapMap()
  return { [-4] = { [-4] = -4, [-3] = -3, [-2] = -2, [-1] = -1 }, [4] = { 1, 2, 3, 4 } }
end

function Handler:testInsanity(argument)
  local empty = Insanity:new { userMap = {}, xtructs = {} }
  return { [long('1')] = { [Numberz.TWO] = argument, [Numberz.THREE] = argument }, [long('2')] = { [Numberz.SIX] = empty } }
end

function Handler:testMulti(arg0, arg1, arg2)
  return Xtruct:new { string_thing = 'Hello2', byte_thing = arg0, i32_thing = arg1, i64_thing = arg2 }
end

-- Declared exceptions are returned.
function Handler:testException(arg)
  if arg == 'Xception' then
    return Xception:new { errorCode = 1001, message = arg }
  elseif arg == 'TException' then
    error('asked for')
  end
end

function Handler:testMultiException(arg0, arg1)
  local thing = function(text)
    return Xtruct:new { string_thing = text, byte_thing = 0, i32_thing = 0, i64_thing = long('0') }
  end
  if arg0 == 'Xception' then
    return Xception:new { errorCode = 1001, message = 'This is an Xception' }
  elseif arg0 == 'Xception2' then
    return Xception2:new { errorCode = 2002, struct_thing = thing('This is an Xception2') }
  end
  return thing(arg1)
end

function Handler:testOneway() end

local options = connection.arguments(arg)
local socket = TServerSocket:new { host = options.host, port = tonumber(options.port) }
socket:setTimeout(600000)
local server = TSimpleServer:new {
  processor = ThriftTestProcessor:new { handler = Handler:new {} },
  serverTransport = socket,
  transportFactory = connection.transports[options.transport]:new {},
  protocolFactory = connection.protocols[options.protocol]:new {},
}
server:setServerEventHandler {
  preServe = function(_, where)
    -- The library tells ports as signed numbers.
    print('listening on ' .. where.port % 65536)
    io.stdout:flush()
  end,
}
server:serve()
