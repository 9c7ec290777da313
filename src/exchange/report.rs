//! Writes the report about one person as JSON, by hand: its layout is a promise ([`crate::domain::report`]).

use super::dates::iso;
use super::json::string;
use crate::domain::report::REPORT_PARTS;
use crate::protocol::{Cell, Report};

/// The report as a file.
pub fn json(report: &Report) -> String {
    let mut text =
        String::from("{\n  \"format\": \"mailable-data-report\",\n  \"version\": 1,\n  \"made\": ");
    string(&iso(report.made), &mut text);
    for (part, rows) in REPORT_PARTS.iter().zip(&report.parts) {
        text.push_str(",\n  ");
        string(part.key, &mut text);
        text.push_str(": [");
        for (number, row) in rows.iter().enumerate() {
            text.push_str(if number == 0 { "\n    {" } else { ",\n    {" });
            for (at, ((key, _), cell)) in part.columns.iter().zip(row).enumerate() {
                text.push_str(if at == 0 { "" } else { ", " });
                string(key, &mut text);
                text.push_str(": ");
                match cell {
                    Cell::Blank => text.push_str("null"),
                    Cell::Text(it) => string(it, &mut text),
                    Cell::Time(it) => string(&iso(*it), &mut text),
                }
            }
            text.push('}');
        }
        text.push_str(if rows.is_empty() { "]" } else { "\n  ]" });
    }
    text.push_str("\n}\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_json_whatever_is_in_it() {
        let mut parts = vec![Vec::new(); REPORT_PARTS.len()];
        parts[1] = vec![
            vec![Cell::Text("Company".into()), Cell::Text("\"A\\B\"\n\u{1}\u{2028}día 😀".into())],
            vec![Cell::Text("Remark".into()), Cell::Blank],
        ];
        parts[10] = vec![vec![Cell::Text("ESP".into()), Cell::Time(0)]];
        let text = json(&Report { made: 1_790_000_000_000, address: "ann@x.example".into(), parts });
        let expected = "\"profile\": [\n    {\"field\": \"Company\", \"value\": \"\\\"A\\\\B\\\"\\n\\u0001\\u2028día 😀\"},\n    {\"field\": \"Remark\", \"value\": null}\n  ],";
        assert!(text.contains(expected), "{text}");
        assert!(text.contains("{\"platform\": \"ESP\", \"told\": \"1970-01-01T00:00:00Z\"}"), "{text}");
        assert!(text.contains("\"addresses\": [],"), "{text}");
        assert!(text.starts_with(
            "{\n  \"format\": \"mailable-data-report\",\n  \"version\": 1,\n  \"made\": \"2026-"
        ));
        assert!(text.ends_with("]\n}\n"));
    }
}
