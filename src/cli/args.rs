//! The subcommands.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use super::{bench, call, check, generate, serve};

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
}

/// Runs the command that the arguments name. Arguments that make no sense end the program with code 2.
pub fn run() -> ExitCode {
    match Arguments::parse().command {
        Command::Serve(arguments) => serve::run(arguments).into(),
        Command::Bench(arguments) => bench::run(&arguments).into(),
        Command::Call(arguments) => call::run(&arguments).into(),
        Command::Check(arguments) => check::run(&arguments),
        Command::Gen(arguments) => generate::run(&arguments),
    }
}
