//! Everything that the generator makes of the corpus compiles without a warning, whatever the options.

#![deny(warnings, missing_docs, rust_2018_idioms)]

/// As it comes by default.
pub mod plain {
    farthing::include_thrift!();
}

/// With ordered maps and sets, `Vec<u8>` and attributes.
pub mod options {
    farthing::include_thrift!("options");
}

/// With everything borrowed that can be.
pub mod lent {
    farthing::include_thrift!("lent");
}

#[cfg(test)]
mod lent_tests;
#[cfg(test)]
mod tests;
