# The cross-test's calls through Apache's Perl library. Exit code 1 where an answer is wrong.
use strict;
use warnings;
use utf8;

use Encode qw(encode_utf8);
use FindBin;
use Time::HiRes qw(time);

use lib $FindBin::Bin;
use Connection;

use Thrift;
use Thrift::BinaryProtocol;
use Thrift::BufferedTransport;
use Thrift::FramedTransport;
use Thrift::HttpClient;
use Thrift::MultiplexedProtocol;
use Thrift::Socket;
use Thrift::SSLSocket;
use Thrift::UnixSocket;

use conformance::SecondService;
use conformance::ThriftTest;

my ($made, $failed) = (0, 0);

# A value as text, with all maps in the order of their keys.
sub shown {
    my ($value) = @_;
    return 'undef' if !defined $value;
    return '[' . join(',', map { shown($_) } @$value) . ']' if ref $value eq 'ARRAY';
    return (ref $value eq 'HASH' ? '' : ref $value) . '{' . join(',', map { "$_:" . shown($value->{$_}) } sort keys %$value) . '}'
      if ref $value;
    return $value;
}

sub equal {
    my ($what, $got, $wanted) = @_;
    ++$made;
    return if shown($got) eq shown($wanted);
    ++$failed;
    printf "FAIL %s: got %.200s, wanted %.200s\n", $what, shown($got), shown($wanted);
    return;
}

# `members`: what the exception has to hold.
sub raises {
    my ($what, $kind, $members, $call) = @_;
    if (eval { $call->(); 1 }) {
        equal($what, 'nothing thrown', $kind);
    }
    else {
        my $error = $@;
        equal($what, ref $error || $error, $kind);
        equal("$what: members", { map { $_ => $error->{$_} } keys %$members }, $members) if ref $error eq $kind;
    }
    return;
}

sub transport_of {
    my ($options) = @_;
    if ($options->{transport} eq 'http') {
        # Its HTTP client takes no certificate: this is how LWP is told.
        $ENV{PERL_LWP_SSL_CA_FILE} = $options->{ca} if $options->{ssl};
        my $http = Thrift::HttpClient->new(($options->{ssl} ? 'https' : 'http') . "://$options->{host}:$options->{port}/service");
        $http->setTimeout(10_000);
        return $http;
    }
    my %place = (host => $options->{host}, port => $options->{port});
    my $socket =
        $options->{'domain-socket'} ? Thrift::UnixSocket->new($options->{'domain-socket'})
      : $options->{ssl}             ? Thrift::SSLSocket->new({ %place, ca => $options->{ca} })
      :                               Thrift::Socket->new(\%place);
    return Thrift::FramedTransport->new($socket) if $options->{transport} eq 'framed';
    return Thrift::BufferedTransport->new($socket, 4096, 4096);
}

sub check_echoes {
    my ($client) = @_;
    equal('testVoid', scalar $client->testVoid(), undef);
    my $control = "quote \" back\\slash / \b\f\r\n\t nul\0 \x01\x1f\x7f";
    for my $text ('', 'Test', '1', $control, 'Ünïcödé 漢字 العربية 😀', 'long ' x 4000) {
        # Strings come back as bytes.
        equal('testString', $client->testString($text), encode_utf8($text));
    }
    equal("testBool $_", $client->testBool($_) ? 1 : 0, $_) for 1, 0;
    my %extremes = (
        testByte    => [127, -128],
        testI32     => [2147483647, -2147483648],
        testI64     => ['9223372036854775807', '-9223372036854775808', '-34359738368', '9007199254740993'],
        testTypedef => ['9223372036854775807', '-9223372036854775808'],
    );
    for my $method (sort keys %extremes) {
        equal($method, $client->$method($_), $_) for 0, 1, -1, @{ $extremes{$method} };
    }
    for my $value (0.0, -0.0, 5.325098235, -5.325098235, 1e300, 5e-324, 1.7976931348623157e308, 9**9**9, -9**9**9) {
        equal("testDouble $value", unpack('H*', pack 'd>', $client->testDouble($value)), unpack('H*', pack 'd>', $value));
    }
    my $nan = $client->testDouble(-sin(9**9**9));
    equal('testDouble NaN', $nan != $nan ? 'NaN' : $nan, 'NaN');
    for my $size (0, 1, 2, 4, 16, 255, 256, 4096, 65_536, 131_072) {
        my $value = pack 'C*', map { $_ * 7 % 256 } 0 .. $size - 1;
        equal("testBinary $size", $client->testBinary($value), $value);
    }
    return;
}

sub xtruct {
    my ($text, $byte, $i32, $i64) = @_;
    return conformance::Xtruct->new({ string_thing => $text, byte_thing => $byte, i32_thing => $i32, i64_thing => $i64 });
}

