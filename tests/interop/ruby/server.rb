# frozen_string_literal: true

# The cross-test's services on Apache's Ruby library. Says its port when it listens.

require_relative 'connection'
require 'second_service'
require 'thrift_test'

include Conformance

# Both services.
class Handler
  %i[testString testBool testByte testI32 testI64 testDouble testBinary testUuid testStruct testNest testMap testStringMap
     testSet testList testEnum testTypedef].each { |name| define_method(name) { |thing| thing } }

  def testVoid; end

  def testMapMap(_hello)
    { -4 => (-4..-1).to_h { |index| [index, index] }, 4 => (1..4).to_h { |index| [index, index] } }
  end

  def testInsanity(argument)
    { 1 => { Numberz::TWO => argument, Numberz::THREE => argument }, 2 => { Numberz::SIX => Insanity.new(userMap: {}, xtructs: []) } }
  end

  def testMulti(arg0, arg1, arg2, _arg3, _arg4, _arg5)
    Xtruct.new(string_thing: 'Hello2', byte_thing: arg0, i32_thing: arg1, i64_thing: arg2)
  end

  def testException(arg)
    raise Xception.new(errorCode: 1001, message: arg) if arg == 'Xception'
    raise Thrift::Exception, 'asked for' if arg == 'TException'
  end

  def testMultiException(arg0, arg1)
    raise Xception.new(errorCode: 1001, message: 'This is an Xception') if arg0 == 'Xception'

    thing = ->(text) { Xtruct.new(string_thing: text, byte_thing: 0, i32_thing: 0, i64_thing: 0) }
    raise Xception2.new(errorCode: 2002, struct_thing: thing['This is an Xception2']) if arg0 == 'Xception2'

    thing[arg1]
  end

  def testOneway(_seconds); end

  def secondtestString(thing)
    "testString(\"#{thing}\")"
  end
end

def processor_for(protocol)
  handler = Handler.new
  plain = ThriftTest::Processor.new(handler)
  return plain unless MULTIPLEXED.key?(protocol)

  several = Thrift::MultiplexedProcessor.new
  # Releases before 0.15 know no default service.
  several.register_default(plain) if several.respond_to?(:register_default)
  several.register_processor('ThriftTest', plain)
  several.register_processor('SecondService', SecondService::Processor.new(handler))
  several
end

def server_socket(options)
  return Thrift::UNIXServerSocket.new(options[:domain_socket]) if options[:domain_socket]
  return Thrift::ServerSocket.new(options[:host], options[:port].to_i) unless options[:ssl]

  context = OpenSSL::SSL::SSLContext.new
  context.cert = OpenSSL::X509::Certificate.new(File.binread(options[:cert]))
  context.key = OpenSSL::PKey.read(File.binread(options[:key]))
  Thrift::SSLServerSocket.new(options[:host], options[:port].to_i, context)
end

# Makes a server transport say where it listens.
module Announced
  def listen
    super
    bound = handle.to_io.local_address
    puts "listening on #{bound.unix? ? bound.unix_path : bound.ip_port}"
    $stdout.flush
  end
end

def serve_http(processor, factory, options)
  require 'thrift/server/thin_http_server'
  Thin::Logging.silent = true
  server = Thrift::ThinHTTPServer.new(processor, ip: options[:host], port: options[:port].to_i, protocol_factory: factory)
  thin = server.instance_variable_get(:@server)
  EventMachine.next_tick do
    port, = Socket.unpack_sockaddr_in(EventMachine.get_sockname(thin.backend.instance_variable_get(:@signature)))
    puts "listening on #{port}"
    $stdout.flush
  end
  server.serve
end

options = arguments
processor = processor_for(options[:protocol])
factory = protocol_factory(options[:protocol])
if options[:transport] == 'http'
  serve_http(processor, factory, options)
else
  transports = { 'buffered' => Thrift::BufferedTransportFactory, 'framed' => Thrift::FramedTransportFactory }
  socket = server_socket(options).extend(Announced)
  Thrift::ThreadedServer.new(processor, socket, transports.fetch(options[:transport]).new, factory).serve
end
