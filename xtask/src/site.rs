//! Builds the site into `dist/`: one style sheet, two wasm programs in two parts each, and a service worker that knows
//! the hash of every file.

use crate::data::Data;
use crate::{Outcome, output, root, run, setup, split, step};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Bytes that the first visit of somebody who only looks may load (gzip), and those of the whole site: what it has now,
/// and room for a small change. A regression shows here; whoever adds a screen raises the second by what it takes.
const FIRST_GZIP_BYTES_MAX: u64 = 245_000;
const SITE_GZIP_BYTES_MAX: u64 = 1_140_000;

/// What is built.
#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    /// What people load.
    Release,
    /// Programs that say which of their functions run, to find those that come first.
    Watched,
}

/// Sets up and builds.
pub fn build(public_url: &str, kind: Kind) -> Outcome<()> {
    let (toolchain, small) = match setup::wasm()?.for_size() {
        Ok(toolchain) => (toolchain, true),
        Err(toolchain) => {
            println!("  The site will be a tenth larger: this Rust comes without the source of its library");
            (toolchain, false)
        }
    };
    if let Err(sentence) = setup::node_packages() {
        println!(
            "  The site will be about a third larger: wasm-opt comes with the node packages. {sentence}"
        );
    }
    let build = format!("{}-{}", env!("CARGO_PKG_VERSION"), moment());
    run(
        // Trunk builds without the network, so that it never fetches tools of its own; crates come first.
        toolchain.command("cargo").args([
            "fetch",
            "--quiet",
            "--locked",
            "--target",
            "wasm32-unknown-unknown",
        ]),
        "The crates could not be fetched; check the network and run this again.",
    )?;
    join_styles()?;
    step("Building the site", || {
        run(
            toolchain
                .command("trunk")
                .args(["build", "--release", "--offline", "--public-url", public_url])
                .env("MAILABLE_BUILD", &build)
                .env("CARGO_TARGET_DIR", root().join("target/wasm"))
                .env_remove("NO_COLOR"),
            "The lines above say why.",
        )
    })?;
    for (program, profile) in PROGRAMS {
        cut(&root().join("dist"), program, profile, kind)?;
        shorten(&root().join("dist"), program)?;
    }
    for entry in fs::read_dir(root().join("dist")).map_err(|it| it.to_string())?.flatten() {
        if entry.path().extension() == Some("js".as_ref()) {
            let script = fs::read_to_string(entry.path()).map_err(|it| it.to_string())?;
            let mut script = without_comments(&script);
            if entry.file_name().to_string_lossy().starts_with("app") {
                script.insert_str(0, ALL_AT_ONCE);
            }
            fs::write(entry.path(), script).map_err(|it| it.to_string())?;
        }
    }
    if kind == Kind::Watched {
        let boot = root().join("dist/boot.js");
        let script = fs::read_to_string(&boot).map_err(|it| it.to_string())?;
        let hears = "link: { load, hit: (it) => (self.mailableRan ??= new Set()).add(it) }";
        fs::write(&boot, script.replace("link: { load }", hears)).map_err(|it| it.to_string())?;
    }
    let (first, total) = stamp(&root().join("dist"))?;
    if small && kind == Kind::Release {
        for (bytes, most, what) in
            [(first, FIRST_GZIP_BYTES_MAX, "the first visit"), (total, SITE_GZIP_BYTES_MAX, "the site")]
        {
            if bytes > most {
                return Err(format!("{what} has grown to {bytes} bytes (gzip), over {most}."));
            }
        }
    }
    Ok(())
}

/// Tells a browser to compile a script's functions while it comes, beside the page, and not one by one when the page
/// calls them first (explicit compile hints, Chromium 136). Others see a comment.
const ALL_AT_ONCE: &str = "//# allFunctionsCalledOnLoad\n";

/// The two programs, and the profiles by which they are compiled.
pub const PROGRAMS: [(&str, &str); 2] = [("app", "page"), ("worker", "release")];

/// The list of the functions of a program that run when the page opens.
pub fn list_of_first(program: &str) -> PathBuf {
    root().join(format!("xtask/first/{program}.txt"))
}

