//! Runs every test and counts them.

use crate::{Outcome, root, run, setup, site, step};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

/// Passed and failed tests of a runner.
#[derive(Default)]
struct Count {
    passed: u64,
    failed: u64,
}

/// Runs the tests: all, or one kind.
pub fn test(only: Option<&str>) -> Outcome<()> {
    let wanted = |kind: &str| only.is_none_or(|it| it == kind);
    let mut count = Count::default();
    if wanted("native") {
        step("Checking format and lints", check)?;
        step("Native tests", || {
            counted(
                Command::new("cargo")
                    .args(["test", "--workspace", "--locked", "--quiet"])
                    .current_dir(root()),
                &mut count,
            )
        })?;
    }
    if wanted("web") {
        let toolchain = setup::wasm()?;
        setup::chromium()?;
        let driver = setup::chromedriver()?;
        step("Tests inside a browser's worker", || {
            counted(
                toolchain
                    .command("cargo")
                    .args(["test", "--locked", "--target", "wasm32-unknown-unknown", "--test", "web"])
                    .args(["--target-dir", "target/wasm", "--features", "worker"])
                    .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", "wasm-bindgen-test-runner")
                    .env("CHROMEDRIVER", driver),
                &mut count,
            )
        })?;
    }
    if wanted("e2e") {
        site::build("./", site::Kind::Release)?;
        setup::node_packages()?;
        setup::peers()?;
        let chromium = setup::chromium()?;
        step("The site in a real browser", || {
            let specs = root().join("tests/e2e");
            let mut specs: Vec<_> = std::fs::read_dir(specs)
                .map_err(|it| it.to_string())?
                .flatten()
                .map(|it| it.path())
                .filter(|it| it.to_string_lossy().ends_with(".spec.mjs"))
                .collect();
            specs.sort();
            specs.push(root().join("tests/bench/short.spec.mjs"));
            counted(
                Command::new("node")
                    .args(["--test", "--test-reporter=tap", "--test-concurrency=1", "--test-force-exit"])
                    .args(specs)
                    .env("CHROME", chromium)
                    .current_dir(root()),
                &mut count,
            )
        })?;
    }
    println!("{} passed, {} failed", count.passed, count.failed);
    match count {
        Count { failed: 0, passed: 1.. } => Ok(()),
        Count { failed: 0, .. } => Err("no test ran.".to_owned()),
        Count { failed, .. } => Err(format!("{failed} tests failed; the lines above say which.")),
    }
}

fn check() -> Outcome<()> {
    let remedy = "Run `cargo fmt --all`.";
    run(Command::new("cargo").args(["fmt", "--all", "--check"]).current_dir(root()), remedy)?;
    let remedy = "The lines above say why.";
    let lints = ["--", "-D", "warnings"];
    run(
        Command::new("cargo")
            .args(["clippy", "--workspace", "--all-targets", "--locked", "--quiet"])
            .args(lints)
            .current_dir(root()),
        remedy,
    )?;
    let toolchain = setup::wasm()?;
    if !toolchain.has_clippy() {
        println!("  The page and the worker are not linted: this compiler for wasm32 comes without clippy");
        return Ok(());
    }
    for program in ["app", "worker"] {
        run(
            toolchain
                .command("cargo")
                .args(["clippy", "--lib", "--locked", "--target", "wasm32-unknown-unknown"])
                .args(["--bin", program, "--features", program, "--target-dir", "target/wasm"])
                .args(lints),
            remedy,
        )?;
    }
    Ok(())
}

/// Runs a test runner, showing what it prints, and adds up the closing lines it ends with.
fn counted(command: &mut Command, count: &mut Count) -> Outcome<()> {
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(|it| {
            format!("{} could not be started ({it}).", command.get_program().to_string_lossy())
        })?;
    let before = (count.passed, count.failed);
    for line in child.stdout.take().map(BufReader::new).into_iter().flat_map(BufReader::lines) {
        let line = line.map_err(|it| it.to_string())?;
        // cargo test: "test result: ok. 12 passed; 0 failed; …"; node: "# pass 12", "# fail 0".
        if let Some(result) = line.strip_prefix("test result: ") {
            let number = |word: &str| {
                let before = result.split(word).next()?.trim_end();
                before.rsplit(' ').next()?.parse::<u64>().ok()
            };
            count.passed += number("passed").unwrap_or(0);
            count.failed += number("failed").unwrap_or(0);
        }
        let number = |word: &str| line.strip_prefix(word).and_then(|it| it.trim().parse::<u64>().ok());
        count.passed += number("# pass ").unwrap_or(0);
        count.failed += number("# fail ").unwrap_or(0);
        println!("{line}");
    }
    let status = child.wait().map_err(|it| it.to_string())?;
    if !status.success() && count.failed == before.1 {
        return Err(format!("{} ended with {status}.", command.get_program().to_string_lossy()));
    }
    Ok(())
}
