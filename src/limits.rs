//! Every number of the system that is a choice, with its reason. Imports nothing; everyone may import it.

/// Rows in one block: one bitset container, one storage unit, one time slice of a scan (a block is
/// searched in well under a millisecond, so work can be given up between two blocks).
pub const BLOCK_ROWS: usize = 65_536;

/// `u64` words of one dense bitset over a block.
pub const BLOCK_WORDS: usize = BLOCK_ROWS / 64;

/// Longest e-mail address that is accepted, in octets: RFC 5321 allows a path of 256 with its brackets.
pub const EMAIL_BYTES_MAX: usize = 254;

/// Longest local part, in octets (RFC 5321 4.5.3.1.1).
pub const EMAIL_LOCAL_BYTES_MAX: usize = 64;

/// Longest phone number after `+`, in digits (E.164).
pub const PHONE_DIGITS_MAX: usize = 15;

/// Shortest phone number that is believed, in digits: shorter ones are short codes, not people.
pub const PHONE_DIGITS_MIN: usize = 7;

/// Longest cell of a file, in bytes. Act-On stops at 20,000 characters; bounce reasons and notes of other
/// platforms are longer. What is larger is no contact list, and an unclosed quote must end somewhere.
pub const CELL_BYTES_MAX: usize = 128 * 1024;

/// Longest record of a file, in bytes.
pub const RECORD_BYTES_MAX: usize = 1024 * 1024;

/// Most columns of a file (Act-On's limit; a HubSpot export has about 150).
pub const FILE_COLUMNS_MAX: usize = 512;

/// Largest file that is read, in bytes.
pub const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024 * 1024;

/// Bytes of a file read at once while importing: large enough that the cost of a read disappears, small
/// enough that Cancel and queries get in every few frames.
pub const SLICE_BYTES: usize = 2 * 1024 * 1024;

/// Batches of rows that the reading thread may be ahead of the engine: enough that neither waits for a hiccup of
/// the other, few enough that a large file does not pile up in memory.
pub const BATCHES_AHEAD: u32 = 4;

/// Bytes of a file that are looked at to guess encoding, separator, header and columns.
pub const INSPECT_BYTES: usize = 256 * 1024;

/// Sample values shown for each column while mapping.
pub const COLUMN_SAMPLES: usize = 5;

/// Rejected rows that are kept with their text for the download; the rest are only counted.
pub const REJECTED_ROWS_KEPT: usize = 100_000;

/// Most runs of lines that are kept of one file and kind of event, at 12 bytes each: a list that is new here is one run, and
/// so is one that has the order of what is here. What has more names its file without the line.
pub const LINE_RUNS_MAX: usize = 1 << 19;

/// Most custom fields. One file may bring [`FILE_COLUMNS_MAX`]; four such files are beyond any real use.
pub const CUSTOM_FIELDS_MAX: usize = 2_048;

/// Most contacts. Row numbers are 31 bits wide (the top bit of a row reference means a phone number), and
/// the memory of wasm32 ends before the numbers do.
pub const ROWS_MAX: usize = 16_000_000;

/// Bytes staged in one storage transaction: browsers refuse messages over about 128 MiB, and two of these
/// fit in memory beside everything else.
pub const TRANSACTION_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Bytes after which no more are read at once while opening: so few that the first are understood while the next come.
pub const READ_BYTES: usize = 1024 * 1024;

/// How long the page is given to show the first rows before a thread more is started to read the others: it needs a
/// processor for that.
pub const FIRST_SHOWN_MS: i32 = 25;

/// Journal bytes after which a checkpoint folds the journal into blocks.
pub const JOURNAL_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Progress notices of a job, at most one per this many milliseconds: each is drawn, while every processor reads and
/// stores.
pub const PROGRESS_INTERVAL_MS: f64 = 100.0;

/// Largest exported log that is checked, in bytes: a quarter of a million acts, read at once.
pub const LOG_FILE_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Most rows that one window request may ask for.
pub const WINDOW_ROWS_MAX: u32 = 512;

/// Rows at the table's beginning that stand in the manifest too, so that they are shown before anything else is read:
/// what one window asks for at most.
pub const FIRST_ROWS: usize = WINDOW_ROWS_MAX as usize;

/// Most row ids that one request may ask for (a range selected with Shift); above it, "select all" is meant.
pub const RANGE_ROWS_MAX: u32 = 100_000;

/// Largest soft-bounce threshold that can be set (the range other platforms offer, `1..=20`).
pub const SOFT_BOUNCE_THRESHOLD_MAX: u8 = 20;

/// How often the lock of the one writer is asked for before it is said that another tab has it, and the pause in between
/// in milliseconds: a page that was reloaded starts sooner than the browser has let go of the lock of the one before.
pub const LOCK_TRIES: u32 = 12;

