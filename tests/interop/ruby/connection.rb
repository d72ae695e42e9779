# frozen_string_literal: true

# What client and server have in common: arguments, and Apache's protocols by the names of the matrix.

require 'openssl'
require 'thrift'

MULTIPLEXED = { 'multi' => 'binary', 'multic' => 'compact', 'multij' => 'json', 'multih' => 'header' }.freeze
FACTORIES = {
  'binary' => 'BinaryProtocolFactory',
  'accel' => 'BinaryProtocolAcceleratedFactory',
  'compact' => 'CompactProtocolFactory',
  'json' => 'JsonProtocolFactory',
  'header' => 'HeaderProtocolFactory'
}.freeze

# The arguments of each combination: `--` begins another one.
def combinations
  ARGV.slice_when { |word, after| word == '--' || after == '--' }.reject { |words| words == ['--'] }.map { |words| arguments(words) }
end

# `--name=value`; a name without a value is "yes".
def arguments(words = ARGV)
  given = words.to_h do |word|
    name, value = word.delete_prefix('--').split('=', 2)
    [name.tr('-', '_').to_sym, value || 'yes']
  end
  { protocol: 'binary', transport: 'buffered', host: '127.0.0.1', port: '0' }.merge(given)
end

# The factory of a protocol, or of the one below a multiplexed one.
def protocol_factory(name)
  codec = MULTIPLEXED.fetch(name, name)
  # Without its extension this factory makes the plain protocol, and says nothing.
  raise 'the extension is not loaded' if codec == 'accel' && !defined?(Thrift::BinaryProtocolAccelerated)

  Thrift.const_get(FACTORIES.fetch(codec)).new
end
