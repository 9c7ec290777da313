//! What someone is told who asks what is stored about them (GDPR, Art. 15): the parts of the report with their columns. The
//! keys stand in the file that is handed over, for programs: they are never given another meaning, and new ones come at
//! the end.
//!
//! The file is one JSON object: `format` is `mailable-data-report`, `version` is 1, `made` is when; and under the key of
//! each part a list of objects with the keys of its columns. A moment is a text in ISO 8601 in UTC; what is not known is
//! `null`. What the law wants beside that (why it is stored, on which ground, how long, to whom it is given) only who
//! stores it can say.

/// A part of the report.
pub struct ReportPart {
    /// Its key in the file.
    pub key: &'static str,
    /// What it is called on screen and on paper.
    pub title: &'static str,
    /// Its columns: the key in the file, and the name.
    pub columns: &'static [(&'static str, &'static str)],
}

/// How many parts there are.
pub const REPORT_PART_COUNT: usize = 13;

/// Every part, in order.
pub const REPORT_PARTS: [ReportPart; REPORT_PART_COUNT] = [
    ReportPart {
        key: "addresses",
        title: "Addresses",
        columns: &[
            ("kind", "Kind"),
            ("address", "Address"),
            ("spelling", "As written"),
            ("state", "State"),
            ("added", "Added"),
        ],
    },
    ReportPart { key: "profile", title: "Profile", columns: &[("field", "Field"), ("value", "Value")] },
    ReportPart {
        key: "preferences",
        title: "Contact preferences",
        columns: &[
            ("preference", "Preference"),
            ("since", "Since"),
            ("origin", "Origin"),
            ("detail", "Detail"),
        ],
    },
    ReportPart {
        key: "may_be_contacted",
        title: "May be contacted?",
        columns: &[("channel", "By"), ("answer", "Answer"), ("because", "Because")],
    },
    ReportPart {
        key: "topics",
        title: "Topics",
        columns: &[("topic", "Topic"), ("answer", "Answer"), ("since", "Since"), ("origin", "Origin")],
    },
    ReportPart {
        key: "segments",
        title: "Segments",
        columns: &[("segment", "Segment"), ("kind", "Kind"), ("since", "Since"), ("origin", "Origin")],
    },
    ReportPart {
        key: "lists",
        title: "Lists",
        columns: &[("list", "List"), ("since", "Since"), ("origin", "Origin")],
    },
    ReportPart {
        key: "messages",
        title: "Messages whose recipients were kept",
        columns: &[("message", "Message"), ("kept", "Kept"), ("part", "As")],
    },
    ReportPart {
        key: "pauses",
        title: "Pauses",
        columns: &[("pause", "Pause"), ("until", "Until"), ("since", "Since"), ("origin", "Origin")],
    },
    ReportPart {
        key: "rules",
        title: "Rules about the address",
        columns: &[("rule", "Rule"), ("says", "Says"), ("since", "Since"), ("origin", "Origin")],
    },
    ReportPart {
        key: "platforms",
        title: "Platforms that were told of an opt-out",
        columns: &[("platform", "Platform"), ("told", "Told")],
    },
    ReportPart {
        key: "history",
        title: "History",
        columns: &[
            ("happened", "Happened"),
            ("recorded", "Recorded"),
            ("event", "Event"),
            ("origin", "Origin"),
            ("detail", "Detail"),
            ("undone", "Undone"),
            ("before", "Before"),
            ("after", "After"),
            ("source", "File and line"),
        ],
    },
    ReportPart {
        key: "changes",
        title: "Changes of fields",
        columns: &[
            ("changed", "Changed"),
            ("field", "Field"),
            ("before", "Before"),
            ("after", "After"),
            ("origin", "Origin"),
        ],
    },
];
