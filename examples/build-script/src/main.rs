//! Begins where the build script ends: with Rust types for everything in `idl/`.

use farthing::wire::{BinaryReader, BinaryWriter, Decode, Encode, Error, Input, Limits, Output, Reader};

mod idl {
    farthing::include_thrift!();
}

use idl::people::Person;
use idl::tasks::{Filter, Priority, Task};

fn main() -> Result<(), Error> {
    let owner = Person { name: "Ada".into(), email: None };
    let part = Task { title: "find the paint".into(), priority: Priority::HIGH, ..Task::default() };
    let task = Task {
        title: "paint the fence".into(),
        owner: Some(owner.clone()),
        labels: [("where".into(), "garden".into())].into(),
        parts: vec![part],
        ..Task::default()
    };
    let bytes = encode(&task);
    let back: Task = decode(&bytes)?;
    assert_eq!(back, task);
    println!("{} bytes hold {:?} of priority {}", bytes.len(), back.title, back.priority);

    let filter: Filter = decode(&encode(&Filter::Owner(owner)))?;
    println!("a filter survives too: {filter:?}");
    Ok(())
}

fn encode<T: Encode>(value: &T) -> Vec<u8> {
    let mut output = Output::new();
    value.encode(&mut BinaryWriter::new(&mut output, Limits::default().depth_max));
    output.to_vec()
}

fn decode<T: for<'a> Decode<'a>>(bytes: &[u8]) -> Result<T, Error> {
    T::decode(&mut BinaryReader::new(Input::new(bytes, &Limits::default())))
}
