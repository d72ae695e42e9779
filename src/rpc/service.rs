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

/// Where a request goes.
pub(super) struct Route<'s> {
    /// Nobody here has the method where there is none.
    pub(super) service: Option<&'s Arc<dyn Service>>,
    /// The name without the service before it, unless nobody is called that.
    pub(super) method: &'s str,
}

#[derive(Clone)]
struct Offer {
    service: Arc<dyn Service>,
    methods: &'static [Method],
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
        let methods = service.methods();
        self.offers.push(Offer { service, methods, offloaded: Vec::new() });
    }

    /// Runs `method` on the worker pool instead of the thread that received it. The name may have a service and a colon before
    /// it; else it is a method of the service added last.
    ///
    /// # Errors
    /// Where there is no such method.
    pub fn offload(&mut self, method: &str) -> Result<(), NoSuchMethod> {
        let (service, bare) = method.split_once(':').map_or((None, method), |(service, bare)| (Some(service), bare));
        let offer = self.offers.iter_mut().rev().find(|offer| service.is_none_or(|name| offer.service.name() == name));
        let methods = offer.as_ref().map_or(&[][..], |offer| offer.methods);
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

    /// The service that a name is for, and the bare name of the method; nothing where the name is not text. A plain name that
    /// is known is text: only the others are looked at byte by byte.
    #[inline]
    pub(super) fn route<'s>(&'s self, name: &'s [u8]) -> Option<Route<'s>> {
        for offer in &self.offers {
            if let Some(method) = offer.find(name) {
                return Some(Route { service: Some(&offer.service), method });
            }
        }
        self.route_apart(str::from_utf8(name).ok()?).into()
    }

    /// A multiplexed name, or a plain one that is in no list; one service alone is asked itself whether it knows it.
    #[cold]
    fn route_apart<'s>(&'s self, name: &'s str) -> Route<'s> {
        let (offer, method) = match (name.split_once(':'), self.offers.as_slice()) {
            (Some((service, method)), offers) => (offers.iter().find(|offer| offer.service.name() == service), method),
            (None, [only]) => (Some(only), name),
            (None, _) => (None, name),
        };
        match offer {
            Some(offer) => Route { service: Some(&offer.service), method },
            None => Route { service: None, method: name },
        }
    }

    /// Whether this method of this service runs on the worker pool.
    #[inline]
    pub(super) fn is_offloaded(&self, service: &Arc<dyn Service>, method: &str) -> bool {
        self.offloads && self.offers.iter().any(|offer| Arc::ptr_eq(&offer.service, service) && offer.offloaded.contains(&method))
    }
}

impl Offer {
    /// The name of the method that is called just so.
    #[inline]
    fn find(&self, name: &[u8]) -> Option<&'static str> {
        self.methods.iter().map(|known| known.name).find(|known| known.as_bytes() == name)
    }
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}