sub check_structs {
    my ($client) = @_;
    my $thing = xtruct('Zero', 1, -3, -5);
    equal('testStruct', $client->testStruct($thing), $thing);
    my $nested = conformance::Xtruct2->new({ byte_thing => 1, struct_thing => $thing, i32_thing => 5 });
    equal('testNest', $client->testNest($nested), $nested);
    my ($two, $three, $five, $six, $eight) = map { conformance::Numberz->$_ } qw(TWO THREE FIVE SIX EIGHT);
    my $insanity = conformance::Insanity->new(
        { userMap => { $five => 5, $eight => 8 }, xtructs => [xtruct('Goodbye4', 4, 4, 4), xtruct('Hello2', 2, 2, 2)] });
    my $empty = conformance::Insanity->new({ userMap => {}, xtructs => [] });
    equal('testInsanity', $client->testInsanity($insanity), { 1 => { $two => $insanity, $three => $insanity }, 2 => { $six => $empty } });
    my $got = $client->testMulti(74, 0xFF00FF, 1_095_233_372_415, { 1 => 'blah' }, $five, 0xF0F0F0);
    equal('testMulti', $got, xtruct('Hello2', 74, 0xFF00FF, 1_095_233_372_415));
    return;
}

sub check_containers {
    my ($client) = @_;
    for my $map ({}, { map { $_ => $_ - 10 } 0 .. 4 }, { 2147483647 => -2147483648 }, { map { $_ => -$_ } 0 .. 499 }) {
        equal('testMap', $client->testMap($map), $map);
    }
    for my $map ({}, { a => '123', ' x y ' => ' with spaces ', 0 => 'numeric key', '' => 'ü 漢' }) {
        equal('testStringMap', $client->testStringMap($map), { map { $_ => encode_utf8($map->{$_}) } keys %$map });
    }
    for my $list ([], [-2 .. 2], [0, 2147483647, -2147483648], [0 .. 1999]) {
        equal('testList', $client->testList($list), $list);
        # A set is written from a list, and read into a hash.
        equal('testSet', $client->testSet($list), { map { $_ => 1 } @$list });
    }
    equal('testEnum', $client->testEnum($_), $_) for 1, 2, 8, 77;
    my $wanted = { -4 => { map { $_ => $_ } -4 .. -1 }, 4 => { map { $_ => $_ } 1 .. 4 } };
    equal('testMapMap', $client->testMapMap(1), $wanted);
    return;
}

sub check_exceptions {
    my ($client) = @_;
    my ($one, $two) = ('This is an Xception', 'This is an Xception2');
    raises('Xception', 'conformance::Xception', { errorCode => 1001, message => 'Xception' }, sub { $client->testException('Xception') });
    raises('TException', 'Thrift::TApplicationException', {}, sub { $client->testException('TException') });
    equal('no exception', scalar $client->testException('success'), undef);
    raises('multi 1', 'conformance::Xception', { errorCode => 1001, message => $one }, sub { $client->testMultiException('Xception', 'x') });
    my $members = { errorCode => 2002, struct_thing => xtruct($two, 0, 0, 0) };
    raises('multi 2', 'conformance::Xception2', $members, sub { $client->testMultiException('Xception2', 'x') });
    equal('multi none', $client->testMultiException('success', 'foobar'), xtruct('foobar', 0, 0, 0));
    my $unknown = { code => Thrift::TApplicationException::UNKNOWN_METHOD() };
    raises('unknown method', 'Thrift::TApplicationException', $unknown, sub {
        my $output = $client->{output};
        $output->writeMessageBegin('testNoSuchMethod', Thrift::TMessageType::CALL, 7);
        conformance::ThriftTest_testString_args->new({ thing => 'x' })->write($output);
        $output->writeMessageEnd();
        $output->getTransport()->flush();
        $client->recv_testVoid();
    });
    return;
}

sub check_oneway {
    my ($client) = @_;
    my $begun = time;
    $client->testOneway(3);
    my $took = time - $begun;
    equal("testOneway in $took s", $took < 0.2 ? 1 : 0, 1);
    equal('a call behind a oneway one', $client->testI32(-1), -1);
    return;
}

sub check_both_services {
    my ($client, $second) = @_;
    for my $text ('b0', 'b1', 'b2') {
        equal('secondtestString', $second->secondtestString($text), "testString(\"$text\")");
        equal('testString between', $client->testString('a'), 'a');
    }
    return;
}

sub main {
    my $options   = Connection::arguments();
    my $transport = transport_of($options);
    my $protocol  = Thrift::BinaryProtocol->new($transport);
    my $several   = $options->{protocol} eq 'multi';
    my $named     = sub { $several ? Thrift::MultiplexedProtocol->new($protocol, $_[0]) : $protocol };
    my $client    = conformance::ThriftTestClient->new($named->('ThriftTest'));
    $transport->open();
    check_echoes($client);
    check_structs($client);
    check_containers($client);
    check_both_services($client, conformance::SecondServiceClient->new($named->('SecondService'))) if $several;
    check_exceptions($client);
    check_oneway($client);
    $transport->close() if $options->{transport} ne 'http';
    print "$made checks, $failed failed\n";
    return $failed ? 1 : 0;
}

# Thrift's exceptions are no text.
my $code = eval { main() };
if (!defined $code) {
    my $error = $@;
    print "FAIL after $made checks: ", ref $error ? shown($error) : $error, "\n";
}
exit($code // 1);
