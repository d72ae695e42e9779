//! Makes the service from the IDL that `BENCH_IDL` names.

use std::path::PathBuf;

fn main() {
    println!("cargo::rerun-if-env-changed=BENCH_IDL");
    let idl = PathBuf::from(std::env::var_os("BENCH_IDL").expect("BENCH_IDL: the path of bench.thrift"));
    volo_build::Builder::thrift().add_service(idl).write().expect("stubs");
}
