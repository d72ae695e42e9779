//! `farthing man`: manual pages, made of what the commands say of themselves.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Command;
use clap_mangen::Man;

use super::exit::{Exit, fail};

/// Which page.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The command [default: farthing itself].
    #[arg(value_name = "COMMAND", conflicts_with = "out")]
    command: Option<String>,

    /// Write the pages of farthing and of all its commands here.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Prints a page, or writes all of them. `program` is the whole command line.
pub(super) fn run(arguments: &Arguments, mut program: Command) -> Exit {
    // Each command gets the name under which its page is found: farthing-bench.
    program.build();
    let pages = pages(&program);
    if let Some(folder) = &arguments.out {
        return match pages.iter().try_for_each(|page| write(folder, page)) {
            Ok(()) => Exit::Ok,
            Err(error) => fail(Exit::Usage, format_args!("cannot write to {}: {error}", folder.display())),
        };
    }
    let name = arguments.command.as_ref().map_or_else(|| "farthing".to_owned(), |command| format!("farthing-{command}"));
    match pages.iter().find(|page| page.get_display_name().unwrap_or(page.get_name()) == name) {
        Some(page) => {
            // A reader that went away has seen enough.
            _ = io::stdout().write_all(&roff(page).unwrap_or_default());
            Exit::Ok
        }
        None => fail(
            Exit::Usage,
            format_args!("there is no command {}; `farthing --help` lists them", name.replacen("farthing-", "", 1)),
        ),
    }
}

fn pages(program: &Command) -> Vec<Command> {
    let commands = program.get_subcommands().filter(|command| command.get_name() != "help");
    std::iter::once(program).chain(commands).cloned().collect()
}

fn write(folder: &Path, page: &Command) -> io::Result<()> {
    let name = page.get_display_name().unwrap_or(page.get_name());
    fs::create_dir_all(folder)?;
    fs::write(folder.join(format!("{name}.1")), roff(page)?)
}

fn roff(page: &Command) -> io::Result<Vec<u8>> {
    let mut roff = Vec::new();
    Man::new(page.clone()).render(&mut roff)?;
    Ok(roff)
}
