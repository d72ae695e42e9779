# What client and server have in common: arguments.
package Connection;

use strict;
use warnings;

# `--name=value`; a name without a value is "yes".
sub arguments {
    my %given = (protocol => 'binary', transport => 'buffered', host => '127.0.0.1', port => 0);
    for my $word (@ARGV) {
        my ($name, $value) = $word =~ /^--([^=]+)(?:=(.*))?$/ or die "not an argument: $word\n";
        $given{$name} = $value // 'yes';
    }
    die "no such protocol: $given{protocol}\n" if $given{protocol} !~ /^(?:binary|multi)$/;
    return \%given;
}

1;
