//! The two things that addresses outside ASCII need of Unicode: its composed normal form, and the ASCII form of a
//! domain. A browser has the tables for both; a native build brings its own. A test in a browser holds that they
//! agree.

/// The composed normal form (NFC): an accented letter is one character, however it was typed.
#[cfg(not(target_arch = "wasm32"))]
pub fn composed(text: &str) -> String {
    icu_normalizer::ComposingNormalizerBorrowed::new_nfc().normalize(text).into_owned()
}

/// The composed normal form (NFC): an accented letter is one character, however it was typed.
#[cfg(target_arch = "wasm32")]
pub fn composed(text: &str) -> String {
    #[cfg(feature = "browser")]
    return js_sys::JsString::from(text).normalize("NFC").into();
    #[cfg(not(feature = "browser"))]
    return text.to_owned();
}

/// The ASCII form of a domain (UTS #46, as the URL standard has it), in lower case; `None` if it has none.
pub fn ascii_domain(domain: &str) -> Option<String> {
    // What a URL would take for something other than a part of the host.
    let plain = |it: char| !it.is_ascii() || it.is_ascii_alphanumeric() || matches!(it, '.' | '-' | '_');
    if domain.is_empty() || !domain.chars().all(plain) {
        return None;
    }
    by_tables(domain)
}

#[cfg(not(target_arch = "wasm32"))]
fn by_tables(domain: &str) -> Option<String> {
    idna::domain_to_ascii(domain).ok().filter(|it| !it.is_empty())
}

#[cfg(target_arch = "wasm32")]
fn by_tables(domain: &str) -> Option<String> {
    #[cfg(feature = "browser")]
    return web_sys::Url::new(&format!("http://{domain}/"))
        .ok()
        .map(|it| it.hostname())
        .filter(|it| !it.is_empty());
    #[cfg(not(feature = "browser"))]
    return domain.is_ascii().then(|| domain.to_ascii_lowercase());
}

/// Local parts and what they must become, for the tests of both sides.
pub const TEXTS: &[(&str, &str)] = &[
    ("Zoe\u{308}", "Zo\u{eb}"),
    ("\u{212b}ngstr\u{f6}m", "\u{c5}ngstr\u{f6}m"),
    ("\u{1112}\u{1161}\u{11ab}", "\u{d55c}"),
];

/// Domains and what they must become, for the tests of both sides.
pub const DOMAINS: &[(&str, Option<&str>)] = &[
    ("b\u{fc}cher.example", Some("xn--bcher-kva.example")),
    ("B\u{dc}CHER.example", Some("xn--bcher-kva.example")),
    ("fa\u{df}.example", Some("xn--fa-hia.example")),
    ("\u{4f8b}\u{3048}.\u{30c6}\u{30b9}\u{30c8}", Some("xn--r8jz45g.xn--zckzah")),
    ("\u{ff45}xample.com", Some("example.com")),
    ("example\u{3002}com", Some("example.com")),
    ("ex\u{ad}ample.com", Some("example.com")),
    ("b\u{fc}cher.example/path", None),
    ("b\u{fc}cher@example", None),
    ("b\u{fc}cher%41.example", None),
    ("", None),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_give_what_the_browser_does() {
        for (text, expected) in TEXTS {
            assert_eq!(composed(text), *expected);
        }
        for (domain, expected) in DOMAINS {
            assert_eq!(ascii_domain(domain).as_deref(), *expected, "{domain}");
        }
    }
}