/// Cuts a program in two, or makes it say which of its functions run.
fn cut(dist: &Path, program: &str, profile: &str, kind: Kind) -> Outcome<()> {
    let end = "_bg.wasm";
    let whole = fs::read_dir(dist)
        .map_err(|it| it.to_string())?
        .flatten()
        .map(|it| it.path())
        .find(|it| {
            let name = it.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(program) && name.ends_with(end)
        })
        .ok_or_else(|| format!("dist/ has no {program}{end}."))?;
    let bytes = fs::read(&whole).map_err(|it| it.to_string())?;
    let wrong = |it: Box<dyn std::error::Error>| format!("{program} could not be cut in two: {it}");
    let (first, rest) = match kind {
        Kind::Release => {
            let list = fs::read_to_string(list_of_first(program)).unwrap_or_default();
            let list: BTreeSet<String> = list.lines().map(str::to_owned).collect();
            // The engine takes in a million rows; the page draws some dozen.
            let calls = if program == "worker" { split::Calls::Fast } else { split::Calls::Plain };
            // As it came from the linker, which says what lies where.
            let linked = root().join(format!("target/wasm/wasm32-unknown-unknown/{profile}/{program}.wasm"));
            let linked = fs::read(&linked).map_err(|it| format!("{}: {it}", linked.display()))?;
            let data = Data::read(&linked).map_err(wrong)?;
            let parts = split::split(&bytes, &data, &list, calls).map_err(wrong)?;
            println!(
                "  {program}: {} of {} bytes come first; {} functions later, {} of them called from there, and {} bytes of data",
                parts.first.len(),
                parts.first.len() + parts.rest.len(),
                parts.moved,
                parts.stubs,
                parts.moved_data
            );
            (parts.first, parts.rest)
        }
        Kind::Watched => {
            let (watched, lines) = split::watched(&bytes).map_err(wrong)?;
            let folder = root().join("target/first");
            fs::create_dir_all(&folder).map_err(|it| it.to_string())?;
            fs::write(folder.join(program), lines.join("\n")).map_err(|it| it.to_string())?;
            // There is always a rest; this one has nothing in it.
            (watched, b"\0asm\x01\0\0\0".to_vec())
        }
    };
    fs::write(whole, first).map_err(|it| it.to_string())?;
    fs::write(dist.join(format!("{program}_rest.wasm")), rest).map_err(|it| it.to_string())
}

/// Numbers what wasm-bindgen calls by a hash: the names of all that a program asks of its script. They stand in both, and
/// no compression makes hashes smaller. The length stays, so that nothing else in the program changes.
fn shorten(dist: &Path, program: &str) -> Outcome<()> {
    let is_of_program = |it: &PathBuf| {
        let name = it.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.starts_with(program) && (name.ends_with(".js") || name.ends_with(".wasm"))
    };
    let entries = fs::read_dir(dist).map_err(|it| it.to_string())?.flatten();
    let mut files = Vec::new();
    let mut names = BTreeSet::new();
    for path in entries.map(|it| it.path()).filter(is_of_program) {
        let bytes = fs::read(&path).map_err(|it| it.to_string())?;
        let places = hashed_names(&bytes);
        names.extend(places.iter().map(|it| bytes[it.clone()].to_vec()));
        files.push((path, bytes, places));
    }
    let numbers: BTreeMap<Vec<u8>, usize> = names.into_iter().zip(1..).collect();
    for (path, mut bytes, places) in files {
        for place in places {
            let number = numbers[&bytes[place.clone()]];
            bytes[place.end - HASH_DIGITS..place.end].copy_from_slice(format!("{number:016x}").as_bytes());
        }
        fs::write(path, bytes).map_err(|it| it.to_string())?;
    }
    Ok(())
}

/// How long the hash at the end of a name of wasm-bindgen is.
const HASH_DIGITS: usize = 16;

