//! What SIGHUP does: settings, certificates and keys are read again, and all of it is taken over or nothing.

use crate::server::tls::Tls;
use crate::server::{Handle, Renewed};

use super::config::Settings;
use super::exit::say;
use super::serve::{Arguments, Offers};

/// What a running server was made from, and how to reach it.
pub(super) struct Reload {
    arguments: Arguments,
    settings: Settings,
    offers: Offers,
    tls: Option<Tls>,
    handle: Handle,
}

impl Reload {
    pub(super) fn new(arguments: Arguments, settings: Settings, offers: Offers, tls: Option<Tls>, handle: Handle) -> Self {
        Self { arguments, settings, offers, tls, handle }
    }

    /// The services at each address.
    pub(super) fn offered(&self) -> Vec<String> {
        self.settings.listen.iter().map(|listen| services(listen).to_owned()).collect()
    }

    /// Reads again what there is to read.
    pub(super) fn now(&mut self) {
        if self.arguments.has_file() {
            match self.take_over() {
                Ok(renewed) => self.tell(&renewed),
                Err(error) => tracing::error!(%error, "the settings were not taken over; nothing has changed"),
            }
            return;
        }
        match self.tls.as_ref().map(Tls::reload) {
            None => tracing::info!("nothing to read again: there is neither a file of settings nor a certificate"),
            Some(Ok(())) => tracing::info!("certificate and key were read again; new connections get them"),
            Some(Err(error)) => tracing::error!(%error, "certificate and key were not taken over; those in use stay"),
        }
    }

    /// All of it, or nothing.
    fn take_over(&mut self) -> Result<Renewed, String> {
        let mut settings = self.arguments.settings()?;
        let cache_max = std::mem::replace(&mut settings.cache_max, self.settings.cache_max.clone());
        let cache_changes = cache_max.as_deref().is_some_and(|text| text != self.settings.cache_max());
        let builder = self.offers.builder(&settings, self.tls.as_ref())?;
        let files = settings.secured.clone().read_again(self.tls.as_ref())?;
        let mut renewed = builder.renew(&self.handle).map_err(|error| error.to_string())?;
        if let Some(files) = files {
            files.take_over();
        }
        if cache_changes {
            renewed.fixed.push("cache_max");
        }
        self.settings = settings;
        Ok(renewed)
    }

    fn tell(&self, renewed: &Renewed) {
        let Renewed { opened, closed, fixed } = renewed;
        for (place, address) in opened {
            say(format_args!("listening on {address} ({})", services(&self.settings.listen[*place])));
        }
        for address in closed {
            say(format_args!("no longer listening on {address}: its connections end"));
        }
        if !fixed.is_empty() {
            tracing::warn!("unchanged until the server is started anew: {}", fixed.join(", "));
        }
        tracing::info!("the settings were read again; new connections get them");
    }
}

/// What is offered at an address, as `--listen` has it.
fn services(listen: &str) -> &str {
    listen.split_once('=').map_or("", |(_, services)| services)
}
