-- The cross-test's calls through Apache's Lua library. Exit code 1 where an answer is wrong.

local connection = require 'connection'
require 'conformance_SecondService'
require 'conformance_ThriftTest'
local long = require('liblualongnumber').new

local made, failed = 0, 0

-- A value as text, with all maps in the order of their keys. Longs are userdata, one like the other only as text.
local function shown(value)
  if type(value) ~= 'table' then
    return tostring(value)
  end
  local members = {}
  for key, member in pairs(value) do
    if type(member) ~= 'function' and key ~= '__index' then
      members[#members + 1] = shown(key) .. '=' .. shown(member)
    end
  end
  table.sort(members)
  return (value.__type or '') .. '{' .. table.concat(members, ',') .. '}'
end

local function equal(what, got, wanted)
  made = made + 1
  if shown(got) ~= shown(wanted) then
    failed = failed + 1
    print('FAIL ' .. what .. ': got ' .. shown(got):sub(1, 200) .. ', wanted ' .. shown(wanted):sub(1, 200))
  end
end

-- `members`: what the exception has to hold.
local function raises(what, kind, members, call)
  local good, raised = pcall(call)
  equal(what, good and 'nothing thrown' or ttype(raised), kind)
  if ttype(raised) == kind then
    for name, member in pairs(members) do
      equal(what .. ' ' .. name, raised[name], member)
    end
  end
end

local function check_texts(client, protocol)
  equal('testVoid', client:testVoid(), nil)
  -- In JSON the library does not escape a backslash, and fails at a control character that has no short escape.
  local control = 'quote " / \b\f\r\n\t' .. (protocol == 'json' and '' or ' back\\slash nul\0 \1\31\127')
  for _, value in ipairs { '', 'Test', '1', control, 'Ünïcödé 漢字 العربية 😀', ('long '):rep(4000) } do
    equal('testString', client:testString(value), value)
  end
  local bytes = {}
  for index = 0, 255 do
    bytes[index + 1] = string.char(index * 7 % 256)
  end
  for _, size in ipairs(protocol == 'json' and { 0, 4, 16, 256, 4096 } or { 0, 1, 2, 4, 16, 255, 256, 4096, 65536, 131072 }) do
    -- The library writes binary as it writes text: in JSON base64 is left to the caller, and this is some.
    local value = protocol == 'json' and ('QUJD'):rep(math.floor(size / 4)) or table.concat(bytes):rep(512):sub(1, size)
    made = made + 1
    if client:testBinary(value) ~= value then
      failed = failed + 1
      print('FAIL testBinary of ' .. size)
    end
  end
  if client.testUuid then
    for _, value in ipairs { '00000000-0000-0000-0000-000000000000', '00112233-4455-6677-8899-aabbccddeeff' } do
      equal('testUuid', client:testUuid(TUUIDfromString(value)):getString(), value)
    end
  end
end

local function check_numbers(client, protocol)
  equal('testBool', client:testBool(true), true)
  equal('testBool', client:testBool(false), false)
  for method, values in pairs { testByte = { 127, -128 }, testI32 = { 2147483647, -2147483648 } } do
    for _, value in ipairs { 0, 1, -1, table.unpack(values) } do
      equal(method, client[method](client, value), value)
    end
  end
  for _, value in ipairs { '0', '-1', '-34359738368', '9007199254740993', '9223372036854775807', '-9223372036854775808' } do
    equal('testI64', client:testI64(long(value)), value)
    equal('testTypedef', client:testTypedef(long(value)), value)
  end
  -- In JSON the library writes 14 digits.
  local near = protocol == 'json' and 1e-13 or 0
  for _, value in ipairs { 0.0, 5.325098235, -5.325098235, 1e300, 5e-324, 1.7976931348622e308 } do
    local got = client:testDouble(value)
    equal('testDouble ' .. value, math.abs(got - value) <= near * math.max(math.abs(value), 1e-300), true)
  end
  equal('testDouble of negative zero', 1 / client:testDouble(-0.0), -math.huge)
  if protocol == 'json' then
    -- The library writes their names, and cannot read them.
    return
  end
  equal('testDouble of infinity', client:testDouble(math.huge), math.huge)
  equal('testDouble of negative infinity', client:testDouble(-math.huge), -math.huge)
  local got = client:testDouble(-(0 / 0))
  equal('testDouble of NaN', got ~= got, true)
end

local function xtruct(text, byte, i32, i64)
  return Xtruct:new { string_thing = text, byte_thing = byte, i32_thing = i32, i64_thing = long(i64) }
end

local function check_structs(client)
  local thing = xtruct('Zero', 1, -3, '-5')
  equal('testStruct', client:testStruct(thing), thing)
  local nested = Xtruct2:new { byte_thing = 1, struct_thing = thing, i32_thing = 5 }
  equal('testNest', client:testNest(nested), nested)
  local insanity = Insanity:new {
    userMap = { [Numberz.FIVE] = long('5'), [Numberz.EIGHT] = long('8') },
    xtructs = { xtruct('Goodbye4', 4, 4, '4'), xtruct('Hello2', 2, 2, '2') },
  }
  local empty = Insanity:new { userMap = {}, xtructs = {} }
  local wanted = { [1] = { [Numberz.TWO] = insanity, [Numberz.THREE] = insanity }, [2] = { [Numberz.SIX] = empty } }
  equal('testInsanity', client:testInsanity(insanity), wanted)
  local got = client:testMulti(74, 0xFF00FF, long('1095233372415'), { 'blah' }, Numberz.FIVE, long('15790320'))
  equal('testMulti', got, xtruct('Hello2', 74, 0xFF00FF, '1095233372415'))
end

local function check_containers(client)
  local few, many, list = {}, {}, {}
  for index = 0, 4 do
    few[index] = index - 10
  end
  for index = 1, 2000 do
    many[index], list[index] = -index, index * 3
  end
  for _, value in ipairs { {}, few, { [2147483647] = -2147483648 }, many } do
    equal('testMap', client:testMap(value), value)
  end
  for _, value in ipairs { {}, { a = '123', [' x y '] = ' with spaces ', ['0'] = 'numeric key', [''] = 'ü 漢' } } do
    equal('testStringMap', client:testStringMap(value), value)
  end
  for _, value in ipairs { {}, { -2, -1, 0, 1, 2 }, { 0, 2147483647, -2147483648 }, list } do
    equal('testList', client:testList(value), value)
    -- A set is a table from its members to themselves.
    local set = {}
    for _, member in ipairs(value) do
      set[member] = member
    end
    equal('testSet', client:testSet(set), set)
  end
  for _, value in ipairs { Numberz.ONE, Numberz.TWO, Numberz.EIGHT, 77 } do
    equal('testEnum', client:testEnum(value), value)
  end
  local wanted = { [-4] = { [-4] = -4, [-3] = -3, [-2] = -2, [-1] = -1 }, [4] = { 1, 2, 3, 4 } }
  equal('testMapMap', client:testMapMap(1), wanted)
end

local function check_exceptions(client, protocol)
  local one, two = 'This is an Xception', xtruct('This is an Xception2', 0, 0, '0')
  -- The library reads a declared exception of a method without a result, and does not raise it.
  client:testException('Xception')
  raises('TException', 'TApplicationException', {}, function() client:testException('TException') end)
  raises('multi 1', 'Xception', { errorCode = 1001, message = one }, function() client:testMultiException('Xception', 'x') end)
  raises('multi 2', 'Xception2', { errorCode = 2002, struct_thing = two }, function() client:testMultiException('Xception2', 'x') end)
  equal('multi none', client:testMultiException('success', 'foobar'), xtruct('foobar', 0, 0, '0'))
  raises('unknown method', 'TApplicationException', { errorCode = TApplicationException.UNKNOWN_METHOD }, function()
    protocol:writeMessageBegin('testNoSuchMethod', TMessageType.CALL, 7)
    testString_args:new({ thing = 'x' }):write(protocol)
    protocol:writeMessageEnd()
    protocol.trans:flush()
    client:recv_testVoid()
  end)
end

local function check_oneway(client)
  local begun = os.time()
  client:testOneway(3)
  equal('testOneway at once', os.time() - begun < 2, true)
  equal('a call behind a oneway one', client:testI32(-1), -1)
end

local function main(words)
  local options = connection.arguments(words)
  local socket = TSocket:new { host = options.host, port = tonumber(options.port) }
  socket:setTimeout(10000)
  local kinds = { buffered = TBufferedTransport, framed = TFramedTransport, http = THttpTransport }
  local transport = kinds[options.transport]:new { trans = socket, isServer = false }
  local protocol = connection.protocols[options.protocol]:new({}):getProtocol(transport)
  local client = ThriftTestClient:new { protocol = protocol }
  transport:open()
  check_texts(client, options.protocol)
  check_numbers(client, options.protocol)
  check_structs(client)
  check_containers(client)
  check_exceptions(client, protocol)
  check_oneway(client)
  transport:close()
  print(made .. ' checks, ' .. failed .. ' failed')
  return failed == 0
end

local good, result = pcall(main, arg)
if not good then
  print('FAIL after ' .. made .. ' checks: ' .. shown(result))
end
os.exit(good and result)
