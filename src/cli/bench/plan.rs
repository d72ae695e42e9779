//! From arguments to a plan: whom to call, how, and what.

use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use crate::cli::check;
use crate::cli::exit::Exit;
use crate::client::{Connection, Endpoint, Error, Socket};
use crate::load::{Builtin, Call, Dial, Length, Load, Plan, Shape, Sizes};
use crate::reactor::{Address, Route, TlsClient};
use crate::transport;

use super::args::Arguments;

/// Keys of get and put, unless there is not enough room for their values.
const KEYS: usize = 1000;
/// How long to measure, unless it is said.
const DURATION: Duration = Duration::from_secs(10);
/// The same for each rate of a search.
const PROBE: Duration = Duration::from_secs(3);
/// How many puts are under way while keys are put.
const PUTS_UNDER_WAY: usize = 16;

/// A wrong argument, or a server that is not there.
pub(super) type Failure = (Exit, String);

/// A server, the load on it, and what must be done first.
#[derive(Debug)]
pub(super) struct Task {
    pub(super) plan: Plan,
    /// Puts the keys that the plan gets.
    pub(super) preparation: Option<Plan>,
    pub(super) load: Load,
}

/// What the arguments say.
pub(super) fn task(arguments: &Arguments) -> Result<Task, Failure> {
    consistent(arguments).map_err(|error| (Exit::Usage, error))?;
    let endpoint = endpoint(arguments).map_err(|error| (Exit::Usage, error.to_string()))?;
    let tls = endpoint.tls().map(|(config, name)| TlsClient::new(config, name));
    let route = Route { address: find(&endpoint, arguments)?, tls };
    let sizes = sizes(arguments).map_err(|error| (Exit::Usage, error))?;
    let calls = calls(arguments, &sizes)?;
    let shared = Arc::new(endpoint);
    let dialed = Arc::clone(&shared);
    let plan = Plan {
        route,
        dial: Dial::new(move || dialed.requester()),
        calls,
        shape: arguments.rate.map_or(Shape::Closed, |rate| Shape::Open { rate, arrivals: arguments.arrivals }),
        connections: arguments.connections as usize,
        pipeline: arguments.pipeline as usize,
        threads: arguments.threads as usize,
        connect_per_call: arguments.connect_per_call,
        warmup: arguments.warmup,
        length: arguments.requests.map_or(Length::Time(duration(arguments)), Length::Calls),
        ramp: arguments.ramp,
        timeout: arguments.timeout,
        limits: limits(),
    };
    let mut transport = shared.transport();
    if arguments.extras.compress {
        transport.push_str(", deflated");
    }
    let load = Load::new(&plan, address(arguments), shared.protocol(), &transport);
    let gets = arguments.call.is_empty() && arguments.workload.0.iter().any(|(kind, _)| *kind == Builtin::Get);
    let preparation = gets.then(|| preparation(&plan, &sizes));
    Ok(Task { plan, preparation, load })
}

fn consistent(arguments: &Arguments) -> Result<(), String> {
    let Arguments { threads, connections, rate, requests, .. } = arguments;
    if connections < threads {
        return Err(format!("{threads} threads need as many connections; there are {connections}"));
    }
    if arguments.timeout.is_zero() {
        return Err("--timeout cannot be 0: a call takes some time".into());
    }
    if arguments.duration == Some(Duration::ZERO) {
        return Err("--duration cannot be 0".into());
    }
    if arguments.threshold.is_some() {
        return Err("--threshold is for --compare".into());
    }
    if let Some(page) = &arguments.html
        && page.parent().is_some_and(|folder| !folder.as_os_str().is_empty() && !folder.is_dir())
    {
        return Err(format!("--html {}: there is no such directory", page.display()));
    }
    if arguments.find_max && rate.is_some_and(|rate| (rate.from - rate.to).abs() > f64::EPSILON) {
        return Err("--find-max begins at one --rate, not at a ramp".into());
    }
    if requests.is_some() && rate.is_some_and(|rate| (rate.from - rate.to).abs() > f64::EPSILON) {
        return Err("a ramp of --rate lasts for the --duration, and --requests has none".into());
    }
    Ok(())
}

