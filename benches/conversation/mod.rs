//! Both ends of a connection in memory, without a socket: what a call costs beside its system calls.

use std::sync::Arc;
use std::time::Instant;

use farthing::generated::bench::{BenchClient, BenchService};
use farthing::rpc::{
    ApplicationException, CallError, Caller, Completer, Context, Job, Limits, Next, Received, Requester, Responder, Services,
    Stats, Strain, Success, Throws,
};
use farthing::services::bench::Workloads;
use farthing::transport::{self, Client, Memo, Spoken, http};
use farthing::wire::{Codec, Encode, Output};

#[path = "../../tests/in_memory/arrived.rs"]
mod arrived;
#[path = "../../tests/in_memory/nowhere.rs"]
mod nowhere;

use self::arrived::Arrived;
use self::nowhere::Nowhere;

/// A key of 16 bytes.
pub(crate) const KEY: &str = "0123456789abcdef";

/// How requests are delimited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// By a length before each.
    Framed,
    /// By their contents.
    Unframed,
    /// By HTTP/1.1.
    Http,
}

impl Way {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Framed, Self::Unframed, Self::Http];

    /// In names of benches.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Framed => "framed",
            Self::Unframed => "unframed",
            Self::Http => "http",
        }
    }

    /// The same, as it is found out.
    pub(crate) fn spoken(self) -> Spoken {
        match self {
            Self::Framed => Spoken::Framed,
            Self::Unframed => Spoken::Unframed(Codec::Binary),
            Self::Http => Spoken::Http,
        }
    }

    fn client(self) -> Client {
        match self {
            Self::Framed => Client::framed(),
            Self::Unframed => Client::unframed(Codec::Binary),
            Self::Http => Client::http(http::Client::new("127.0.0.1:9090", "/").expect("a host")),
        }
    }
}

/// The calls of the workloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    /// Two numbers there, one back.
    Add,
    /// 1 KiB back.
    Get,
    /// 1 KiB there.
    Put,
    /// The struct `Payload` there and back.
    Echo,
}

impl Call {
    /// All of them.
    pub(crate) const ALL: [Self; 4] = [Self::Add, Self::Get, Self::Put, Self::Echo];

    /// The method.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Get => "get",
            Self::Put => "put",
            Self::Echo => "echo",
        }
    }

    /// The request, `count` times in a row.
    pub(crate) fn requests(self, way: Way, count: usize) -> Vec<u8> {
        let mut caller = Near::new(way);
        self.make(&mut BenchClient::new(&mut caller));
        caller.out.to_vec().repeat(count)
    }

    /// Makes the call; whether it was answered is all the same.
    pub(crate) fn make<C: Caller>(self, client: &mut BenchClient<C>) {
        match self {
            Self::Add => _ = client.add(40, 2),
            Self::Get => _ = client.get(KEY),
            Self::Put => _ = client.put(KEY, &[b'v'; 1024]),
            Self::Echo => _ = client.echo(&crate::shapes::payload()),
        }
    }
}

/// The server's side of one connection, with the service `Bench` behind it.
pub(crate) struct Server {
    responder: Responder,
    services: Services,
    limits: Arc<Limits>,
    completer: Arc<dyn Completer>,
    memo: Memo,
    jobs: Vec<Job>,
    stats: Stats,
    now: Instant,
    out: Output,
}

impl Server {
    /// A connection that was just opened. The value that `get` reads is there.
    pub(crate) fn new() -> Self {
        let limits = Arc::new(Limits::default());
        let mut services = Services::new();
        services.add(Arc::new(BenchService::new(Workloads::new(1 << 26))));
        let now = Instant::now();
        Self {
            responder: Responder::new(now, &limits),
            services,
            limits,
            completer: Arc::new(Nowhere),
            memo: Memo::new(),
            jobs: Vec::new(),
            stats: Stats::default(),
            now,
            out: Output::new(),
        }
    }

    /// Answers all requests, and says how many bytes the answers take.
    pub(crate) fn answer(&mut self, requests: &[u8]) -> usize {
        let mut incoming = Arrived(requests);
        self.out.clear();
        let mut context = Context {
            services: &self.services,
            limits: &self.limits,
            now: self.now,
            connection: 1,
            completer: &self.completer,
            memo: &mut self.memo,
            strain: Strain::default(),
            jobs: &mut self.jobs,
            stats: &self.stats,
        };
        let next = self.responder.receive(&mut incoming, &mut self.out, &mut context);
        assert!(matches!(next, Next::Read { .. }) && incoming.0.is_empty(), "not all was answered: {next:?}");
        self.out.len()
    }

    /// The answers of the last turn.
    pub(crate) fn answers(&self) -> Vec<u8> {
        self.out.to_vec()
    }
}

/// The client's side of one connection, whose answers were made beforehand.
pub(crate) struct Near {
    requester: Requester,
    limits: transport::Limits,
    out: Output,
    /// The answer, and where the number of the call stands in it.
    answer: Option<(Vec<u8>, usize)>,
}

impl Near {
    /// A client that is not answered.
    pub(crate) fn new(way: Way) -> Self {
        let requester = Requester::new(Codec::Binary, way.client());
        Self { requester, limits: transport::Limits::default(), out: Output::new(), answer: None }
    }

    /// A client that is answered as `server` answers this call.
    pub(crate) fn answered(way: Way, call: Call, server: &mut Server) -> Self {
        server.answer(&call.requests(way, 1));
        let answer = server.answers();
        let head = match way {
            Way::Framed => 4,
            Way::Unframed => 0,
            Way::Http => answer.windows(4).position(|end| end == b"\r\n\r\n").expect("a head") + 4,
        };
        Self { answer: Some((answer, head + 8 + call.name().len())), ..Self::new(way) }
    }
}

impl Caller for &mut Near {
    fn call<A: Encode, T: Success, E: Throws>(&mut self, method: &'static str, arguments: &A) -> Result<T, CallError<E>> {
        let failed = |why: String| CallError::Failed(why.into());
        self.out.clear();
        let sent = self.requester.call(method, arguments, &mut self.out, &self.limits);
        let seqid = sent.map_err(|failure| failed(failure.to_string()))?;
        let Some((answer, at)) = &mut self.answer else { return Err(failed("no answer".into())) };
        answer[*at..*at + 4].copy_from_slice(&seqid.to_be_bytes());
        #[allow(clippy::redundant_closure_for_method_calls)] // the method alone is not general enough in its lifetimes
        let received = self.requester.receive(&mut Arrived(answer), &self.limits, |response| response.result::<T, E>());
        match received {
            Ok(Received::Reply(result)) => result.map_err(CallError::Exception),
            Ok(_) => Err(failed("half an answer".into())),
            Err(failure) => Err(failed(failure.to_string())),
        }
    }

    fn send<A: Encode>(&mut self, method: &'static str, arguments: &A) -> Result<(), CallError<ApplicationException>> {
        let sent = self.requester.send(method, arguments, &mut self.out, &self.limits);
        sent.map(drop).map_err(|failure| CallError::Failed(failure.to_string().into()))
    }
}
