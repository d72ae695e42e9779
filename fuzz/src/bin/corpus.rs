//! Writes the first corpus of each target, below `corpus` in the folder of this crate.

use std::path::Path;
use std::{fs, io};

use farthing_fuzz::bodies::TARGETS;
use farthing_fuzz::corpus::corpus;

fn main() -> io::Result<()> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (target, _) in TARGETS {
        let folder = here.join("corpus").join(target);
        fs::create_dir_all(&folder)?;
        let seeds = corpus(target, &here.join(".."));
        println!("{target}: {} inputs", seeds.len());
        for (name, input) in seeds {
            fs::write(folder.join(name), input)?;
        }
    }
    Ok(())
}
