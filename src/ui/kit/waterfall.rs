//! A number from which others are taken off, one after the other, until one is left: a table, with bars beside the
//! numbers. Knows nothing of what is counted.

use super::element::{Element, Part, element, markup};
use crate::domain::count::thousands;

/// A step of a waterfall.
pub struct Fall {
    /// What is taken off.
    pub name: &'static str,
    /// What that means, in a sentence.
    pub sentence: &'static str,
    /// The hue of its bar: a value of `data-preference`.
    pub hue: &'static str,
    /// How many.
    pub count: u64,
    /// Where they are shown.
    pub href: Option<String>,
}

/// The table: `all` with its name, what is taken off, and the name of what is left. The numbers add up by themselves.
pub fn waterfall(
    caption: &'static str,
    all: (&'static str, u64),
    falls: Vec<Fall>,
    (rest, rest_href): (&'static str, Option<String>),
) -> Element {
    let (first, total) = all;
    let bar = move |from: u64, count: u64, hue: &'static str| {
        // In thousandths of a percent. No fraction is formatted anywhere on the page: that takes 6 kB.
        let share = |part: u64| {
            let share = part * 100_000 / total.max(1);
            format!("{}.{:03}%", share / 1_000, share % 1_000)
        };
        // A property: the page's policy lets no style stand in markup.
        let place = format!("inset-inline-start:{};inline-size:{}", share(from), share(count));
        let bar = (count > 0).then(|| {
            element("span").class("waterfall-bar").attribute("data-preference", hue).property("style", place)
        });
        element("td")
            .attribute("aria-hidden", "true")
            .child(element("div").class("waterfall-track").child(bar))
    };
    let row =
        |name: &'static str, sentence: &'static str, bar: Element, number: String, href: Option<String>| {
            // A number that can be opened is a link.
            let number: Part = match href {
                None => number.into(),
                Some(href) => element("a")
                    .class("figure")
                    .attribute("href", href)
                    .attribute("aria-label", format!("{name}: {number}"))
                    .child(number)
                    .into(),
            };
            element("tr")
                .child(
                    element("th")
                        .attribute("scope", "row")
                        .attribute("title", (!sentence.is_empty()).then_some(sentence))
                        .child(name),
                )
                .child(bar)
                .child(element("td").attribute("data-align", "end").child(number))
        };
    let mut left = total;
    let mut rows = vec![Part::from(row(first, "", bar(0, total, "accent"), thousands(total), None))];
    for fall in falls {
        left = left.saturating_sub(fall.count);
        let number = match fall.count {
            0 => "0".to_owned(),
            count => format!("−{}", thousands(count)),
        };
        rows.push(row(fall.name, fall.sentence, bar(left, fall.count, fall.hue), number, fall.href).into());
    }
    rows.push(row(rest, "", bar(0, left, "none"), thousands(left), rest_href).into());
    element("table")
        .class("waterfall")
        .child(element("caption").class("visually-hidden").child(caption))
        .child(markup(
            r#"<thead class="visually-hidden"><tr><th scope="col">What</th><td></td><th scope="col">Number</th></tr></thead>"#,
        ))
        .child(element("tbody").child(rows))
}
