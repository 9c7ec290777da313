//! Mailable: **whom may I contact, whom not, why not, since when, and who said so?**
//!
//! This page is the map of the code. The README says how to run it.
//!
//! # Bird's-eye view
//!
//! The ground state is two things: the *table* (addresses, with the profile of the contact behind each) and
//! the *ledger* (acts in order: what was done or happened, to whom, when, and who said so). Acts are never
//! edited or removed; an undo is a further act. Two acts alone change what stands before them: an *erasure*
//! ([`engine::erase`]) takes every text of those who asked for it, and leaves what was done when, and a salted hash by
//! which a list finds them again, until they are [allowed](engine::allow) back; and *emptying the trash*
//! ([`engine::empty`]), by hand or when its time is over ([`domain::retention`]), takes the profiles of deleted contacts,
//! and leaves their addresses with all that stands on them. Everything else is derived:
//!
//! - an address's *standing* is the fold of the acts on it that count;
//! - its *preferences* are what the [`domain::policy`] calls that standing;
//! - a *segment* is everyone with a preference. The system segments are a registry in the code: no command
//!   exists that could delete or rename one;
//! - *items* are what people make: own segments, folders, views, lists, messages, programs, rules, pauses, topics and
//!   platforms ([`domain::item`]). An act defines one, and says who is in it; what stands is a fold as well
//!   ([`engine::library`]). Whom a condition means ([`domain::query`]) is never stored, and found when it is asked;
//! - *suppressed* is who has a preference that suppresses, whom a rule suppresses, who is paused, or said no to a topic:
//!   one function ([`engine::suppression`]), asked by messages, programs, the scrub desk and "May be contacted?".
//!
//! Preferences belong to addresses, not to contacts: deleting a contact clears no history, and a re-import
//! finds its opt-out waiting.
//!
//! Two programs come out of this crate: the **page** (Leptos, feature `app`) and the **worker** (engine and
//! storage, feature `worker`). Each is a `main` of a few lines; without either feature the pure core builds
//! and tests natively.
//!
//! # Modules, in reading order
//!
//! | module | holds | must not know |
//! |---|---|---|
//! | [`limits`] | every number that is a choice, with its reason | anything |
//! | [`unicode`] | the browser's tables for addresses outside ASCII, or a native build's own | addresses |
//! | [`domain`] | the vocabulary: preferences, addresses, fields, acts, actions, policy | storage, files, browser, clock |
//! | [`codes`] | which of a column's distinct texts each row has | the texts |
//! | [`column`] | texts in columns, repeated ones once | what they mean |
//! | [`digest`] | digests that outsiders can check: SHA-256 | what they stand for |
//! | [`engine`] | the world at one revision: blocks of columns, ledger, decisions, import, views | files, store, browser, clock |
//! | [`exchange`] | files in and out: encodings, CSV, platforms' dialects, statuses, dates | engine, browser |
//! | [`mod@format`] | the durable byte layout, by hand, versioned and checksummed | where bytes are kept |
//! | [`storage`] | the store, and the vault that survives a crash at any moment | what the bytes mean |
//! | [`sixteen`] | sixteen bytes looked at together, by vector instructions where there are some | what they mean |
//! | [`started`] | work that begins before it is waited for | anything |
//! | `passing` | how bytes get from this memory into the browser's files | what they are |
//! | `thread` | a thread of the engine's: started, heard and ended | what it does |
//! | [`boot`] | from the vault to the world: reading, repair, what is said of a loss | browser |
//! | [`protocol`] | all that crosses between page and worker | |
//! | `worker` | the event loop that introduces engine, exchange and storage | rules |
//! | `client` | the page's end of the wire | screens |
//! | `ui` | what is on screen | blocks, files, CSV |
//!
//! # Where this differs from what one would expect
//!
//! - Screens are described with the page's own `ui::kit::element`, on Leptos' signals, effects, owners and events,
//!   and not with `view!`: that compiles a copy of the renderer for every attribute and closure, and was half of what
//!   a first visit downloads (265 against 135 kB, gzip).
//! - The site is compiled together with the standard library, for size and with panics that end the program without a
//!   text (`xtask/src/setup.rs`): a tenth of the site. Every other build is an ordinary one.
//! - Each program comes in two parts: the functions that run when the page opens, and the rest, which is loaded when
//!   somebody does something and at once for whoever has contacts here. `xtask/src/split.rs` cuts the finished programs
//!   by measured lists (`xtask/first/`, made by `cargo xtask first`), `static/boot.js` joins them; the code knows of it
//!   only that some things are kept apart (`apart`, `later`, `opened`) so that they can come later. Data goes with the
//!   functions (`xtask/src/data.rs`): what only the rest leads to, mostly texts, is there once the rest is, at the
//!   address that it has anyway. A first visit loads a fifth of the site.
//! - A mobile number is kept as its digits; the text it was written as only where the two differ
//!   ([`domain::number`]). What a text is, [`engine::world::World::field`] says.
//! - A preview reads the file, takes its rows in and stores the blocks that are full; they count for nothing until
//!   *Import Contacts* names them, and are swept if it does not come.
//! - Row numbers are found by [`engine::numbers`], a hash table of our own, where everything else takes `hashbrown`: an
//!   import looks two million times for what is not in the cache, and with the tag beside the number it waits for one
//!   place in memory, not for two (the engine's part of an import takes three quarters of the time).
//! - Stored pieces are files (`Blob`s) in IndexedDB, where the browser reads files as streams: an array is cloned and
//!   compressed on the thread that puts it, and so is what was read.
//! - What is stored is read by a thread of its own while the engine understands what came before
//!   (`storage::value_thread`): a browser hands a large value over piece by piece, and none to a thread that is busy.
//! - The first rows stand in the manifest too. While the data is opened, they are answered from a world that has no
//!   others ([`boot::is_shown_early`]).
//!
//! # Invariants
//!
//! Most are absences; the first is held by a test in `tests/it/tidy.rs`.
//!
//! 1. `domain`, `engine`, `exchange`, `format`, `limits` contain no `async`, no browser, no clock and no
//!    randomness: time and seeds are arguments.
//! 2. A standing is always the fold of the ledger; what blocks keep of it are caches, and tests compare them
//!    with a fold from nothing. [`engine::decide`] and [`engine::merge`] are the only places where an act is
//!    admitted.
//! 3. Durable first, visible second: a change becomes the world that is seen only after its transaction's
//!    `complete`.
//! 4. A stored block is never overwritten; only the head changes, and there are two.
//! 5. One command at a time. Questions are answered from the last committed world, also during an import. A preview
//!    changes nothing that can be seen, and nothing that counts when the data is opened again.
//! 6. Only `storage::indexed_db` names IndexedDB, and what reads for it in `static/boot.js`; nothing is awaited inside a
//!    transaction.
//! 7. Nothing durable is written by a derive. [`protocol`] may derive, because both ends are one build.
//! 8. A selection travels as a description with the revision at which the person saw it.
//! 9. Notices carry absolute values: the page assigns and never adds.
//! 10. Contacts never enter localStorage, the address bar, the title or the console.
//! 11. A bad row is a reason in a report, a rule that says no is a [`protocol::Refusal`], the outside world
//!     failing is a [`protocol::Failure`].
//! 12. **No import makes a suppressed address mailable.** A property test holds it.
//! 13. What people make takes no preference off anyone: rules, pauses, segments and messages only ever leave more people
//!     out, and a program lifts an opt-out only if it was made for that, with a reason, and never one that the contact
//!     asked for. What protects people is lifted by hand only in words: a reason for what they asked, the address for a
//!     complaint, the number for many. Property tests hold it.
//! 14. What goes for good goes out of every stored value, in one transaction, after what goes and what stays was said and
//!     typed; by itself only from a world that was read whole. Property tests look through every stored value.
//! 15. **Nobody comes out of a scrubbed list who may not be contacted**, and every row of it is counted under one reason
//!     ([`domain::audience`]). A property test holds it.
//! 16. **A merge lifts nothing**: what was said at an address that goes holds for the one that stays, too
//!     ([`engine::merger`]). Those who were merged are one person, and are erased together. Property tests hold it.

