//! How many instructions the hot paths take, counted by valgrind: `tests/run instructions`. The counts are exact, so that a
//! change of a few per cent shows, which a clock on a busy machine never would.
//!
//! One run under valgrind carries out every operation: a few times to warm up, then `n` times, then `2 n` times. The difference
//! of the last two, over `n`, is what one operation takes. `instructions.txt` holds what it took when someone last looked. An
//! operation that grew by more than 3 % fails; so does one that shrank by as much, for a record with slack guards nothing.
//! `--record` writes the file anew, and a part of a name picks some operations. Counts belong to one compiler and one C library:
//! with others they are compared too, with more room.
//!
//! It is a driver of our own because what it compares with is a file of the repository: ready-made ones compare with what they
//! left in `target/`, and need a second program installed in just their version.

mod conversation;
mod operations;
mod shapes;

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

/// Times that an operation is carried out before it is counted: a head of HTTP is known from its eighth time on.
const WARM_UP: u32 = 10;
/// The part of its count that an operation may gain or lose.
const CHANGE_MAX: f64 = 0.03;
/// The same where compiler or C library are not those of the record.
const CHANGE_MAX_ELSEWHERE: f64 = 0.25;
/// What any count may change by: in the smallest ones an instruction is more than 3 %.
const TINY: f64 = 1.5;

/// Instructions by operation.
type Counts = BTreeMap<String, f64>;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let wanted: Vec<String> = arguments.iter().filter(|argument| !argument.starts_with('-')).cloned().collect();
    if arguments.iter().any(|argument| argument == "--carry-out") {
        carry_out(&wanted);
        return ExitCode::SUCCESS;
    }
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/instructions.txt");
    let (environment, counts) = (environment(), count(&wanted));
    if arguments.iter().any(|argument| argument == "--record") {
        assert!(wanted.is_empty(), "the record is of all operations");
        fs::write(&recorded, text(&environment, &counts)).expect("a writable benches/instructions.txt");
        println!("{} operations are recorded in {}", counts.len(), recorded.display());
        return ExitCode::SUCCESS;
    }
    let (before_in, before) = parse(&fs::read_to_string(&recorded).unwrap_or_default());
    let before = before.into_iter().filter(|(name, _)| is_wanted(name, &wanted)).collect();
    let change_max = if before_in == environment { CHANGE_MAX } else { CHANGE_MAX_ELSEWHERE };
    if before_in != environment {
        println!("recorded with {before_in}\ncounted with  {environment}");
        println!("so that a change of {:.0} % passes instead of {:.0} %", change_max * 100.0, CHANGE_MAX * 100.0);
    }
    compare(&before, &counts, change_max)
}

/// Whether an operation is among those that were asked for by a part of their names; without any, all are.
fn is_wanted(name: &str, wanted: &[String]) -> bool {
    wanted.is_empty() || wanted.iter().any(|part| name.contains(part))
}

/// Carries out the operations, and passes the checkpoint between the parts.
fn carry_out(wanted: &[String]) {
    operations::each(|name, n, operation| {
        if !is_wanted(name, wanted) {
            return;
        }
        for times in [WARM_UP, n, 2 * n] {
            for _ in 0..times {
                operation();
            }
            checkpoint(times);
        }
    });
}

/// Where valgrind writes down what it counted since the last time.
#[inline(never)]
fn checkpoint(times: u32) {
    black_box(times);
}

/// Runs this program under valgrind, and reads what it wrote down.
fn count(wanted: &[String]) -> Counts {
    let folder = env::temp_dir().join(format!("farthing-instructions-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a temporary folder");
    let status = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet", "--dump-after=*checkpoint*", "--collect-systime=no"])
        .arg(format!("--callgrind-out-file={}", folder.join("out").display()))
        .arg(env::current_exe().expect("this program"))
        .arg("--carry-out")
        .args(wanted)
        .env_clear()
        .stdout(Stdio::null())
        .status()
        .expect("valgrind: install it, or run tests/run, which does");
    assert!(status.success(), "valgrind: {status}");
    let mut number = 0;
    let mut next = || {
        number += 1;
        summary(&folder.join(format!("out.{number}")))
    };
    let mut counts = Counts::new();
    operations::each(|name, n, _| {
        if !is_wanted(name, wanted) {
            return;
        }
        let [_, once, twice] = [next(), next(), next()];
        counts.insert(name.to_owned(), (twice - once) / f64::from(n));
    });
    fs::remove_dir_all(&folder).expect("the temporary folder");
    counts
}

/// The instructions that a dump sums up.
fn summary(path: &PathBuf) -> f64 {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let line = text.lines().find_map(|line| line.strip_prefix("totals: ").or_else(|| line.strip_prefix("summary: ")));
    line.and_then(|number| number.trim().parse().ok()).expect("a sum in what callgrind wrote")
}

/// What counts depend on beside the program: the compiler and the C library, whose `malloc` and `memcpy` are counted too.
fn environment() -> String {
    let says = |program: &str, argument: &str| {
        let output = Command::new(program).arg(argument).output();
        output.map_or_else(|error| error.to_string(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    format!("{}, {}, {}", says("rustc", "-V"), says("getconf", "GNU_LIBC_VERSION"), env::consts::ARCH)
}

fn text(environment: &str, counts: &Counts) -> String {
    let rows = counts.iter().map(|(name, count)| format!("{name:<40} {count:>12.1}\n"));
    format!(
        "# Instructions per operation, written by `tests/run instructions --record`.\n# {environment}\n{}",
        rows.collect::<String>()
    )
}

fn parse(text: &str) -> (String, Counts) {
    let environment = text.lines().filter_map(|line| line.strip_prefix("# ")).next_back().unwrap_or("nothing").to_owned();
    let rows = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.rsplit_once(' '));
    (environment, rows.filter_map(|(name, count)| Some((name.trim().to_owned(), count.parse().ok()?))).collect())
}

/// Shows what changed, and fails where that was much.
fn compare(before: &Counts, now: &Counts, change_max: f64) -> ExitCode {
    let mut differ = 0;
    for (name, count) in now {
        let Some(was) = before.get(name) else {
            println!("{name:<40} {count:>12.1}  not recorded");
            differ += 1;
            continue;
        };
        let change = count - was;
        let is_much = change.abs() > (was * change_max).max(TINY);
        let mark = match is_much {
            true if change > 0.0 => "  GREW",
            true => "  shrank",
            false => "",
        };
        println!("{name:<40} {count:>12.1} {:>+7.1} %{mark}", change / was * 100.0);
        differ += usize::from(is_much);
    }
    for name in before.keys().filter(|name| !now.contains_key(*name)) {
        println!("{name:<40} recorded, and gone");
        differ += 1;
    }
    if differ == 0 {
        return ExitCode::SUCCESS;
    }
    println!("{differ} operations of {} are not as recorded in benches/instructions.txt.", now.len());
    println!("Where that is meant, `tests/run instructions --record` writes it anew; commit it with the change that caused it.");
    ExitCode::FAILURE
}