/// Where names of wasm-bindgen stand that end in a hash, as `__wbg_click_0123456789abcdef`.
fn hashed_names(bytes: &[u8]) -> Vec<Range<usize>> {
    const BEGINNING: &[u8] = b"__wbg_";
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = bytes[from..].windows(BEGINNING.len()).position(|it| it == BEGINNING) {
        let start = from + start;
        let rest = &bytes[start..];
        let length = rest.iter().take_while(|it| it.is_ascii_alphanumeric() || **it == b'_').count();
        let name = &rest[..length];
        let is_hex = |it: &u8| matches!(it, b'0'..=b'9' | b'a'..=b'f');
        if name
            .rsplit(|it| *it == b'_')
            .next()
            .is_some_and(|it| it.len() == HASH_DIGITS && it.iter().all(is_hex))
        {
            found.push(start..start + length);
        }
        from = start + length;
    }
    found
}

/// Joins the style sheets in the order in which `style/index.css` names them.
fn join_styles() -> Outcome<()> {
    let folder = root().join("style");
    let index =
        fs::read_to_string(folder.join("index.css")).map_err(|it| format!("style/index.css: {it}"))?;
    let mut joined = String::new();
    for line in index.lines() {
        match line.strip_prefix("@import \"").and_then(|it| it.split('"').next()) {
            Some(name) => {
                let text =
                    fs::read_to_string(folder.join(name)).map_err(|it| format!("style/{name}: {it}"))?;
                joined.push_str(&text);
            }
            None => joined.push_str(line),
        }
        joined.push('\n');
    }
    let target = root().join("target/style");
    fs::create_dir_all(&target).map_err(|it| it.to_string())?;
    let file = target.join("mailable.css");
    // Trunk watches the file: it is only touched when it changes.
    if fs::read_to_string(&file).is_ok_and(|it| it == joined) {
        return Ok(());
    }
    fs::write(file, joined).map_err(|it| it.to_string())
}

/// Gives files names with their hash, and writes the service worker's list. Answers how many bytes go over the wire at
/// a first visit, and how many in all.
fn stamp(dist: &Path) -> Outcome<(u64, u64)> {
    let text = |name: &str| fs::read_to_string(dist.join(name)).map_err(|it| format!("dist/{name}: {it}"));
    let mut page = text("index.html")?;
    // Trunk has named the page's program by what it was before it was cut.
    let program = page.split("app-").nth(1).and_then(|it| it.split('.').next()).unwrap_or_default();
    let program = program.trim_end_matches("_bg");
    let program = format!("app-{program}_bg.wasm");
    for name in
        ["worker.js", "worker_bg.wasm", "boot.js", "app_rest.wasm", "worker_rest.wasm", program.as_str()]
    {
        let bytes = fs::read(dist.join(name)).map_err(|it| format!("dist/{name}: {it}"))?;
        let (stem, extension) = name.split_once('.').unwrap_or((name, ""));
        let stem = if name == program { "app_bg" } else { stem };
        let hashed = format!("{stem}-{}.{extension}", &sha256(&bytes)[..16]);
        fs::rename(dist.join(name), dist.join(&hashed)).map_err(|it| it.to_string())?;
        page = page.replace(name, &hashed);
    }
    fs::write(dist.join("index.html"), page).map_err(|it| it.to_string())?;
    let mut names: Vec<String> = fs::read_dir(dist)
        .map_err(|it| it.to_string())?
        .flatten()
        .map(|it| it.file_name().to_string_lossy().into_owned())
        .filter(|it| !it.starts_with('_') && it != "sw.js")
        .collect();
    names.sort();
    let mut list = Vec::new();
    let (mut first, mut total) = (0, 0);
    for name in &names {
        let bytes = fs::read(dist.join(name)).map_err(|it| it.to_string())?;
        list.push(format!("  [\"{name}\", \"{}\"],", sha256(&bytes)));
        let wire = gzip_bytes(&dist.join(name)).unwrap_or(bytes.len() as u64);
        total += wire;
        first += if name.contains("_rest-") { 0 } else { wire };
    }
    let list = list.join("\n");
    let build = &sha256(list.as_bytes())[..16];
    let worker = text("sw.js")?.replace("/*FILES*/", &format!("\n{list}\n")).replace("/*BUILD*/", build);
    fs::write(dist.join("sw.js"), worker).map_err(|it| it.to_string())?;
    println!(
        "  The site has {} files and {total} bytes over the wire (gzip), {first} of them at a first visit",
        names.len() + 1
    );
    Ok((first, total))
}