pub mod limits;

pub mod unicode;

pub mod domain;

pub mod codes;
pub mod column;
pub mod digest;

pub mod engine;

pub mod exchange;

pub mod format;

pub mod storage;

pub mod sixteen;
pub mod started;

pub mod boot;

pub mod protocol;

#[cfg(all(target_arch = "wasm32", feature = "worker"))]
pub mod passing;

#[cfg(all(target_arch = "wasm32", feature = "worker"))]
pub mod thread;

#[cfg(all(target_arch = "wasm32", feature = "worker"))]
pub mod worker;

#[cfg(all(target_arch = "wasm32", feature = "app"))]
pub mod client;

#[cfg(all(target_arch = "wasm32", feature = "app"))]
pub mod ui;

// Pure parts of the page, reached by native tests without compiling the page.
#[cfg(all(test, not(target_arch = "wasm32")))]
#[path = "ui/address.rs"]
#[allow(dead_code, reason = "the page uses what its tests do not")]
mod address_bar;
#[cfg(all(test, not(target_arch = "wasm32")))]
#[path = "ui/kit/circles.rs"]
#[allow(dead_code, reason = "the page uses what its tests do not")]
mod circles;
#[cfg(all(test, not(target_arch = "wasm32")))]
#[path = "ui/columns.rs"]
#[allow(dead_code, reason = "the page uses what its tests do not")]
mod columns;
#[cfg(all(test, not(target_arch = "wasm32")))]
#[path = "ui/preferences.rs"]
#[allow(dead_code, reason = "the page uses what its tests do not")]
mod preferences;
#[cfg(all(test, not(target_arch = "wasm32")))]
#[path = "ui/kit/scroll.rs"]
#[allow(dead_code, reason = "the page uses what its tests do not")]
mod scroll;
