//! Both sides of a connection in memory: a requester and a responder, and bytes that are cut between them at will.

use std::sync::Arc;
use std::time::Instant;

use farthing::generated::cache::CacheService;
use farthing::generated::calculator::CalculatorService;
use farthing::generated::conformance::ThriftTestService;
use farthing::rpc::{
    ApplicationException, CallError, Caller, Completer, Context, Failure, Limits, Next, Received, Requester, Responder, Response,
    Services, Stats, Strain, Success, Throws,
};
use farthing::services::cache::MemoryCache;
use farthing::services::calculator::Arithmetic;
use farthing::services::conformance::CrossTest;
use farthing::transport::http;
use farthing::transport::{Client, Kind, Memo, Stack};
use farthing::wire::{self, Codec, Encode, Output};

use crate::buffer::Buffer;
use crate::nowhere::Nowhere;

/// A client side of this kind.
pub(super) fn client(stack: impl Into<Stack>, codec: Codec) -> Client {
    let stack = stack.into();
    let client = match stack.outer {
        Kind::Framed => Client::framed(),
        Kind::Unframed => Client::unframed(codec),
        Kind::Http => Client::http(http::Client::new("localhost:9090", "/").expect("a host and a path")),
        Kind::Header => Client::header(codec),
        Kind::Zlib => Client::zlib(codec),
        Kind::WebSocket => Client::websocket(&http::Destination::new("localhost:9090", "/").expect("a host and a path"), codec),
        other => panic!("no client of the kind {other}"),
    };
    if let Some(layer) = stack.inner { client.with(layer, codec) } else { client }
}

/// Both sides of a new connection, which have shaken hands where that is the custom.
pub(super) fn joined(kind: impl Into<Stack>, codec: Codec) -> (Requester, Server) {
    let (mut requester, mut server) = (Requester::new(codec, client(kind, codec)), Server::new());
    greet(&mut requester, &mut server, 1 << 20);
    (requester, server)
}

fn greet(requester: &mut Requester, server: &mut Server, step: usize) {
    let (mut out, mut input) = (Output::new(), Buffer::new(true));
    if !requester.greet(&mut out) {
        return;
    }
    let answer: Vec<u8> = out.to_vec().chunks(step).flat_map(|part| server.feed(part)).collect();
    let parts: Vec<_> = answer.chunks(step).collect();
    for (number, part) in parts.iter().enumerate() {
        input.bytes.extend_from_slice(part);
        assert_eq!(requester.greeted(&mut input), Ok(number + 1 == parts.len()));
    }
    assert!(input.bytes.is_empty());
}

/// The server side: a calculator, a cache, and the service of the cross-test.
pub(super) struct Server {
    responder: Responder,
    input: Buffer,
    services: Services,
    limits: Arc<Limits>,
    completer: Arc<dyn Completer>,
    memo: Memo,
    stats: Stats,
    now: Instant,
}

impl Server {
    pub(super) fn new() -> Self {
        let mut services = Services::new();
        services.add(Arc::new(CalculatorService::new(Arithmetic)));
        services.add(Arc::new(CacheService::new(MemoryCache::new(1 << 24))));
        services.add(Arc::new(ThriftTestService::new(CrossTest)));
        let (limits, now) = (Arc::new(Limits::default()), Instant::now());
        let responder = Responder::new(now, &limits);
        let completer = Arc::new(Nowhere);
        Self { responder, input: Buffer::new(true), services, limits, completer, memo: Memo::new(), stats: Stats::default(), now }
    }

    /// Takes bytes in, and gives what is answered.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.input.bytes.extend_from_slice(bytes);
        let mut out = Output::new();
        loop {
            let mut context = Context {
                services: &self.services,
                limits: &self.limits,
                now: self.now,
                connection: 0,
                completer: &self.completer,
                memo: &mut self.memo,
                strain: Strain::default(),
                jobs: &mut Vec::new(),
                stats: &self.stats,
            };
            match self.responder.receive(&mut self.input, &mut out, &mut context) {
                Next::Again | Next::Flush => {}
                _ => return out.to_vec(),
            }
        }
    }
}

/// Generated clients call through this; all bytes pass in pieces of `step`.
pub(super) struct Memory {
    pub(super) requester: Requester,
    pub(super) server: Server,
    pub(super) input: Buffer,
    pub(super) step: usize,
}

impl Memory {
    pub(super) fn new(kind: impl Into<Stack>, codec: Codec, service: &str, step: usize) -> Self {
        let (mut requester, mut server) = (Requester::new(codec, client(kind, codec)).service(service), Server::new());
        greet(&mut requester, &mut server, step);
        Self { requester, server, input: Buffer::new(true), step }
    }

    fn exchange<R>(
        &mut self,
        out: &Output,
        mut read: impl FnMut(&mut Response<'_>) -> Result<R, wire::Error>,
    ) -> Result<Option<R>, Failure> {
        let limits = farthing::transport::Limits::default();
        let answer: Vec<u8> = out.to_vec().chunks(self.step).flat_map(|part| self.server.feed(part)).collect();
        let mut need = 1;
        let mut parts = answer.chunks(self.step);
        while let Some(part) = parts.next() {
            self.input.bytes.extend_from_slice(part);
            if self.input.bytes.len() < need {
                continue;
            }
            match self.requester.receive(&mut self.input, &limits, &mut read)? {
                Received::Need(more) => need = more,
                Received::Reply(value) => {
                    // What ends a block of a zlib stream comes behind the reply.
                    parts.for_each(|part| self.input.bytes.extend_from_slice(part));
                    return Ok(Some(value));
                }
                Received::Acknowledged => return Ok(None),
            }
        }
        Ok(None)
    }
}

impl Caller for Memory {
    fn call<A: Encode, T: Success, E: Throws>(&mut self, method: &'static str, arguments: &A) -> Result<T, CallError<E>> {
        let mut out = Output::new();
        let limits = farthing::transport::Limits::default();
        let sent = self.requester.call(method, arguments, &mut out, &limits);
        match sent.and_then(|_| self.exchange(&out, |response: &mut Response<'_>| response.result::<T, E>())) {
            Ok(Some(Ok(value))) => Ok(value),
            Ok(Some(Err(exception))) => Err(CallError::Exception(exception)),
            Ok(None) => panic!("no answer to {method}"),
            Err(failure) => Err(CallError::Failed(Box::new(failure))),
        }
    }

    fn send<A: Encode>(&mut self, method: &'static str, arguments: &A) -> Result<(), CallError<ApplicationException>> {
        let mut out = Output::new();
        let limits = farthing::transport::Limits::default();
        let sent = self.requester.send(method, arguments, &mut out, &limits);
        let outcome = sent.and_then(|_| self.exchange(&out, |_| Ok(())));
        assert_eq!(self.requester.waiting(), 0, "acknowledged where that is the custom");
        outcome.map(|_| ()).map_err(|failure| CallError::Failed(Box::new(failure)))
    }
}
