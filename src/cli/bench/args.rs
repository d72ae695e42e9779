//! What `bench` takes.

use std::path::PathBuf;
use std::time::Duration;

use crate::load::{Arrivals, Rate, Slo};
use crate::transport::Stack;
use crate::wire::Codec;

use super::values::{self, Keys, Mix};
use crate::cli::extras::Extras;
use crate::cli::trust::Trust;

const EXAMPLES: &str = "\
Examples (the built-in workloads call the service of idl/bench.thrift: `farthing serve --listen 127.0.0.1:9092=bench`):
  farthing bench 127.0.0.1:9092                                     add, closed loop, 16 connections
  farthing bench 127.0.0.1:9092 --rate 20k                          open loop: what users see at 20,000 calls/s
  farthing bench 127.0.0.1:9092 --workload get=9,put=1 --size 1KiB --key-distribution zipf
  farthing bench http://127.0.0.1:9092/ --connect-per-call          a connection per call, as Python's THttpClient makes
  farthing bench 127.0.0.1:9092 --rounds 5 --json > a.json          for comparisons
  farthing bench --compare a.json b.json                            what changed, and whether that is more than noise
  farthing bench 127.0.0.1:9092 --find-max --slo p99=1ms            the highest rate that keeps p99 below 1 ms

Any method of any IDL, with values that differ from call to call, and results that are compared:
  farthing bench 127.0.0.1:9090 --idl idl/calculator.thrift --call 'Calculator.add {\"num1\": 2, \"num2\": 3} => 5'
  farthing bench 127.0.0.1:9091 --idl idl/cache.thrift --call '9*Cache.get {\"key\": \"k{{zipf 1000}}\"}' \\
    --call '1*Cache.put {\"key\": \"k{{zipf 1000}}\", \"value\": \"{{string 64}}\"}'
  In texts:    {{seq [FIRST]}}  {{int LOW HIGH}}  {{string LENGTH}}  {{zipf RANKS [EXPONENT]}}
  As values:   {\"$seq\": FIRST}  {\"$int\": [LOW, HIGH]}  {\"$string\": LENGTH}  {\"$zipf\": RANKS}  {\"$oneof\": [VALUE, ...]}

A closed loop calls again when an answer is there: it finds the highest throughput, and its latencies leave out the calls that
a slow server kept it from making. An open loop calls by a schedule, and counts latency from the moment a call was due.

Exit codes: 0 every call was answered rightly; 1 exceptions; 2 the command line is wrong; 3 connections failed; 4 calls timed
out; 5 answers were wrong; 6 an objective was missed, or --compare found a change for the worse; 130 interrupted. The worst of
these counts: 5, then 4, 3, 1, 6. Where --slo says how many errors there may be, fewer are none.";

/// Load-test a Thrift server, and report latencies, throughput and errors
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES, after_help = "`farthing bench --help` has examples.")]
pub(in crate::cli) struct Arguments {
    /// Where the server is: host:port, unix:/path, unix:@name, http[s]://host:port/path or ws[s]://host:port/path.
    #[arg(value_name = "ADDR", required_unless_present = "compare")]
    pub(super) address: Option<String>,

    /// A built-in workload, or several with weights: add, get, put, echo; get=9,put=1.
    ///
    /// get puts all its keys first. Every answer is compared with what it must be.
    #[arg(long, value_name = "MIX", default_value = "add", conflicts_with = "call", value_parser = values::mix, help_heading = "What to call")]
    pub(super) workload: Mix,

    /// A call of a method of --idl: [WEIGHT*]Service.method [JSON [=> RESULT]]; may be repeated.
    #[arg(long, value_name = "CALL", requires = "idl", help_heading = "What to call")]
    pub(super) call: Vec<String>,

    /// The IDL that the server was made from; may be repeated.
    #[arg(long, value_name = "FILE.thrift", requires = "call", help_heading = "What to call")]
    pub(super) idl: Vec<PathBuf>,

    /// Look for included files here too; may be repeated.
    #[arg(short = 'I', long = "include", value_name = "DIR", help_heading = "What to call")]
    pub(super) includes: Vec<PathBuf>,

    /// Size of the values of get and put, and about that of what echo sends.
    #[arg(long, value_name = "SIZE", default_value = "1024", value_parser = values::bytes, help_heading = "What to call")]
    pub(super) size: usize,

    /// Different keys of get and put [default: 1000, or as many as fit into 64 MiB of values].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000), help_heading = "What to call")]
    pub(super) keys: Option<u64>,

    /// How keys are chosen: uniform, sequence, zipf or zipf:EXPONENT.
    #[arg(long, value_name = "HOW", default_value = "uniform", value_parser = values::keys, help_heading = "What to call")]
    pub(super) key_distribution: Keys,