/// A script without what only people read; Trunk leaves modules as they are. In those of the site and of wasm-bindgen
/// each comment has lines of its own, and no text goes over the end of one.
fn without_comments(script: &str) -> String {
    let is_comment = |line: &str| ["/*", "*", "//"].iter().any(|it| line.starts_with(it));
    script.lines().map(str::trim).filter(|it| !it.is_empty() && !is_comment(it)).fold(
        String::new(),
        |mut all, line| {
            all.push_str(line);
            all.push('\n');
            all
        },
    )
}

/// Seconds since 1970, to tell builds apart. In a checkout the commit's own time, so that the same source
/// gives the same site.
fn moment() -> String {
    output(Command::new("git").args(["log", "-1", "--format=%ct.%h"]).current_dir(root()))
        .unwrap_or_else(|| "unversioned".to_owned())
}

fn gzip_bytes(file: &Path) -> Option<u64> {
    let output = Command::new("gzip").arg("-9c").arg(file).output().ok()?;
    output.status.success().then_some(output.stdout.len() as u64)
}

/// SHA-256 in hex (FIPS 180-4), since xtask has no dependencies and the browser checks files with it.
fn sha256(bytes: &[u8]) -> String {
    let primes: Vec<u64> =
        (2u64..312).filter(|n| (2..*n).take_while(|d| d * d <= *n).all(|d| n % d != 0)).collect();
    // The first 32 bits of the fractional parts of square and cube roots, by integer roots of n·2^64 and n·2^96.
    let root = |n: u64, power: u32| {
        let (mut low, mut high) = (0u128, 1u128 << 36);
        while low + 1 < high {
            let middle = (low + high) / 2;
            let fits = match power {
                2 => middle * middle <= u128::from(n) << 64,
                _ => middle * middle <= (u128::from(n) << 96) / middle,
            };
            if fits { low = middle } else { high = middle }
        }
        low as u32
    };
    let constants: Vec<u32> = primes.iter().take(64).map(|&n| root(n, 3)).collect();
    let mut state: Vec<u32> = primes.iter().take(8).map(|&n| root(n, 2)).collect();
    let mut message = bytes.to_vec();
    message.push(0x80);
    while message.len() % 64 != 56 {
        message.push(0);
    }
    message.extend_from_slice(&(bytes.len() as u64 * 8).to_be_bytes());
    for block in message.chunks(64) {
        let mut w: Vec<u32> =
            block.chunks(4).map(|it| u32::from_be_bytes([it[0], it[1], it[2], it[3]])).collect();
        for t in 16..64 {
            let a = w[t - 15].rotate_right(7) ^ w[t - 15].rotate_right(18) ^ (w[t - 15] >> 3);
            let b = w[t - 2].rotate_right(17) ^ w[t - 2].rotate_right(19) ^ (w[t - 2] >> 10);
            w.push(w[t - 16].wrapping_add(a).wrapping_add(w[t - 7]).wrapping_add(b));
        }
        let mut v = state.clone();
        for t in 0..64 {
            let s1 = v[4].rotate_right(6) ^ v[4].rotate_right(11) ^ v[4].rotate_right(25);
            let choice = (v[4] & v[5]) ^ (!v[4] & v[6]);
            let one =
                v[7].wrapping_add(s1).wrapping_add(choice).wrapping_add(constants[t]).wrapping_add(w[t]);
            let s0 = v[0].rotate_right(2) ^ v[0].rotate_right(13) ^ v[0].rotate_right(22);
            let majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
            v.rotate_right(1);
            v[4] = v[4].wrapping_add(one);
            v[0] = one.wrapping_add(s0).wrapping_add(majority);
        }
        for (state, v) in state.iter_mut().zip(v) {
            *state = state.wrapping_add(v);
        }
    }
    state.iter().map(|it| format!("{it:08x}")).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn sha256_matches_the_standard() {
        for (text, expected) in [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (&"a".repeat(56), "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"),
            (&"a".repeat(64), "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"),
        ] {
            assert_eq!(super::sha256(text.as_bytes()), expected, "{} bytes", text.len());
        }
    }
}
