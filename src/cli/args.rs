//! The subcommands.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

use super::{bench, call, check, generate, man, serve};

/// Apache Thrift from scratch: a server that every Thrift client can talk to on one port, and tools around it.
#[derive(Debug, Parser)]
#[command(name = "farthing", version, propagate_version = true, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run services: a Calculator on 127.0.0.1:9090 and a Cache on 127.0.0.1:9091 unless told otherwise.
    Serve(serve::Arguments),
    Bench(Box<bench::Arguments>),
    Call(call::Arguments),
    Check(check::Args),
    Gen(generate::Args),
    /// Print the manual page of farthing, or of one of its commands; or write all of them to a directory.
    #[command(after_help = "Example: farthing man bench | man -l -        farthing man --out /usr/local/share/man/man1")]
    Man(man::Arguments),
    /// Print what a shell needs to complete the arguments of farthing.
    #[command(after_help = "Example: farthing completions bash > ~/.local/share/bash-completion/completions/farthing")]
    Completions {
        /// The shell.
        shell: Shell,
    },
}

/// Runs the command that the arguments name. Arguments that make no sense end the program with code 2.
pub fn run() -> ExitCode {
    match Arguments::parse().command {
        Command::Serve(arguments) => serve::run(arguments).into(),
        Command::Bench(arguments) => bench::run(&arguments).into(),
        Command::Call(arguments) => call::run(&arguments).into(),
        Command::Check(arguments) => check::run(&arguments),
        Command::Gen(arguments) => generate::run(&arguments),
        Command::Man(arguments) => man::run(&arguments, Arguments::command()).into(),
        Command::Completions { shell } => completions(shell),
    }
}

fn completions(shell: Shell) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "farthing", &mut script);
    // A reader that went away has seen enough.
    _ = io::stdout().write_all(&script);
    ExitCode::SUCCESS
}
