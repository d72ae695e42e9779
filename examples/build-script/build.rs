//! One call makes Rust of the IDL and of all it includes.

fn main() -> Result<(), farthing::codegen::Error> {
    farthing::codegen::configure()
        .type_attribute("tasks.Priority", "#[doc(alias = \"urgency\")]")
        .btree_map(["Task.labels"])
        .compile(&["idl/tasks.thrift"], &["idl"])
}
