//! What a server offers: services, and which of them a name belongs to.

use std::fmt;
use std::sync::Arc;

use super::reply::Reply;
use super::request::{Fault, Request};

/// A set of methods. Generated code implements it for a handler; one virtual call carries each request.
///
/// A service around another one sees what handlers do not: the info headers of a THeader client, and those of the reply. A
/// handler that needs one of them gets it from a service that is made for the call:
///
/// ```
/// use farthing::rpc::{ApplicationException, Fault, Method, Reply, Request, Service};
/// # use farthing::rpc::{Success, Throws};
/// # trait Greeter: Send + Sync + 'static { fn greet(&self) -> Result<String, ApplicationException>; }
/// # struct GreeterService<H>(H);
/// # impl<H: Greeter> GreeterService<H> { fn new(handler: H) -> Self { Self(handler) } }
/// # impl<H: Greeter> Service for GreeterService<H> {
/// #     fn name(&self) -> &'static str { "Greeter" }
/// #     fn methods(&self) -> &'static [Method] { &[Method { name: "greet", oneway: false }] }
/// #     fn call(&self, _: &mut Request<'_>, reply: &mut Reply<'_>) -> Result<(), Fault> {
/// #         reply.result(&self.0.greet());
/// #         Ok(())
/// #     }
/// # }
///
/// /// Answers one call: for whoever the header `user` names.
/// struct Hello {
///     user: String,
/// }
///
/// impl Greeter for Hello {
///     fn greet(&self) -> Result<String, ApplicationException> {
///         Ok(format!("hello, {}", self.user))
///     }
/// }
///
/// struct Named;
///
/// impl Service for Named {
///     fn name(&self) -> &'static str {
///         "Greeter"
///     }
///
///     fn methods(&self) -> &'static [Method] {
///         &[Method { name: "greet", oneway: false }]
///     }
///
///     fn call(&self, request: &mut Request<'_>, reply: &mut Reply<'_>) -> Result<(), Fault> {
///         let user = String::from_utf8_lossy(request.headers().get("user").unwrap_or(b"nobody")).into_owned();
///         // Before the call: a handler may hand the reply to somebody else.
///         _ = reply.set_header("served-by", "farthing");
///         GreeterService::new(Hello { user }).call(request, reply)
///     }
/// }
/// ```
pub trait Service: Send + Sync + 'static {
    /// The name in the IDL, which multiplexing clients put before a colon.
    fn name(&self) -> &'static str;

    /// All methods, inherited ones and aliases included.
    fn methods(&self) -> &'static [Method];

    /// Decodes the arguments, calls the handler and answers.
    ///
    /// # Errors
    /// [`Fault`], where the handler was not called. A handler's own errors are answers.
    fn call(&self, request: &mut Request<'_>, reply: &mut Reply<'_>) -> Result<(), Fault>;
}

/// A method by its name on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Method {
    /// Its name.
    pub name: &'static str,
    /// Whether it is never answered.
    pub oneway: bool,
}

/// The services of one listener. The first is the default for plain calls; a plain name that only another one has works too,
/// and all answer to `Service:method`.
#[derive(Clone, Default)]
pub struct Services {
    offers: Vec<Offer>,
    offloads: bool,
}

#[derive(Clone)]
struct Offer {
    service: Arc<dyn Service>,
    offloaded: Vec<&'static str>,
}

/// No service on the listener has the method that was to be offloaded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no method {method:?} to offload; there are: {known}")]
pub struct NoSuchMethod {
    method: String,
    known: String,
}

impl Services {
    /// No services yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a service behind those that are there.
    pub fn add(&mut self, service: Arc<dyn Service>) {
        self.offers.push(Offer { service, offloaded: Vec::new() });
    }

    /// Runs `method` on the worker pool instead of the thread that received it. The name may have a service and a colon before
    /// it; else it is a method of the service added last.
    ///
    /// # Errors
    /// Where there is no such method.
    pub fn offload(&mut self, method: &str) -> Result<(), NoSuchMethod> {
        let (service, bare) = method.split_once(':').map_or((None, method), |(service, bare)| (Some(service), bare));
        let offer = self.offers.iter_mut().rev().find(|offer| service.is_none_or(|name| offer.service.name() == name));
        let methods = offer.as_ref().map_or(&[][..], |offer| offer.service.methods());
        let found = methods.iter().find(|known| known.name == bare);
        let (Some(offer), Some(found)) = (offer, found) else {
            let known: Vec<_> = methods.iter().map(|known| known.name).collect();
            return Err(NoSuchMethod { method: method.into(), known: known.join(", ") });
        };
        offer.offloaded.push(found.name);
        self.offloads = true;
        Ok(())
    }

    /// The names of the services, in order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.offers.iter().map(|offer| offer.service.name())
    }

    /// Whether any method runs on the worker pool.
    pub fn offloads(&self) -> bool {
        self.offloads
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.offers.is_empty()
    }

    /// The service that a name is for, and the bare name of the method. The common case, one service and a plain name, looks
    /// nothing up: the service itself knows its methods.
    #[inline]
    pub(super) fn route<'n>(&self, name: &'n str) -> Option<(&Arc<dyn Service>, &'n str)> {
        if let [only] = self.offers.as_slice()
            && multiplexed(name).is_none()
        {
            return Some((&only.service, name));
        }
        self.route_among(name)
    }

    fn route_among<'n>(&self, name: &'n str) -> Option<(&Arc<dyn Service>, &'n str)> {
        let has = |offer: &&Offer, method: &str| offer.service.methods().iter().any(|known| known.name == method);
        let (offer, method) = match multiplexed(name) {
            Some((service, method)) => (self.offers.iter().find(|offer| offer.service.name() == service)?, method),
            None => (self.offers.iter().find(|offer| has(offer, name))?, name),
        };
        Some((&offer.service, method))
    }

    /// Whether this method of this service runs on the worker pool.
    #[inline]
    pub(super) fn is_offloaded(&self, service: &Arc<dyn Service>, method: &str) -> bool {
        self.offloads && self.offers.iter().any(|offer| Arc::ptr_eq(&offer.service, service) && offer.offloaded.contains(&method))
    }
}

/// The service and the method of a multiplexed name. Names are short: a plain loop beats a search that is made for long texts.
#[inline]
fn multiplexed(name: &str) -> Option<(&str, &str)> {
    let colon = name.bytes().position(|byte| byte == b':')?;
    Some((&name[..colon], &name[colon + 1..]))
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}
