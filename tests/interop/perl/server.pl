# The cross-test's services on Apache's Perl library. Says its port when it listens.
use strict;
use warnings;

use FindBin;

use lib $FindBin::Bin;
use Connection;

use Thrift;
use Thrift::BinaryProtocol;
use Thrift::BufferedTransport;
use Thrift::FramedTransport;
use Thrift::MultiplexedProcessor;
use Thrift::Server;
use Thrift::ServerSocket;
use Thrift::SSLServerSocket;
use Thrift::UnixServerSocket;

use conformance::SecondService;
use conformance::ThriftTest;

# Both services.
package Handler;

sub new { return bless {}, shift }

# The methods that give back what they are given.
for my $name (qw(String Bool Byte I32 I64 Double Binary Struct Nest Map StringMap List Enum Typedef)) {
    no strict 'refs';
    *{"test$name"} = sub { $_[1] };
}

# A set is read into a hash, and written from a list.
sub testSet { return [keys %{ $_[1] }] }

sub testVoid   { return }
sub testOneway { return }

sub testMapMap {
    return { -4 => { map { $_ => $_ } -4 .. -1 }, 4 => { map { $_ => $_ } 1 .. 4 } };
}

sub testInsanity {
    my ($self, $argument) = @_;
    my ($two, $three, $six) = map { conformance::Numberz->$_ } qw(TWO THREE SIX);
    return { 1 => { $two => $argument, $three => $argument }, 2 => { $six => conformance::Insanity->new({ userMap => {}, xtructs => [] }) } };
}

sub testMulti {
    my ($self, $byte, $i32, $i64) = @_;
    return conformance::Xtruct->new({ string_thing => 'Hello2', byte_thing => $byte, i32_thing => $i32, i64_thing => $i64 });
}

sub testException {
    my ($self, $arg) = @_;
    die conformance::Xception->new({ errorCode => 1001, message => $arg }) if $arg eq 'Xception';
    die "asked for\n" if $arg eq 'TException';
    return;
}

sub testMultiException {
    my ($self, $arg0, $arg1) = @_;
    die conformance::Xception->new({ errorCode => 1001, message => 'This is an Xception' }) if $arg0 eq 'Xception';
    my %others = (byte_thing => 0, i32_thing => 0, i64_thing => 0);
    die conformance::Xception2->new({
        errorCode => 2002, struct_thing => conformance::Xtruct->new({ string_thing => 'This is an Xception2', %others }) })
      if $arg0 eq 'Xception2';
    return conformance::Xtruct->new({ string_thing => $arg1, %others });
}

sub secondtestString {
    my ($self, $thing) = @_;
    return "testString(\"$thing\")";
}

package main;

sub processor_for {
    my ($protocol) = @_;
    my $plain = conformance::ThriftTestProcessor->new(Handler->new());
    return $plain if $protocol eq 'binary';
    my $several = Thrift::MultiplexedProcessor->new();
    $several->defaultProcessor($plain);
    $several->registerProcessor(ThriftTest    => $plain);
    $several->registerProcessor(SecondService => conformance::SecondServiceProcessor->new(Handler->new()));
    return $several;
}

sub server_socket {
    my ($options) = @_;
    return Thrift::UnixServerSocket->new($options->{'domain-socket'}) if $options->{'domain-socket'};
    my %place = (host => $options->{host}, port => $options->{port});
    return Thrift::ServerSocket->new(\%place) if !$options->{ssl};
    return Thrift::SSLServerSocket->new({ %place, cert => $options->{cert}, key => $options->{key} });
}

# Says where a server transport listens as soon as it does.
sub announced {
    my ($socket) = @_;
    my $kind = ref $socket;
    no strict 'refs';
    @{'Announced::ISA'} = ($kind);
    *{'Announced::listen'} = sub {
        my ($self) = @_;
        $kind->can('listen')->($self);
        my $handle = $self->{handle};
        local $| = 1;
        print 'listening on ', $handle->can('sockport') ? $handle->sockport : $handle->hostpath, "\n";
    };
    return bless $socket, 'Announced';
}

my $options = Connection::arguments();
die "the library has no server for $options->{transport}\n" if $options->{transport} eq 'http';
my $transports = $options->{transport} eq 'framed' ? Thrift::FramedTransportFactory->new() : Thrift::BufferedTransportFactory->new();
Thrift::ForkingServer->new(
    processor_for($options->{protocol}), announced(server_socket($options)), $transports, Thrift::BinaryProtocolFactory->new()
)->serve();
