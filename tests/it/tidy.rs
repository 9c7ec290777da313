//! Rules of the code that can be read off the code: the absences that `src/lib.rs` promises.

use std::fs;
use std::path::{Path, PathBuf};

fn sources(folder: &Path, into: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|it| it == "rs") {
            into.push((path.clone(), fs::read_to_string(&path).unwrap()));
        }
    }
}

fn all(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut found);
    assert!(!found.is_empty(), "{folder}");
    found
}

/// Code without its comments.
fn code(text: &str) -> String {
    text.lines().filter(|it| !it.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_core_has_no_browser_no_clock_and_no_randomness() {
    let banned = [
        "async ",
        "web_sys",
        "wasm_bindgen",
        "js_sys",
        "leptos",
        "SystemTime",
        "Instant::now",
        "Utc::now",
        "rand::",
    ];
    for folder in ["src/domain", "src/engine", "src/exchange", "src/format"] {
        for (path, text) in all(folder) {
            for word in banned {
                assert!(!code(&text).contains(word), "{} names {word}", path.display());
            }
        }
    }
}

#[test]
fn engine_and_exchange_and_storage_never_meet() {
    let rules: [(&str, &[&str]); 5] = [
        (
            "src/domain",
            &["crate::engine", "crate::exchange", "crate::format", "crate::storage", "crate::protocol"],
        ),
        ("src/engine", &["crate::storage", "exchange::csv", "exchange::decode"]),
        ("src/exchange", &["crate::storage", "crate::engine", "crate::format"]),
        ("src/format", &["crate::storage", "crate::engine", "crate::exchange"]),
        ("src/ui", &["crate::engine", "crate::storage", "crate::format"]),
    ];
    for (folder, banned) in rules {
        for (path, text) in all(folder) {
            // Tests bring the pieces together on purpose.
            if path.ends_with("engine/tests.rs") {
                continue;
            }
            for word in banned {
                assert!(!code(&text).contains(word), "{} names {word}", path.display());
            }
        }
    }
}

#[test]
fn only_one_file_names_indexed_db_and_none_writes_markup() {
    for (path, text) in all("src") {
        let code = code(&text);
        if !path.ends_with("storage/indexed_db.rs") {
            assert!(!code.contains("IdbDatabase"), "{}", path.display());
        }
        for word in
            ["inner_html", "set_inner_html", "insert_adjacent_html", "document.write", "style=\"", "unsafe "]
        {
            assert!(!code.contains(word), "{} has {word}", path.display());
        }
    }
}

#[test]
fn every_file_says_first_what_lives_in_it() {
    for (path, text) in all("src") {
        assert!(text.starts_with("//! "), "{}", path.display());
    }
}

#[test]
fn the_map_names_every_module() {
    let map = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap().flatten() {
        let name = entry.path().file_stem().unwrap().to_string_lossy().into_owned();
        if !["lib", "main", "bin"].contains(&name.as_str()) {
            assert!(
                map.contains(&format!("`{name}`")) || map.contains(&format!("@{name}`")),
                "{name} is not on the map"
            );
        }
    }
}
