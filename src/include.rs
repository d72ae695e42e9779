//! `include_thrift!`, the one macro of this crate: only a macro can look up the `OUT_DIR` of the crate that uses it.

/// Includes the modules that `farthing::codegen::configure()` generated in a build script, one per `.thrift` file.
///
/// ```ignore
/// mod idl {
///     farthing::include_thrift!();
/// }
/// ```
///
/// With a name, those in this directory of `$OUT_DIR`: `include_thrift!("v2")` for `.out_dir(format!("{out_dir}/v2"))`.
#[macro_export]
macro_rules! include_thrift {
    () => {
        include!(concat!(env!("OUT_DIR"), "/mod.rs"));
    };
    ($directory:literal) => {
        include!(concat!(env!("OUT_DIR"), "/", $directory, "/mod.rs"));
    };
}