/// See [`LOCK_TRIES`].
pub const LOCK_PAUSE_MS: i32 = 60;

/// Requests that may wait in the worker's queue.
pub const QUEUE_MAX: usize = 256;

/// Addresses that may be pasted at once.
pub const PASTED_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Rows that a scrubbed list shows of each reason; the download has them all.
pub const REMOVED_ROWS_SHOWN: usize = 50;

/// Lines without a usable address that are kept of a dropped file, and how many bytes of each text: whoever has more of
/// them needs another file, and all of it is stored with what people made.
pub const LIST_LINES_KEPT: usize = 1_000;
/// See [`LIST_LINES_KEPT`].
pub const LIST_LINE_BYTES: usize = 200;

/// Rules about addresses that can stand. The page knows all of them with every change, and each address is compared with
/// them; whoever has more has a list of addresses, which belongs into the opt-outs.
pub const RULES_MAX: usize = 5_000;

/// Pasted lines that are no rule, as far as each is shown with its reason.
pub const RULE_PROBLEMS_SHOWN: usize = 100;

/// Addresses that the preview of a rule shows.
pub const RULE_SAMPLES_SHOWN: usize = 50;

/// Parts into which a list is divided at most: what one looks through.
pub const FACETS_MAX: u32 = 200;

/// People of the deadline board on a page.
pub const DUE_PEOPLE_SHOWN: u32 = 50;

/// Of them, on the board itself.
pub const DUE_FIRST_SHOWN: u32 = 10;

/// Rows of the file that are shown before anyone is ticked off, above the button that does it.
pub const DUE_ROWS_SHOWN: u32 = 5;

/// Distinct texts of a field from which on none is offered to whoever types a condition: that is a field in which nearly
/// everyone has their own.
pub const FIELD_VALUES_MAX: usize = 5_000;

/// Contacts that an act on many changes without a question: as many as stand on a screen, so that all of them were seen.
/// Of more it is said first how many, who and with which statuses.
pub const SEEN_AT_ONCE: u64 = 20;

/// Groups of a breakdown that are named on screen; the download has them all.
pub const INSIGHT_GROUPS: usize = 10;

/// Groups that are proposed where what came in is narrowed to one, and files: others are typed.
pub const INSIGHT_CHOICES: usize = 200;

/// Groups of bounces that are shown at once, the largest: who has read two hundred lines has seen what repeats.
pub const BOUNCE_GROUPS_SHOWN: usize = 200;

/// Addresses that a group of bounces shows.
pub const BOUNCED_ADDRESSES_SHOWN: usize = 50;

/// Hard bounces at one domain, within an hour and with one text, below which nothing is called a fault of a server: a
/// small company loses so many mailboxes at once.
pub const FAULT_BOUNCES_MIN: usize = 20;

/// How many times the domain's usual number an hour must have: campaigns come in bursts too, but of about one size.
pub const FAULT_TIMES_USUAL: u64 = 10;

/// Other hours with hard bounces at the domain from which a usual number is known.
pub const FAULT_HOURS_MIN: u64 = 5;
/// People that a dry run of a program shows of each step.
pub const PROGRAM_PEOPLE_SHOWN: usize = 50;

/// Sample contacts offered to a first visitor.
pub const SAMPLE_CONTACTS: u32 = 5_000;

const _: () = assert!(BLOCK_ROWS.is_multiple_of(64));
const _: () = assert!(CELL_BYTES_MAX < RECORD_BYTES_MAX && RECORD_BYTES_MAX < SLICE_BYTES);
const _: () = assert!(INSPECT_BYTES <= SLICE_BYTES);
const _: () = assert!(ROWS_MAX < (1 << 31));
const _: () = assert!(EMAIL_LOCAL_BYTES_MAX < EMAIL_BYTES_MAX);

/// The narrowest that a column of a table can be made, in pixels: its word can still be guessed.
pub const COLUMN_WIDTH_MIN: u32 = 60;

/// The widest, in pixels: a screen.
pub const COLUMN_WIDTH_MAX: u32 = 1_600;

/// By how much one press of a key makes it wider or narrower, in pixels.
pub const COLUMN_WIDTH_STEP: u32 = 16;

/// By how many columns a list can be sorted at once: more, nobody can follow with the eye.
pub const SORTS_MAX: usize = 3;

/// Contacts that are merged into one at once, at most; and most in a group of probable duplicates. A number that more have is
/// that of an office, or stands for none; nobody compares more with their eyes.
pub const MERGED_MAX: usize = 20;

/// Groups of probable duplicates on a page: each is looked at.
pub const DUPLICATE_GROUPS_SHOWN: u32 = 20;

/// Contacts of which the form that edits a field shows what would become of them.
pub const EDIT_SAMPLES: usize = 5;
