//! Generates the corpus as it comes by default, with every option that changes types, and with all that can be lent.

use std::path::PathBuf;

fn main() -> Result<(), farthing::codegen::Error> {
    let mut files: Vec<PathBuf> = std::fs::read_dir("idl").unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "thrift"));
    files.sort();
    farthing::codegen::configure().compile(&files, &["idl"])?;
    let out_dir = std::env::var("OUT_DIR").unwrap();
    farthing::codegen::configure()
        .out_dir(format!("{out_dir}/options"))
        .btree_map(["."])
        .btree_set(["."])
        .byte_vec(["."])
        .bytes(["Bytes.data"])
        .type_attribute("containers.Scalars", "#[allow(clippy::struct_excessive_bools)]")
        .field_attribute("Scalars.flag", "#[doc(alias = \"truth\")]")
        .compile(&files, &["idl"])?;
    farthing::codegen::configure().out_dir(format!("{out_dir}/lent")).borrow(["."]).compile(&files, &["idl"])
}
