//! `cargo xtask`: builds, serves and tests Mailable from a machine that has only Rust (and, for the tests,
//! node and a package manager). What is missing goes into the project's own `target/`; what is there is
//! skipped.

mod bench;
mod data;
mod first;
mod serve;
mod setup;
mod site;
mod split;
mod test;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

const HELP: &str = "\
cargo xtask serve [--port N]          set up, build the release site, serve it on 127.0.0.1
cargo xtask build [--public-url URL]  set up, build; `dist/` is the folder to upload
cargo xtask test [--only native|web|e2e]  set up and run every test
cargo xtask first                     find out which functions run when the page opens, and build so that
                                      they come first (needed when opening it loads all at once)
cargo xtask bench [--rows N] [--pairs N] [--profile clean|quoted|messy] [--large]
                                      set up, build, measure beside the peers and
                                      the floors; writes tests/bench/results-*.md";

/// What went wrong and what to do about it, in one sentence.
type Outcome<T> = Result<T, String>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let option = |name: &str| {
        let at = arguments.iter().position(|it| it == name)?;
        arguments.get(at + 1).cloned()
    };
    let outcome = match arguments.first().map(String::as_str) {
        Some("serve") => {
            let port = option("--port").and_then(|it| it.parse().ok()).unwrap_or(8080);
            site::build("./", site::Kind::Release).and_then(|()| serve::serve(&root().join("dist"), port))
        }
        Some("build") => {
            site::build(&option("--public-url").unwrap_or_else(|| "./".to_owned()), site::Kind::Release)
        }
        Some("test") => test::test(option("--only").as_deref()),
        Some("first") => first::first(),
        Some("bench") => bench::bench(&arguments[1..]),
        _ => {
            println!("{HELP}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("xtask: {sentence}");
            ExitCode::FAILURE
        }
    }
}

/// The project's folder.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the project").to_owned()
}

/// Where tools are kept that the machine does not have.
fn tools() -> PathBuf {
    root().join("target/tools")
}

/// Runs a step, saying what it does and how long it took.
fn step<T>(what: &str, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    println!("· {what}");
    let start = Instant::now();
    let outcome = work()?;
    println!("  {what}: {:.1} s", start.elapsed().as_secs_f32());
    Ok(outcome)
}

/// Runs a command; its failure is the sentence `remedy`.
fn run(command: &mut Command, remedy: &str) -> Outcome<()> {
    match command.stdin(Stdio::null()).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{} ended with {status}. {remedy}", name_of(command))),
        Err(error) => Err(format!("{} could not be started ({error}). {remedy}", name_of(command))),
    }
}

/// What a command prints, if it succeeds.
fn output(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn name_of(command: &Command) -> String {
    Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy().into_owned()
}
