# frozen_string_literal: true

# The cross-test's calls through Apache's Ruby library. Exit code 1 where an answer is wrong.

require_relative 'connection'
require 'second_service'
require 'thrift_test'

include Conformance

TEXTS = ['', 'Test', '1', "quote \" back\\slash / \b\f\r\n\t nul\0 \u0001\u001f\u007f", 'Ünïcödé 漢字 العربية 😀', 'long ' * 4000].freeze
EXTREMES = { testByte: 7, testI32: 31, testI64: 63, testTypedef: 63 }.freeze

# Counts what was compared, and says what was not as it should be.
class Checks
  attr_reader :made, :failed

  def initialize
    @made = @failed = 0
  end

  def equal(what, got, wanted)
    @made += 1
    return if got == wanted

    @failed += 1
    puts "FAIL #{what}: got #{got.inspect[0, 200]}, wanted #{wanted.inspect[0, 200]}"
  end

  # `members`: what the exception has to hold.
  def raises(what, kind, members = {})
    got = yield
    equal(what, got, kind)
  rescue kind => e
    equal(what, members.keys.to_h { |name| [name, e.public_send(name)] }, members)
  rescue StandardError => e
    equal(what, e, kind)
  end
end

def raw_socket(options)
  return Thrift::UNIXSocket.new(options[:domain_socket], 10) if options[:domain_socket]
  return Thrift::Socket.new(options[:host], options[:port].to_i, 10) unless options[:ssl]

  context = OpenSSL::SSL::SSLContext.new
  context.set_params(ca_file: options[:ca], verify_mode: OpenSSL::SSL::VERIFY_PEER)
  # No time-out: with one, releases before 0.23 wait for the socket while TLS holds what has come.
  Thrift::SSLSocket.new(options[:host], options[:port].to_i, nil, context)
end

def transport_of(options)
  case options[:transport]
  when 'buffered' then Thrift::BufferedTransport.new(raw_socket(options))
  when 'framed' then Thrift::FramedTransport.new(raw_socket(options))
  when 'http'
    # Its HTTP client takes no certificate, and trusts what all of the program does.
    OpenSSL::SSL::SSLContext::DEFAULT_CERT_STORE.add_file(options[:ca]) if options[:ssl]
    Thrift::HTTPClientTransport.new("#{options[:ssl] ? 'https' : 'http'}://#{options[:host]}:#{options[:port]}/service")
  else raise "transport #{options[:transport]}"
  end
end

# JSON strings come back as bytes that do not say that they are UTF-8.
def text(got)
  got.dup.force_encoding(Encoding::UTF_8)
end

def bits(number)
  [number].pack('G').unpack1('H*')
end

def check_echoes(client, checks)
  checks.equal('testVoid', client.testVoid, nil)
  TEXTS.each { |value| checks.equal('testString', text(client.testString(value)), value) }
  [true, false].each { |value| checks.equal('testBool', client.testBool(value), value) }
  EXTREMES.each do |method, width|
    [0, 1, -1, 2**width - 1, -2**width].each { |value| checks.equal(method, client.public_send(method, value), value) }
  end
  [0.0, -0.0, 5.325098235, -5.325098235, 1e300, 5e-324, Float::MAX, Float::INFINITY, -Float::INFINITY].each do |value|
    checks.equal("testDouble #{value}", bits(client.testDouble(value)), bits(value))
  end
  checks.equal('testDouble NaN', client.testDouble(Float::NAN).nan?, true)
  [0, 1, 2, 4, 16, 255, 256, 4096, 65_536, 131_072].each do |size|
    value = (0...size).map { |index| index * 7 % 256 }.pack('C*')
    checks.equal("testBinary #{size}", client.testBinary(value), value)
  end
  return unless client.respond_to?(:testUuid)

  %w[00000000-0000-0000-0000-000000000000 00112233-4455-6677-8899-aabbccddeeff].each do |value|
    checks.equal('testUuid', client.testUuid(value), value)
  end
end

def xtruct(string, byte, i32, i64)
  Xtruct.new(string_thing: string, byte_thing: byte, i32_thing: i32, i64_thing: i64)
end

def check_structs(client, checks)
  thing = xtruct('Zero', 1, -3, -5)
  checks.equal('testStruct', client.testStruct(thing), thing)
  nested = Xtruct2.new(byte_thing: 1, struct_thing: thing, i32_thing: 5)
  checks.equal('testNest', client.testNest(nested), nested)
  insanity = Insanity.new(userMap: { Numberz::FIVE => 5, Numberz::EIGHT => 8 }, xtructs: [xtruct('Goodbye4', 4, 4, 4), xtruct('Hello2', 2, 2, 2)])
  empty = Insanity.new(userMap: {}, xtructs: [])
  wanted = { 1 => { Numberz::TWO => insanity, Numberz::THREE => insanity }, 2 => { Numberz::SIX => empty } }
  checks.equal('testInsanity', client.testInsanity(insanity), wanted)
  got = client.testMulti(74, 0xFF00FF, 0xFF00FF00FF, { 1 => 'blah' }, Numberz::FIVE, 0xF0F0F0)
  checks.equal('testMulti', got, xtruct('Hello2', 74, 0xFF00FF, 0xFF00FF00FF))