fn address(arguments: &Arguments) -> &str {
    arguments.address.as_deref().unwrap_or_default()
}

fn duration(arguments: &Arguments) -> Duration {
    arguments.duration.unwrap_or(if arguments.find_max { PROBE } else { DURATION })
}

/// The calls of the IDL where there are some, else the built-in ones.
fn calls(arguments: &Arguments, sizes: &Sizes) -> Result<Vec<Call>, Failure> {
    if arguments.call.is_empty() {
        return Ok(arguments.workload.0.iter().map(|(kind, weight)| Call::builtin(*kind, *weight, sizes)).collect());
    }
    let (Some(program), _) = check::load(&arguments.idl, &arguments.includes) else {
        return Err((Exit::Usage, "the IDL has errors".into()));
    };
    // The calls refer to it for as long as this program runs.
    let program: &'static _ = Box::leak(Box::new(program));
    let parse = |text: &String| Call::parse(text, program).map_err(|error| (Exit::Usage, format!("--call '{text}': {error}")));
    let mut calls = arguments.call.iter().map(parse).collect::<Result<Vec<Call>, _>>()?;
    for at in 1..calls.len() {
        let same = calls[..at].iter().filter(|call| call.method == calls[at].method).count();
        if same > 0 {
            calls[at].label = format!("{} #{}", calls[at].label, same + 1);
        }
    }
    Ok(calls)
}

/// What is compared with what was sent may be as large as that.
fn limits() -> transport::Limits {
    let mut limits = transport::Limits::default();
    limits.wire.message_max = 1 << 30;
    limits.wire.string_max = 1 << 30;
    limits.frame_max = (1 << 30) - 1;
    limits
}

fn endpoint(arguments: &Arguments) -> Result<Endpoint, Error> {
    let mut builder = Connection::builder(address(arguments)).codec(arguments.protocol).timeout(arguments.timeout);
    if let Some(transport) = arguments.transport {
        builder = builder.transport(transport);
    }
    if let Some(service) = &arguments.multiplexed {
        builder = builder.service(service);
    }
    arguments.extras.apply(arguments.trust.apply(builder)).limits(limits()).endpoint()
}

/// The address of the server. Where the name has several, the first at which somebody listens.
fn find(endpoint: &Endpoint, arguments: &Arguments) -> Result<Address, Failure> {
    let sockets = endpoint.sockets().map_err(|error| (Exit::Connect, error.to_string()))?;
    let answers = |socket: &&Socket| match socket {
        Socket::Tcp(address) => TcpStream::connect_timeout(address, arguments.timeout).is_ok(),
        Socket::Unix(_) | Socket::Abstract(_) => true,
    };
    let chosen = if sockets.len() == 1 { sockets.first() } else { sockets.iter().find(answers).or(sockets.first()) };
    match chosen {
        Some(Socket::Tcp(address)) => Ok(Address::Tcp(*address)),
        Some(Socket::Unix(path)) => Ok(Address::Unix(path.clone())),
        Some(Socket::Abstract(name)) => Ok(Address::Abstract(name.clone())),
        None => Err((Exit::Connect, format!("{}: the host has no address", address(arguments)))),
    }
}

fn sizes(arguments: &Arguments) -> Result<Sizes, String> {
    let mut sizes = Sizes { value: arguments.size, keys: KEYS, pick: crate::load::Pick::Sequence };
    let most = sizes.keys_max();
    sizes.keys = match arguments.keys {
        Some(keys) if keys as usize > most => {
            return Err(format!("--keys cannot be {keys} with values of {} bytes: at most {most}", arguments.size));
        }
        Some(keys) => keys as usize,
        None => KEYS.min(most),
    };
    sizes.pick = arguments.key_distribution.pick(sizes.keys);
    Ok(sizes)
}

/// Every key once, over one connection.
fn preparation(plan: &Plan, sizes: &Sizes) -> Plan {
    Plan {
        calls: vec![Call::preparation(sizes)],
        shape: Shape::Closed,
        connections: 1,
        pipeline: PUTS_UNDER_WAY,
        threads: 1,
        connect_per_call: false,
        warmup: Duration::ZERO,
        length: Length::Calls(sizes.keys as u64),
        ramp: Duration::ZERO,
        ..plan.clone()
    }
}