    /// binary, compact or json.
    #[arg(long, short, value_name = "NAME", default_value = "binary", value_parser = values::protocol, help_heading = "How to speak")]
    pub(super) protocol: Codec,

    /// framed, buffered, http, header, zlib or websocket, or one with another inside, such as http+header [default: http for http[s]://, websocket for ws[s]://, else framed].
    #[arg(long, short, value_name = "NAME", help_heading = "How to speak")]
    pub(super) transport: Option<Stack>,

    /// Send this service's name too (TMultiplexedProtocol), for servers that offer several.
    #[arg(long, value_name = "SERVICE", help_heading = "How to speak")]
    pub(super) multiplexed: Option<String>,

    #[command(flatten, next_help_heading = "How to speak")]
    pub(super) extras: Extras,

    #[command(flatten, next_help_heading = "TLS")]
    pub(super) trust: Trust,

    /// Connections, over all threads.
    #[arg(long, short, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u64).range(1..=1_000_000), help_heading = "How much")]
    pub(super) connections: u64,

    /// Calls under way on each connection.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=100_000), help_heading = "How much")]
    pub(super) pipeline: u64,

    /// Threads of the generator, each with an event loop.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1024), help_heading = "How much")]
    pub(super) threads: u64,

    /// Open a connection for every call, and close it behind the answer.
    #[arg(long, conflicts_with = "pipeline", help_heading = "How much")]
    pub(super) connect_per_call: bool,

    /// Open loop: so many calls per second in all, such as 5000 or 20k; or a ramp, 1k..20k.
    #[arg(long, value_name = "RATE", value_parser = values::rate, help_heading = "How much")]
    pub(super) rate: Option<Rate>,

    /// How the calls of an open loop follow one another: constant, or poisson as independent users do.
    #[arg(long, value_name = "HOW", default_value = "constant", requires = "rate", value_parser = arrivals, help_heading = "How much")]
    pub(super) arrivals: Arrivals,

    /// How long to measure [default: 10s, and 3s for each rate of --find-max].
    #[arg(long, short, value_name = "TIME", value_parser = values::time, help_heading = "How much")]
    pub(super) duration: Option<Duration>,

    /// Measure so many calls instead.
    #[arg(long, short = 'n', value_name = "N", conflicts_with = "duration", value_parser = clap::value_parser!(u64).range(1..), help_heading = "How much")]
    pub(super) requests: Option<u64>,

    /// How long to call before that.
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = values::time, help_heading = "How much")]
    pub(super) warmup: Duration,

    /// Open the connections one after the other over this time.
    #[arg(long, value_name = "TIME", default_value = "0", value_parser = values::time, help_heading = "How much")]
    pub(super) ramp: Duration,

    /// How long a call may take; kept to some 30 ms.
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = values::time, help_heading = "How much")]
    pub(super) timeout: Duration,

    /// Do it all so many times; the spread between the rounds tells what a difference is worth.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1000), help_heading = "How much")]
    pub(super) rounds: u64,

    /// What must hold, or the exit code is 6: percentiles and a share of errors, such as p99=1ms,p99.9=5ms,errors=0.1%.
    #[arg(long, value_name = "OBJECTIVE", help_heading = "Objectives")]
    pub(super) slo: Option<Slo>,

    /// Search for the highest rate of an open loop at which --slo holds, from --rate on or from 1000.
    #[arg(long, requires = "slo", conflicts_with_all = ["rounds", "requests"], help_heading = "Objectives")]
    pub(super) find_max: bool,

    /// Compare two reports that --json wrote, and run nothing.
    #[arg(long, num_args = 2, value_names = ["BEFORE.json", "AFTER.json"], conflicts_with = "address", help_heading = "Objectives")]
    pub(super) compare: Vec<PathBuf>,

    /// How much worse a figure may be in a comparison, in percent [default: 5].
    #[arg(long, value_name = "PERCENT", value_parser = values::percent, help_heading = "Objectives")]
    pub(super) threshold: Option<f64>,

    /// Write the report as JSON to standard output, instead of text.
    #[arg(long, help_heading = "Reports")]
    pub(super) json: bool,

    /// Write the report as a page with charts, too.
    #[arg(long, value_name = "FILE", help_heading = "Reports")]
    pub(super) html: Option<PathBuf>,
}

fn arrivals(name: &str) -> Result<Arrivals, &'static str> {
    match name {
        "constant" => Ok(Arrivals::Constant),
        "poisson" => Ok(Arrivals::Poisson),
        _ => Err("there are constant and poisson"),
    }
}
