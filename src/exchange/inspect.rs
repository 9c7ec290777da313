//! A look into a file: what it is, how it is read, what its columns hold.

use super::columns::{Surroundings, emails_percent, is_header, propose, reason_in, repaired};
use super::csv::{detect_separator, sample};
use super::dates;
use super::decode::{Decoder, detect, refuse_other_kinds};
use super::dialects::recognise;
use super::plan::{FileColumn, Inspection, ReadAs, Target};
use super::problem::FileProblem;
use super::status::proposal;
use crate::domain::field::FieldInfo;
use crate::domain::preference::Preference;
use crate::limits::{COLUMN_SAMPLES, FILE_COLUMNS_MAX};

/// Rows of the sample that are looked at.
const SAMPLE_ROWS: usize = 500;

/// Looks at the first bytes of a file; `whole` says that they are all. `custom_fields` are those that exist.
pub fn inspect(
    bytes: &[u8],
    whole: bool,
    file_name: &str,
    file_bytes: u64,
    read_as: ReadAs,
    custom_fields: &[FieldInfo],
) -> Result<Inspection, FileProblem> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(FileProblem::Empty);
    }
    refuse_other_kinds(bytes)?;
    let encoding = read_as.encoding.unwrap_or_else(|| detect(bytes, whole));
    let mut scratch = String::new();
    let text = Decoder::new(encoding).decode(bytes, whole, &mut scratch).to_owned();
    let separator = read_as.separator.unwrap_or_else(|| detect_separator(&text, whole));
    let mut records = match sample(&text, whole, separator, SAMPLE_ROWS) {
        // In a sample an open quote may just be cut off; the import reads it whole and judges then.
        Err(FileProblem::UnclosedQuote { .. }) if !whole => sample(&text, false, separator, SAMPLE_ROWS)?,
        other => other?,
    };
    let Some(first) = records.first() else { return Err(FileProblem::Empty) };
    let has_header = read_as.has_header.unwrap_or_else(|| is_header(first));
    let mut remarks = Vec::new();
    let width = if has_header { first.len() } else { records.iter().map(Vec::len).max().unwrap_or(0) };
    if width > FILE_COLUMNS_MAX {
        return Err(FileProblem::TooManyColumns { line: 1 });
    }
    let headers = if has_header {
        let (headers, changed) = repaired(&records.remove(0));
        if changed {
            remarks.push("Some headers are blank or stand twice; they are numbered here.".to_owned());
        }
        headers
    } else {
        (1..=width).map(|it| format!("Column {it}")).collect()
    };
    if records.is_empty() {
        return Err(FileProblem::NoRows);
    }
    let ragged = records.iter().filter(|it| it.len() != width).count();
    if ragged > 0 {
        remarks.push(format!(
            "{ragged} of the first {} rows have more or fewer cells than there are columns. Missing cells count as blank, cells beyond the last column are left out.",
            records.len()
        ));
    }
    let column = |at: usize| -> Vec<&str> {
        records.iter().filter_map(|it| it.get(at)).map(|it| it.trim()).filter(|it| !it.is_empty()).collect()
    };
    let cells: Vec<Vec<&str>> = (0..width).map(column).collect();
    let emails: Vec<u8> = cells.iter().map(|it| emails_percent(it)).collect();
    let mut proposals = propose(&headers, has_header, &cells, &emails, custom_fields);
    let dialect = if has_header { recognise(&headers, file_name) } else { None };
    if let Some((_, targets)) = &dialect {
        for (at, target) in targets.iter().enumerate() {
            let Some(target) = target else { continue };
            if *target != Target::Skip {
                for other in proposals.iter_mut().filter(|it| *it == target) {
                    *other = Target::Skip;
                }
            }
            proposals[at] = target.clone();
        }
    }
    // What brings one preference for everyone is not to be contradicted by a guess.
    let brings_preference = dialect.as_ref().is_some_and(|it| it.0.preference.is_some());
    if has_header && !brings_preference {
        for (at, proposed) in proposals.iter_mut().enumerate().filter(|it| it.1.is_own_field()) {
            let Some(target) = proposal(&headers[at], &cells[at]) else { continue };
            remarks.push(taken_for(&headers[at], &target));
            *proposed = target;
        }
    }
    let of = Surroundings { file_name, brings_preference, cells: &cells };
    if let Some(at) = reason_in(&headers, &proposals, &of) {
        proposals[at] = Target::EventDetail;
        remarks.push(format!(
            "“{}” is taken for the detail of the preference, because the file is about bounces or opt-outs. If it is a field of your own, choose that below.",
            headers[at]
        ));
    }
    if cells.iter().flatten().any(|it| it.starts_with('\'') && it.len() > 1) {
        remarks.push("Some cells begin with an apostrophe, as spreadsheets write numbers and formulas; it is left out of addresses and numbers.".to_owned());
    }
    let date_order_open = proposals.iter().zip(&cells).any(|(target, cells)| {
        *target == Target::EventDate
            && cells.iter().any(|it| dates::is_open(it))
            && dates::order_of(cells.iter().copied()).is_none()
    });
    let columns = headers
        .into_iter()
        .zip(proposals)
        .zip(cells.iter().zip(emails))
        .map(|((header, proposal), (cells, emails_percent))| FileColumn {
            header,
            samples: cells.iter().take(COLUMN_SAMPLES).map(|it| it.chars().take(120).collect()).collect(),
            emails_percent,
            proposal,
        })
        .collect();
    Ok(Inspection {
        file_name: file_name.to_owned(),
        bytes: file_bytes,
        encoding,
        separator,
        has_header,
        columns,
        dialect: dialect.map(|(it, _)| it),
        date_order_open,
        remarks,
    })
}

/// That a column is taken for what it says of each row, although it could be a field.
fn taken_for(header: &str, target: &Target) -> String {
    let answers = |answer: &str, it: &Preference| {
        format!("answers yes or no for each row: {answer} is taken for {}", it.entry().status)
    };
    let says = match target {
        Target::IfYes(it) => answers("yes", it),
        Target::IfNo(it) => answers("no", it),
        _ => "says of each row whether you may contact it".to_owned(),
    };
    format!("“{header}” {says}. If it is a field of your own, choose that below.")
}
