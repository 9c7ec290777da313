//! Finds or installs what building and testing need. Knows nothing of the site itself.

use crate::{Outcome, output, root, run, step, tools};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const TRUNK_VERSION: &str = "0.21.14";

/// The flags of `.cargo/config.toml`, repeated because an environment variable replaces that file's.
const WASM_FLAGS: &str =
    "-Ctarget-feature=+simd128 -Clink-arg=--max-memory=2147483648 --cfg=erase_components";

/// What a wasm build needs in its environment.
pub struct Toolchain {
    variables: Vec<(&'static str, OsString)>,
}

impl Toolchain {
    /// A command with this environment.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(root()).envs(self.variables.iter().map(|(name, value)| (name, value)));
        // Set by the cargo that runs xtask; it would pin the inner cargo to the outer toolchain.
        for name in ["RUSTUP_TOOLCHAIN", "CARGO", "RUSTC"] {
            if !self.variables.iter().any(|(it, _)| *it == name) {
                command.env_remove(name);
            }
        }
        command
    }
}

impl Toolchain {
    /// Whether rustup's own toolchain is used, which has clippy.
    pub fn has_clippy(&self) -> bool {
        !self.variables.iter().any(|(name, _)| *name == "RUSTC")
    }

    /// This toolchain for what people download: the standard library is compiled along, for size and with panics that
    /// end the program without a text, which is a tenth of the site. Needs the library's source and two flags that
    /// are not stable yet; `None` where the source cannot be had.
    pub fn for_size(mut self) -> Result<Toolchain, Toolchain> {
        let source =
            |sysroot: &str| Path::new(sysroot).join("lib/rustlib/src/rust/library/std/Cargo.toml").exists();
        let sysroot = || output(Command::new("rustc").args(["--print", "sysroot"]).current_dir(root()));
        let has = || self.has_clippy() && sysroot().is_some_and(|it| source(&it));
        if !has() {
            let _ = output(Command::new("rustup").args(["component", "add", "rust-src"]).current_dir(root()));
            if !has() {
                return Err(self);
            }
        }
        // Added to those of `.cargo/config.toml`.
        let flags = "-Zunstable-options -Cpanic=immediate-abort";
        self.variables.extend([
            ("RUSTC_BOOTSTRAP", "1".into()),
            ("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags.into()),
            ("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort".into()),
            ("CARGO_UNSTABLE_BUILD_STD_FEATURES", "optimize_for_size".into()),
        ]);
        Ok(self)
    }
}

/// A compiler for wasm32 with its standard library, Trunk and wasm-bindgen.
pub fn wasm() -> Outcome<Toolchain> {
    let mut toolchain = compiler()?;
    let path = std::env::var_os("PATH").unwrap_or_default();
    let first = [tools().join("bin"), root().join("tests/e2e/node_modules/.bin")];
    let debian = !toolchain.has_clippy();
    let first = first.into_iter().chain(debian.then(|| PathBuf::from("/usr/bin")));
    let joined = std::env::join_paths(first.chain(std::env::split_paths(&path)));
    toolchain.variables.push(("PATH", joined.map_err(|it| it.to_string())?));
    cargo_tool("trunk", TRUNK_VERSION, &["--locked"])?;
    cargo_tool("wasm-bindgen-cli", &locked_version("wasm-bindgen")?, &[])?;
    Ok(toolchain)
}

/// Rust for wasm32: what rustup has, or can get, or else Debian's compiler with std built for it.
fn compiler() -> Outcome<Toolchain> {
    let has_std = |sysroot: &str| Path::new(sysroot).join("lib/rustlib/wasm32-unknown-unknown").exists();
    let sysroot = || output(Command::new("rustc").args(["--print", "sysroot"]).current_dir(root()));
    if sysroot().is_some_and(|it| has_std(&it)) {
        return Ok(Toolchain { variables: Vec::new() });
    }
    let own = tools().join("sysroot");
    if !own.join("ready").exists() {
        let added = output(Command::new("rustup").args(["target", "add", "wasm32-unknown-unknown"]));
        if added.is_some() && sysroot().is_some_and(|it| has_std(&it)) {
            return Ok(Toolchain { variables: Vec::new() });
        }
        step("Building Rust's standard library for wasm32 (rustup cannot fetch it here)", || {
            debian_std(&own)
        })?;
    }
    Ok(Toolchain {
        variables: vec![
            ("RUSTC", "/usr/bin/rustc".into()),
            ("CARGO", "/usr/bin/cargo".into()),
            ("RUSTFLAGS", format!("{WASM_FLAGS} --sysroot={}", own.display()).into()),
        ],
    })
}

/// Debian has a compiler and the source of its std, which rustup's channel may not offer. std is built once
/// and put beside links to the compiler's own libraries, in a sysroot of the project's.
fn debian_std(own: &Path) -> Outcome<()> {
    let missing: Vec<&str> = ["rustc-web", "cargo-web", "rust-web-src", "lld-19"]
        .into_iter()
        .filter(|it| output(Command::new("dpkg-query").args(["-s", it])).is_none())
        .collect();
    if !missing.is_empty() {
        apt_install(&missing)?;
    }
    let version = output(Command::new("/usr/bin/rustc").arg("--version"))
        .and_then(|it| it.split_whitespace().nth(1).map(str::to_owned))
        .ok_or("Debian's rustc does not start; reinstall the package rustc-web.")?;
    let scratch = tools().join("std-build");
    let _ = fs::remove_dir_all(&scratch); // leftovers of a failed build give two copies of every crate
    run(
        Command::new("/usr/bin/cargo")
            .args(["build", "--quiet", "--release", "--features", "panic-unwind"])
            .args(["--target", "wasm32-unknown-unknown", "--manifest-path"])
            .arg(format!("/usr/src/rustc-{version}/library/sysroot/Cargo.toml"))
            .arg("--target-dir")
            .arg(&scratch)
            .env("RUSTC", "/usr/bin/rustc")
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUSTFLAGS", "-Zforce-unstable-if-unmarked -Cembed-bitcode=yes")
            .env_remove("RUSTUP_TOOLCHAIN")
            .env_remove("CARGO"),
        "Install a Rust that has the target wasm32-unknown-unknown and run this again.",
    )?;
    let libraries = own.join("lib/rustlib/wasm32-unknown-unknown/lib");
    let _ = fs::remove_dir_all(own);
    fs::create_dir_all(&libraries).map_err(|it| it.to_string())?;
    let built = scratch.join("wasm32-unknown-unknown/release/deps");
    for entry in fs::read_dir(built).map_err(|it| it.to_string())?.flatten() {
        if entry.path().extension().is_some_and(|it| it == "rlib") {
            fs::copy(entry.path(), libraries.join(entry.file_name())).map_err(|it| it.to_string())?;
        }
    }
    let host = output(Command::new("/usr/bin/rustc").args(["--print", "host-tuple"])).unwrap_or_default();
    let host_libraries = own.join("lib/rustlib").join(&host);
    fs::create_dir_all(host_libraries.join("bin")).map_err(|it| it.to_string())?;
    link(&Path::new("/usr/lib/rustlib").join(&host).join("lib"), &host_libraries.join("lib"))?;
    link(Path::new("/usr/bin/lld-19"), &host_libraries.join("bin/rust-lld"))?;
    let _ = fs::remove_dir_all(&scratch);
    fs::write(own.join("ready"), version).map_err(|it| it.to_string())
}

#[cfg(unix)]
fn link(target: &Path, at: &Path) -> Outcome<()> {
    std::os::unix::fs::symlink(target, at).map_err(|it| format!("{}: {it}", at.display()))
}

#[cfg(not(unix))]
fn link(_: &Path, at: &Path) -> Outcome<()> {
    Err(format!("{}: links are only made on Debian", at.display()))
}

/// A tool from the Rust registry, in the wanted version, on the PATH or in `target/tools`.
fn cargo_tool(package: &str, version: &str, flags: &[&str]) -> Outcome<()> {
    let binary = package.trim_end_matches("-cli");
    let own = tools().join("bin").join(binary);
    let fits = |program: &Path| {
        output(Command::new(program).arg("--version"))
            .is_some_and(|it| it.split_whitespace().any(|word| word == version))
    };
    if fits(&own) || fits(Path::new(binary)) {
        return Ok(());
    }
    step(&format!("Installing {package} {version} into target/tools (a few minutes, once)"), || {
        run(
            Command::new("cargo")
                .args(["install", "--quiet", "--debug", package, "--version", version, "--root"])
                .arg(tools())
                .args(flags)
                .env_remove("RUSTFLAGS"),
            &format!("Install {package} {version} by hand, on the PATH, and run this again."),
        )
    })
}

/// The version of a package in Cargo.lock.
fn locked_version(package: &str) -> Outcome<String> {
    let lock = fs::read_to_string(root().join("Cargo.lock")).map_err(|it| format!("Cargo.lock: {it}"))?;
    let after = lock.split(&format!("name = \"{package}\"\nversion = \"")).nth(1);
    after
        .and_then(|it| it.split('"').next())
        .map(str::to_owned)
        .ok_or_else(|| format!("Cargo.lock names no {package}."))
}

/// The packages of the tests, which also bring wasm-opt.
pub fn node_packages() -> Outcome<()> {
    node_packages_of("tests/e2e")
}

/// What the benchmark needs: the peers it measures against.
pub fn peers() -> Outcome<()> {
    node_packages_of("tests/bench")
}

fn node_packages_of(folder: &str) -> Outcome<()> {
    let folder = root().join(folder);
    let lock = fs::read(folder.join("package-lock.json")).unwrap_or_default();
    let stamp = folder.join("node_modules/.installed");
    if fs::read(&stamp).is_ok_and(|it| it == lock) {
        return Ok(());
    }
    step(
        &format!("Installing the node packages of {}", folder.file_name().unwrap_or_default().display()),
        || {
            run(
                Command::new("npm")
                    .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
                    .current_dir(&folder),
                "Install node 20 or newer with npm and run this again.",
            )?;
            fs::write(stamp, lock).map_err(|it| it.to_string())
        },
    )
}

/// A Chromium that is installed, or Debian's.
pub fn chromium() -> Outcome<PathBuf> {
    if let Some(path) = std::env::var_os("CHROME") {
        return Ok(path.into());
    }
    let found = || {
        ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
            .into_iter()
            .find_map(on_path)
    };
    if let Some(path) = found() {
        return Ok(path);
    }
    apt_install(&["chromium", "chromium-driver", "fonts-inter"])?;
    found().ok_or_else(|| "No Chromium was found; install one, or name it in the variable CHROME.".to_owned())
}

/// The driver that belongs to Chromium, for tests that run inside the browser.
pub fn chromedriver() -> Outcome<PathBuf> {
    if let Some(path) = on_path("chromedriver") {
        return Ok(path);
    }
    apt_install(&["chromium-driver"])?;
    on_path("chromedriver")
        .ok_or_else(|| "No chromedriver was found; install the one of your Chromium.".to_owned())
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|it| it.join(program)).find(|it| it.is_file())
}

fn apt_install(packages: &[&str]) -> Outcome<()> {
    let list = packages.join(" ");
    let remedy = format!("Run as root: apt-get install {list}");
    step(&format!("Installing {list}"), || {
        run(Command::new("apt-get").args(["update", "-qq"]), &remedy)?;
        run(
            Command::new("apt-get")
                .args(["install", "-y", "-qq", "--no-install-recommends"])
                .args(packages)
                .env("DEBIAN_FRONTEND", "noninteractive"),
            &remedy,
        )
    })
}