end

def check_containers(client, checks)
  [{}, (0...5).to_h { |index| [index, index - 10] }, { 2**31 - 1 => -2**31 }, (0...500).to_h { |index| [index, -index] }].each do |value|
    checks.equal('testMap', client.testMap(value), value)
  end
  [{}, { 'a' => '123', ' x y ' => ' with spaces ', '0' => 'numeric key', '' => 'ü 漢' }].each do |value|
    checks.equal('testStringMap', client.testStringMap(value).to_h { |key, member| [text(key), text(member)] }, value)
  end
  [[], (-2..2).to_a, [0, 2**31 - 1, -2**31], (0...2000).to_a].each do |value|
    checks.equal('testList', client.testList(value), value)
    checks.equal('testSet', client.testSet(value.to_set), value.to_set)
  end
  # The library refuses to send a number that its enum has no name for.
  [Numberz::ONE, Numberz::TWO, Numberz::EIGHT].each { |value| checks.equal('testEnum', client.testEnum(value), value) }
  wanted = { -4 => (-4..-1).to_h { |index| [index, index] }, 4 => (1..4).to_h { |index| [index, index] } }
  checks.equal('testMapMap', client.testMapMap(1), wanted)
end

def check_exceptions(client, checks)
  checks.raises('Xception', Xception, errorCode: 1001, message: 'Xception') { client.testException('Xception') }
  checks.raises('TException', Thrift::ApplicationException) { client.testException('TException') }
  checks.equal('no exception', client.testException('success'), nil)
  one, two = 'This is an Xception', 'This is an Xception2'
  checks.raises('multi 1', Xception, errorCode: 1001, message: one) { client.testMultiException('Xception', 'x') }
  checks.raises('multi 2', Xception2, errorCode: 2002) { client.testMultiException('Xception2', 'x') }
  begin
    client.testMultiException('Xception2', 'x')
  rescue Xception2 => e
    checks.equal('multi 2 struct', e.struct_thing.string_thing, two)
  end
  checks.equal('multi none', client.testMultiException('success', 'foobar').string_thing, 'foobar')
  unknown = { type: Thrift::ApplicationException::UNKNOWN_METHOD }
  checks.raises('unknown method', Thrift::ApplicationException, unknown) do
    client.send_message('testNoSuchMethod', ThriftTest::TestString_args, thing: 'x')
    client.recv_testVoid
  end
end

def check_oneway(client, checks)
  begun = Process.clock_gettime(Process::CLOCK_MONOTONIC)
  client.testOneway(3)
  took = Process.clock_gettime(Process::CLOCK_MONOTONIC) - begun
  checks.equal("testOneway in #{took.round(3)} s", took < 0.2, true)
  checks.equal('a call behind a oneway one', client.testI32(-1), -1)
end

def check_both_services(client, second, checks)
  3.times do |index|
    checks.equal('secondtestString', second.secondtestString("b#{index}"), "testString(\"b#{index}\")")
    checks.equal('testString between', client.testString('a'), 'a')
  end
end

# What only this transport has: compressed payloads, and headers beside the call.
def check_header(header, client, checks)
  header.add_transform(Thrift::HeaderTransformID::ZLIB)
  3.times do |index|
    header.set_header('caller', "ruby #{index}")
    checks.equal('compressed', client.testString('zip ' * 5000), 'zip ' * 5000)
  end
end

def run(options)
  checks = Checks.new
  transport = transport_of(options)
  multiplexed = MULTIPLEXED.key?(options[:protocol])
  protocol = protocol_factory(options[:protocol]).get_protocol(transport)
  named = ->(service) { multiplexed ? Thrift::MultiplexedProtocol.new(protocol, service) : protocol }
  client = ThriftTest::Client.new(named['ThriftTest'])
  transport.open
  check_echoes(client, checks)
  check_structs(client, checks)
  check_containers(client, checks)
  check_both_services(client, SecondService::Client.new(named['SecondService']), checks) if multiplexed
  check_exceptions(client, checks)
  check_oneway(client, checks)
  check_header(protocol, client, checks) if %w[header multih].include?(options[:protocol])
  transport.close
  puts "#{checks.made} checks, #{checks.failed} failed"
  checks.failed.zero?
end

exit(combinations.map { |options| run(options) }.all?)
