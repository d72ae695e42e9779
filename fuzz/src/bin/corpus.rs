//! Writes the hostile vectors as the first corpus of each target.

use std::fs;
use std::io;

fn main() -> io::Result<()> {
    for target in ["connection", "binary"] {
        fs::create_dir_all(format!("corpus/{target}"))?;
    }
    for (name, connection, binary) in farthing_fuzz::corpus() {
        fs::write(format!("corpus/connection/{name}"), connection)?;
        fs::write(format!("corpus/binary/{name}"), binary)?;
    }
    Ok(())
}
