//! The compiler of the IDL and the code generator: no text makes them panic, and the same text means the same.

use farthing::codegen::{Options, generate};
use farthing::idl::{Memory, Program, compile};

/// The files that the text is parted into, of which the first is compiled.
const FILES: [&str; 4] = ["a.thrift", "b.thrift", "c.thrift", "d.thrift"];

/// Files with zero bytes between them.
///
/// # Panics
/// Where a program comes with an error, or another one from the same text.
pub fn idl(data: &[u8]) {
    let files: Vec<_> = data.splitn(FILES.len(), |byte| *byte == 0).map(<[u8]>::to_vec).collect();
    let program = compiled(&files);
    assert!(compiled(&files) == program, "two programs from one text: {}", data.escape_ascii());
    let Some(program) = program else { return };
    let code = generate(&program, &Options::default());
    assert!(code.len() > program.modules.len());
    // A blank line at the end of a file is nothing.
    let longer: Vec<_> = files.iter().map(|file| [file, &b"\n\n"[..]].concat()).collect();
    assert!(compiled(&longer).as_ref() == Some(&program), "an empty line means something: {}", data.escape_ascii());
}

/// What the files mean, if they are in order. What is wrong with them is rendered, too.
fn compiled(files: &[Vec<u8>]) -> Option<Program> {
    let files = FILES.iter().zip(files).map(|(name, text)| (name.into(), text.clone())).collect();
    let (program, diagnostics) = compile(&[FILES[0].into()], &[], &Memory(files));
    assert_eq!(program.is_none(), diagnostics.errors() > 0);
    let text = diagnostics.render(false);
    assert_eq!(text.is_empty(), diagnostics.errors() + diagnostics.warnings() == 0);
    diagnostics.render(true);
    program
}
