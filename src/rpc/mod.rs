//! A message is a call: methods, exceptions, services, and the two sides of a conversation. Sans-IO.
//!
//! [`Responder`] is the server side of one connection: bytes and a time go in, replies come out. A [`Service`] is what it
//! calls, one virtual call per request; generated code implements it. [`Requester`] is the client side, and [`Caller`] what
//! generated clients call through.

mod caller;
mod deferred;
mod dispatch;
mod envelope;
mod exception;
mod failure;
mod incoming;
mod job;
mod limits;
mod message;
mod outcome;
mod reason;
mod reply;
mod request;
mod requester;
mod responder;
mod response;
mod service;
mod slots;
mod stats;
mod strain;
mod ticket;
mod watch;

pub use self::caller::{Answer, CallError, Caller};
pub use self::deferred::Deferred;
pub use self::exception::{ApplicationException, ExceptionKind};
pub use self::failure::Failure;
pub use self::incoming::Incoming;
pub use self::job::Job;
pub use self::limits::Limits;
pub use self::outcome::{Returned, Success, Throws};
pub use self::reason::Reason;
pub use self::reply::Reply;
pub use self::request::{Fault, Request};
pub use self::requester::{Received, Requester};
pub use self::responder::{Context, Next, Responder};
pub use self::response::Response;
pub use self::service::{Method, NoSuchMethod, Service, Services};
pub use self::stats::{Counter, Stats};
pub use self::strain::Strain;
pub use self::ticket::{Completed, Completer, Ticket};
