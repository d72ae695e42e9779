//! A message is a call: methods, exceptions, services, and the two sides of a conversation. Sans-IO.
//!
//! [`Responder`] is the server side of one connection: bytes and a time go in, replies come out. A [`Service`] is what it
//! calls, one virtual call per request; generated code implements it. [`Caller`] is what generated clients call through.

mod caller;
mod deferred;
mod dispatch;
mod envelope;
mod exception;
mod job;
mod limits;
mod message;
mod outcome;
mod reason;
mod reply;
mod request;
mod responder;
mod service;
mod slots;
mod stats;
mod ticket;
mod watch;

pub use self::caller::{Answer, CallError, Caller};
pub use self::deferred::Deferred;
pub use self::exception::{ApplicationException, ExceptionKind};
pub use self::job::Job;
pub use self::limits::Limits;
pub use self::outcome::{Success, Throws};
pub use self::reason::Reason;
pub use self::reply::Reply;
pub use self::request::{Fault, Request};
pub use self::responder::{Context, Incoming, Next, Responder};
pub use self::service::{Method, NoSuchMethod, Service, Services};
pub use self::stats::{Counter, Stats};
pub use self::ticket::{Completed, Completer, Ticket};
