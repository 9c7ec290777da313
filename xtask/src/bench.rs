//! Measures the site beside its peers and beside the floors, which are compiled here with the flags of the site.

use crate::{Outcome, root, run, setup, site, step};
use std::fs;
use std::path::Path;
use std::process::Command;

/// What Trunk gives wasm-opt (see `index.html`): the floors get the same.
const WASM_OPT: [&str; 7] = [
    "--enable-simd",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-multivalue",
];

/// Builds the site and the floors, then measures; `arguments` are those of `tests/bench/run.mjs`.
pub fn bench(arguments: &[String]) -> Outcome<()> {
    site::build("./", site::Kind::Release)?;
    setup::node_packages()?;
    setup::peers()?;
    let chromium = setup::chromium()?;
    step("Building the floors", floors)?;
    run(
        Command::new("node")
            .arg("tests/bench/run.mjs")
            .args(arguments)
            .env("CHROME", chromium)
            .current_dir(root()),
        "The lines above say why.",
    )
}

/// Bare loops for a worker, built as the engine is, and the smallest Leptos page, built as the page is.
fn floors() -> Outcome<()> {
    program("floors", &["--release", "--lib"], "release", "no-modules", "-O3")?;
    program(
        "counter",
        &["--profile", "page", "--bin", "counter", "--features", "counter"],
        "page",
        "web",
        "-Oz",
    )
}

/// Compiles a program of the crate into `target/bench/<name>/`.
fn program(name: &str, build: &[&str], profile: &str, kind: &str, level: &str) -> Outcome<()> {
    // As the site is.
    let toolchain = setup::wasm()?.for_size().unwrap_or_else(|it| it);
    let remedy = "The floors were not built; the lines above say why.";
    run(
        toolchain
            .command("cargo")
            .args(["build", "--quiet", "--locked", "--package", "floors"])
            .args(["--target", "wasm32-unknown-unknown", "--target-dir", "target/wasm"])
            .args(build),
        remedy,
    )?;
    let folder = root().join("target/bench").join(name);
    let _ = fs::remove_dir_all(&folder); // what an older build left
    let built = Path::new("target/wasm/wasm32-unknown-unknown").join(profile).join(format!("{name}.wasm"));
    run(
        toolchain
            .command("wasm-bindgen")
            .args(["--no-typescript", "--target", kind, "--out-dir"])
            .arg(&folder)
            .arg(built),
        remedy,
    )?;
    let wasm = folder.join(format!("{name}_bg.wasm"));
    run(toolchain.command("wasm-opt").arg(level).args(WASM_OPT).arg(&wasm).arg("-o").arg(&wasm), remedy)?;
    let bytes = fs::read(&wasm).map_err(|it| it.to_string())?;
    let program = only_program(&bytes).map_err(|it| it.to_string())?;
    fs::write(&wasm, program).map_err(|it| it.to_string())
}

/// Without what only tools read (see `.cargo/config.toml`): the site has none of it either.
fn only_program(bytes: &[u8]) -> Result<Vec<u8>, wasmparser::BinaryReaderError> {
    let mut module = wasm_encoder::Module::new();
    for payload in wasmparser::Parser::new(0).parse_all(bytes) {
        let payload = payload?;
        if let Some((id, range)) = payload.as_section()
            && id != wasm_encoder::SectionId::Custom as u8
        {
            module.section(&wasm_encoder::RawSection {
                id,
                data: &bytes[range.start as usize..range.end as usize],
            });
        }
    }
    Ok(module.finish())
}
