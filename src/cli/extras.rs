//! What commands that call a server send besides the calls: headers, and how requests are packed.

use clap::Args;

use crate::client::Builder;

/// Headers of every call, and whether requests are deflated.
#[derive(Clone, Debug, Args)]
pub(super) struct Extras {
    /// A header field for HTTP and WebSocket, or an info header for THeader; may be repeated.
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE", value_parser = header)]
    fields: Vec<(String, String)>,

    /// An info header for THeader inside of HTTP or WebSocket; may be repeated.
    #[arg(long = "info-header", value_name = "NAME: VALUE", value_parser = header)]
    info: Vec<(String, String)>,

    /// Deflate requests, in THeader by itself or inside.
    #[arg(long)]
    pub(super) compress: bool,
}

impl Extras {
    /// Has the builder send them.
    pub(super) fn apply(&self, builder: Builder) -> Builder {
        let builder = builder.compressed(self.compress);
        let builder = self.info.iter().fold(builder, |builder, (name, value)| builder.info_header(name, value));
        self.fields.iter().fold(builder, |builder, (name, value)| builder.field(name, value))
    }
}

fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("it is a name and a value with a colon between them")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}
