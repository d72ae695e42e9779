//! Makes Rust of the IDL.

fn main() -> Result<(), farthing::codegen::Error> {
    farthing::codegen::configure().compile(&["idl/greeter.thrift", "idl/reports.thrift"], &["idl"])
}
