//! The only place where an act is admitted or refused. Pure: the world is looked at, the clock is an
//! argument, and the answer is a change or a refusal.

use super::allow;
use super::bits::{RowSet, each_block};
use super::change::Change;
use super::ledger::Final;
use super::view::Selected;
use super::world::World;
use crate::domain::act::{Act, ActId, Deed, Event, Events, Members, OfItems, Patch, Timestamp};
use crate::domain::action::{ActionEntry, ActionKind, AsksReason, RowTraits, TraitWords};
use crate::domain::address::email_key;
use crate::domain::bounce::Verdict;
use crate::domain::count::{Noun, counted};
use crate::domain::field::FieldId;
use crate::domain::origin::Origin;
use crate::domain::preference::{Channel, PREFERENCES, Preference, PreferenceSet};
use crate::domain::query::Status;
use crate::domain::retention;
use crate::limits::{BLOCK_WORDS, SOFT_BOUNCE_THRESHOLD_MAX};
use crate::protocol::{Impact, Refusal, RowRef};
use roaring::RoaringBitmap;

/// A decided change, with what the person is told when it is saved.
#[derive(Clone, Debug, PartialEq)]
pub struct Decided {
    /// To be made durable, then applied.
    pub change: Change,
    /// Addresses changed.
    pub changed: u64,
    /// Addresses that did not admit it.
    pub skipped: u64,
    /// The sentence for the toast.
    pub sentence: String,
}

/// Samples shown with an impact.
const IMPACT_SAMPLES: usize = 5;

/// What a person said when asked whether they mean it. A reason alone is a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Said<'a> {
    /// Why.
    pub reason: &'a str,
    /// What they typed to go on: the address, or how many.
    pub typed: &'a str,
    /// Whether also what the contacts asked for themselves is lifted of many at once.
    pub theirs: bool,
}

impl<'a> From<&'a str> for Said<'a> {
    fn from(reason: &'a str) -> Said<'a> {
        Said { reason, ..Said::default() }
    }
}

impl<'a> From<&'a String> for Said<'a> {
    fn from(reason: &'a String) -> Said<'a> {
        Said::from(reason.as_str())
    }
}

/// Decides an action on a selection.
pub fn perform<'a>(
    world: &World,
    action: ActionKind,
    selected: &Selected,
    said: impl Into<Said<'a>>,
    now: Timestamp,
) -> Result<Decided, Refusal> {
    let (entry, said) = (action.entry(), said.into());
    if selected.len() > 1 && !entry.bulk {
        return Err(Refusal::OneByOne);
    }
    let (members, skipped) = admitted(world, entry, selected);
    let (members, protected) = unprotected(world, entry.event, members);
    if members.is_empty() {
        return Err(if protected > 0 { Refusal::Protected } else { Refusal::NothingToDo });
    }
    let (members, kept) = admitted_as_said(world, entry, members, said)?;
    let skipped = skipped + protected + kept;
    let changed = members.len();
    let noun = match entry.event.channel() {
        Channel::Sms => Noun::Number,
        Channel::Email if action == ActionKind::Restore => Noun::Contact,
        Channel::Email if count_where(world, &members, |it| !it.contact) == 0 => Noun::Contact,
        Channel::Email => Noun::Address,
    };
    let stay = match action {
        ActionKind::Delete | ActionKind::Restore => count_where(world, &members, with_preference),
        _ => 0,
    };
    let act = Act {
        at: now,
        deed: Deed::Action(action),
        origin: Origin::User,
        reason: said.reason.trim().to_owned(),
        events: vec![Events { event: entry.event, members: Members::Alike(members) }],
        patches: Vec::new(),
        items: OfItems::default(),
    };
    let mut sentence = format!("{} {}", counted(changed, noun), entry.done);
    if stay > 0 {
        // What a deletion does not delete, and what a restored contact still has, is said where it is done.
        sentence.push_str(&format!("; the preferences of {} stay", counted(stay, Noun::Address)));
    }
    if protected > 0 {
        sentence.push_str(&format!("; {} protected as your own", counted(protected, Noun::Address)));
    }
    Ok(Decided { change: Change::of(act), changed, skipped, sentence })
}

/// Takes the own addresses out of those that are to be opted out; tells how many there were.
pub(super) fn unprotected(world: &World, event: Event, mut members: RoaringBitmap) -> (RoaringBitmap, u64) {
    let rules = world.library.rules();
    if event != Event::OptOut || !rules.protect_any() {
        return (members, 0);
    }
    let protected: RoaringBitmap = members.iter().filter(|it| rules.protects(world.email(*it))).collect();
    members -= &protected;
    (members, protected.len())
}
/// Decides to call bounces by the other name, all at once. Who is called a soft bounce is sent to again, so doing that to
/// more than one asks for a reason, whoever said so before.
pub fn reclassify(
    world: &World,
    rows: RoaringBitmap,
    to: Verdict,
    reason: &str,
    now: Timestamp,
) -> Result<Decided, Refusal> {
    if to == Verdict::Soft && rows.len() > 1 && reason.trim().is_empty() {
        let said = rows.min().and_then(|it| world.standing(it, Preference::HardBounce));
        let origin = said.map_or(String::new(), |it| world.ledger.origin_of(&it).to_string());
        return Err(Refusal::NeedsReason { origin });
    }
    perform(world, to.action(), &Selected { rows, phones: RoaringBitmap::new() }, reason, now)
}

/// What an action on a selection would touch.
pub fn impact(world: &World, action: ActionKind, selected: &Selected) -> Impact {
    let entry = action.entry();
    let (members, skipped) = admitted(world, entry, selected);
    let (members, protected) = unprotected(world, entry.event, members);
    let skipped = skipped + protected;
    let of_phone = entry.event.channel() == Channel::Sms;
    let reference = |it: u32| if of_phone { RowRef::phone(it) } else { RowRef(it) };
    let count = |which: fn(TraitWords, usize) -> u64, at: usize| match of_phone {
        true => {
            // One number is a word of one row.
            let word = |it: u32| {
                let has = |at: usize| world.phone_traits(it).preferences.has(PREFERENCES[at].preference);
                let preferences = std::array::from_fn(|at| u64::from(has(at)));
                which(TraitWords { preferences, ..TraitWords::default() }, at) & 1
            };
            members.iter().map(word).sum()
        }
        false => count_where(world, &members, |it| which(it, at)),
    };
    let statuses = Preference::all()
        .map(|it| (Status::Preference(it), count(|it, at| it.preferences[at], it as usize)))
        .chain([(Status::NoStatus, count(|it, _| !with_preference(it), 0))]);
    Impact {
        changed: members.len(),
        skipped,
        with_preference: count(|it, _| with_preference(it), 0),
        suppressed: count(|it, _| suppressed(it), 0),
        statuses: statuses.filter(|it| it.1 > 0).collect(),
        samples: members
            .iter()
            .take(IMPACT_SAMPLES)
            .map(|it| super::rows::address(world, reference(it)))
            .collect(),
    }
}

/// The members (rows, or phones for SMS) that admit an action, and how many selected ones do not.
pub(super) fn admitted(world: &World, entry: &ActionEntry, selected: &Selected) -> (RoaringBitmap, u64) {
    if entry.event.channel() == Channel::Email {
        let mut members = vec![0; world.blocks.len() * BLOCK_WORDS];
        let trash = (entry.action == ActionKind::Restore).then(|| world.trash());
        each_block(&selected.rows, world.rows, |number, set| {
            let admitted = &mut members[number * BLOCK_WORDS..(number + 1) * BLOCK_WORDS];
            admitted.copy_from_slice(set);
            for (word, bits) in admitted.iter_mut().enumerate().filter(|it| *it.1 != 0) {
                let mut traits = world.blocks[number].trait_words(word);
                if let Some(trash) = trash {
                    traits.trashed = trash.rows().word(number * BLOCK_WORDS + word);
                }
                *bits &= entry.admitted(traits);
            }
        });
        let members = RowSet::from_words(members).to_bitmap();
        let skipped = selected.len() - members.len();
        return (members, skipped);
    }
    let (mut members, mut skipped) = (RoaringBitmap::new(), 0);
    let mut consider = |traits: RowTraits, member: Option<u32>| match member {
        Some(member) if entry.admits(traits) => {
            members.insert(member);
        }
        _ => skipped += 1,
    };
    for row in &selected.rows {
        consider(world.traits(row), world.phone(row));
    }
    for phone in &selected.phones {
        consider(world.phone_traits(phone), Some(phone));
    }
    (members, skipped)
}

/// How many rows of a set are such as `which` says of 64 at a time.
fn count_where(world: &World, rows: &RoaringBitmap, which: impl Fn(TraitWords) -> u64) -> u64 {
    let mut count = 0;
    each_block(rows, world.rows, |number, set| {
        for (word, bits) in set.iter().enumerate().filter(|it| *it.1 != 0) {
            count += u64::from((bits & which(world.blocks[number].trait_words(word))).count_ones());
        }
    });
    count
}

/// Which rows have any preference.
fn with_preference(rows: TraitWords) -> u64 {
    rows.preferences.iter().fold(0, |any, it| any | it)
}

/// Which rows a preference suppresses, by whichever channel.
fn suppressed(rows: TraitWords) -> u64 {
    let suppressing = PREFERENCES.iter().filter(|it| it.suppresses);
    suppressing.fold(0, |any, it| any | rows.preferences[it.preference as usize])
}

/// Leaves those to whom it may be done after what was said, with how many that leaves out; or says what has to be said.
/// What protects people is lifted only in words: with a reason where the contact asked for it, with the address where
/// they complained, and of many at once after their number was typed: what someone here said, and what the contacts asked
/// for only where that was chosen, with a reason.
fn admitted_as_said(
    world: &World,
    entry: &ActionEntry,
    members: RoaringBitmap,
    said: Said<'_>,
) -> Result<(RoaringBitmap, u64), Refusal> {
    let count = members.len();
    let reason = !said.reason.trim().is_empty();
    let preference = entry.needs.first().copied();
    let (Some(preference), Some(first)) = (preference, members.min()) else { return Ok((members, 0)) };
    match entry.asks_reason {
        AsksReason::Never => {}
        AsksReason::IfMany if count == 1 || reason => {}
        AsksReason::IfMany => return Err(Refusal::NeedsWhy { count }),
        AsksReason::IfByContact if count > 1 => {
            let kept = not_by_staff(world, preference, &members);
            if said.theirs && reason && typed_number(said.typed) == Some(count) {
                return Ok((members, 0));
            }
            let lifted = members - &kept;
            if said.theirs || lifted.is_empty() || typed_number(said.typed) != Some(lifted.len()) {
                return Err(Refusal::NeedsCount { lifted: lifted.len(), by_contact: kept.len() });
            }
            return Ok((lifted, kept.len()));
        }
        AsksReason::IfByContact => {
            if let Some(origin) = asked_by_contact(world, preference, first)
                && !reason
            {
                return Err(Refusal::NeedsReason { origin });
            }
        }
        AsksReason::Always => {
            let address = world.email(first);
            let mut scratch = String::new();
            let typed = email_key(said.typed, &mut scratch).is_ok_and(|it| it.key == address);
            if count > 1 {
                return Err(Refusal::OneByOne);
            }
            if !reason || !typed {
                let origin = world.standing(first, preference).map(|it| world.ledger.origin_of(&it));
                return Err(Refusal::NeedsAddress {
                    origin: origin.map_or(String::new(), |it| it.to_string()),
                    address: world.spelling(first).to_owned(),
                });
            }
        }
    }
    Ok((members, 0))
}

/// A number as people type it: "1204", "1,204".
pub(super) fn typed_number(text: &str) -> Option<u64> {
    let digits: String =
        text.trim().chars().filter(|it| !matches!(it, ',' | '.' | ' ' | '\u{202f}')).collect();
    digits.parse().ok()
}

/// What says a preference, and what lifts it.
fn said_and_lifted(preference: Preference) -> (Event, Event) {
    match preference {
        Preference::SmsOptOut | Preference::SmsOptIn => (Event::SmsOptOut, Event::LiftSmsOptOut),
        Preference::SpamComplaint => (Event::Complaint, Event::LiftComplaint),
        _ => (Event::OptOut, Event::LiftOptOut),
    }
}

/// Those of whom not everything that stands was said by somebody here: one removal lifts all of it, also what a second
/// act said of someone who was opted out already.
fn not_by_staff(world: &World, preference: Preference, of: &RoaringBitmap) -> RoaringBitmap {
    let (said, lifted) = said_and_lifted(preference);
    let mut found = RoaringBitmap::new();
    for (_, act) in world.ledger.standing_acts() {
        let by_staff = act.origin.by_staff();
        for Events { event, members } in &act.events {
            if *event == lifted {
                let mut set = RoaringBitmap::new();
                members.add_to(&mut set);
                found -= set;
            } else if *event == said {
                match members {
                    Members::Alike(ids) if !by_staff => found |= ids & of,
                    Members::Alike(_) => {}
                    Members::Each(each) => {
                        for (at, id) in each.ids.iter().enumerate().filter(|it| of.contains(*it.1)) {
                            let stated = match each.at(at).1 {
                                "" => by_staff,
                                stated => Origin::stated_by_staff(stated),
                            };
                            if !stated {
                                found.insert(*id);
                            }
                        }
                    }
                }
            }
        }
    }
    found
}

/// The origin by which a contact themselves asked for what stands, and be it that nothing says it was somebody here; `None`:
/// somebody here said it.
fn asked_by_contact(world: &World, preference: Preference, member: u32) -> Option<String> {
    let (said, lifted) = said_and_lifted(preference);
    let mut asked = None;
    for (id, _) in world.ledger.standing_acts() {
        if world.ledger.look(id, &[lifted], member).is_some() {
            asked = None;
        } else if asked.is_none()
            && let Some(view) = world.ledger.look(id, &[said], member)
        {
            let origin = world.ledger.origin_of(&view);
            asked = (!origin.by_staff()).then(|| origin.to_string());
        }
    }
    asked
}

/// An address or number to be added by hand, already normalised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Added {
    /// An e-mail address: match key and spelling.
    Email(String, String),
    /// A mobile number, as digits.
    Phone(u64),
}

/// Decides a preference for addresses typed or pasted. They need not be in the table, and become no
/// contacts. Answers `None` and the number of addresses if all of them have the preference already.
pub fn add_addresses(
    world: &World,
    added: &[Added],
    preference: Preference,
    now: Timestamp,
) -> Result<(Option<Decided>, u64), Refusal> {
    let event = Event::of(preference).ok_or(Refusal::NothingToDo)?;
    let mut members = RoaringBitmap::new();
    let mut new_rows: Vec<(Box<str>, Box<str>)> = Vec::new();
    let mut new_phones: Vec<u64> = Vec::new();
    let mut known_new = hashbrown::HashMap::new();
    let mut back: Vec<(u32, Box<str>)> = Vec::new();
    let mut already = 0;
    let protects = |key: &str| event == Event::OptOut && world.library.rules().protects(key);
    let (mut protected, mut erased) = (0, 0);
    for it in added {
        if matches!(it, Added::Email(key, _) if protects(key)) {
            protected += 1;
            continue;
        }
        let is_erased = match it {
            Added::Email(key, _) => world.find_email(key).is_some_and(|it| world.is_erased(it)),
            Added::Phone(digits) => world.find_phone(*digits).is_some_and(|it| world.is_nameless_phone(it)),
        };
        // What keeps people from being contacted is noted on the fingerprint; nothing else is.
        if is_erased && !preference.entry().suppresses {
            erased += 1;
            continue;
        }
        let (member, has) = match it {
            Added::Email(key, spelling) => match world.find_email(key) {
                Some(row) => {
                    if world.lacks_address(row) && !world.is_erased(row) {
                        // Erased, and allowed after that: here again, by hand.
                        back.push((row, spelling.as_str().into()));
                    }
                    (row, outranks(world.preferences(row), preference))
                }
                None => {
                    let next = world.rows + new_rows.len() as u32;
                    let row = *known_new.entry(key.as_str()).or_insert(next);
                    if row == next {
                        new_rows.push((key.as_str().into(), spelling.as_str().into()));
                    }
                    (row, false)
                }
            },
            Added::Phone(digits) => match world.find_phone(*digits) {
                Some(phone) => (phone, outranks(world.phone_traits(phone).preferences, preference)),
                None => {
                    let at = new_phones.iter().position(|it| it == digits).unwrap_or_else(|| {
                        new_phones.push(*digits);
                        new_phones.len() - 1
                    });
                    (world.phones.len() + at as u32, false)
                }
            },
        };
        if has {
            already += 1;
        } else {
            members.insert(member);
        }
    }
    if members.is_empty() && protected > 0 {
        return Err(Refusal::Protected);
    }
    if members.is_empty() && erased > 0 {
        return Err(Refusal::Erased);
    }
    if members.is_empty() {
        return Ok((None, already));
    }
    let changed = members.len();
    let noun = match preference.entry().channel {
        Channel::Email => Noun::Address,
        Channel::Sms => Noun::Number,
    };
    back.retain(|it| members.contains(it.0));
    let addresses = addresses_given(back);
    let act = Act {
        at: now,
        deed: Deed::AddAddresses { preference },
        origin: Origin::User,
        reason: String::new(),
        events: vec![Events { event, members: Members::Alike(members) }],
        patches: addresses.into_iter().collect(),
        items: OfItems::default(),
    };
    let mut sentence = format!("{} added to {}", counted(changed, noun), preference.entry().name);
    if protected > 0 {
        sentence.push_str(&format!("; {} protected as your own", counted(protected, Noun::Address)));
    }
    let change = Change { act, new_rows, new_phones };
    Ok((Some(Decided { change, changed, skipped: already, sentence }), already))
}

/// What an act says of rows that got their address again, with its spelling; `None`: of nobody.
pub(super) fn addresses_given(mut back: Vec<(u32, Box<str>)>) -> Option<Patch> {
    back.sort_unstable_by_key(|it| it.0);
    back.dedup_by_key(|it| it.0);
    let (rows, after): (Vec<u32>, Vec<Box<str>>) = back.into_iter().unzip();
    let before = vec!["".into(); rows.len()];
    (!rows.is_empty()).then_some(Patch { field: Some(FieldId::EMAIL), rows, before, after })
}

/// Whether an address that has these preferences gains nothing from this one: it has it, or has what
/// says the same more strongly. A file or a hand never weakens: an opt-in does not lift an SMS opt-out.
pub fn outranks(has: PreferenceSet, preference: Preference) -> bool {
    has.has(preference)
        || match preference {
            Preference::SoftBounce => {
                has.has(Preference::HardBounce) || has.has(Preference::InactiveSoftBounce)
            }
            Preference::SmsOptIn => has.has(Preference::SmsOptOut),
            _ => false,
        }
}

/// Decides to make an act void; for an undo, to take it back.
pub fn undo(world: &World, act: ActId, now: Timestamp) -> Result<Decided, Refusal> {
    let target = world.ledger.act(act).ok_or(Refusal::NotUndoable)?;
    if world.ledger.is_void(act) || target.changes_nothing() {
        return Err(Refusal::NotUndoable);
    }
    match world.ledger.is_final(act) {
        Some(Final::Erased) => return Err(Refusal::Erased),
        Some(Final::Emptied) => return Err(Refusal::Emptied),
        None => {}
    }
    if allow::is_back(world, target) {
        return Err(Refusal::IsBack);
    }
    let changed = target.reach();
    let undo = undo_of(vec![act], now);
    let mut sentence = super::rows::sentence(world, &undo);
    let toggled = match &target.deed {
        Deed::Undo { of } => of.as_slice(),
        _ => &[act],
    };
    let most = |count: &dyn Fn(ActId, &Act) -> u64| {
        let counts = toggled.iter().filter_map(|it| Some(count(*it, world.ledger.act(*it)?)));
        counts.max().unwrap_or(0)
    };
    let erased = most(&|id, act| world.ledger.erased().count_in(id, act));
    if erased > 0 {
        sentence.push_str(&format!("; {} stays as it is", counted(erased, Noun::Erased)));
    }
    let emptied = most(&|id, act| world.ledger.emptied().count_in(id, act));
    if emptied > 0 {
        let gone = counted(emptied, Noun::Contact);
        sentence.push_str(&format!("; {gone} taken out of the trash for good stays as it is"));
    }
    Ok(Decided { change: Change::of(undo), changed, skipped: 0, sentence })
}

fn undo_of(of: Vec<ActId>, now: Timestamp) -> Act {
    Act::by_user(now, Deed::Undo { of })
}

/// Decides a new soft-bounce threshold.
pub fn set_threshold(world: &World, threshold: Option<u8>, now: Timestamp) -> Result<Decided, Refusal> {
    let from = world.policy.soft_bounce_threshold;
    if threshold == from || threshold.is_some_and(|it| it == 0 || it > SOFT_BOUNCE_THRESHOLD_MAX) {
        return Err(Refusal::NothingToDo);
    }
    let runs = soft_bounce_runs(world);
    let inactive =
        |threshold: Option<u8>| threshold.map_or(0, |it| runs.iter().skip(usize::from(it)).sum::<u64>());
    let changed = inactive(threshold).abs_diff(inactive(from));
    let act = Act::by_user(now, Deed::Threshold { from, to: threshold });
    let sentence = super::rows::sentence(world, &act);
    Ok(Decided { change: Change::of(act), changed, skipped: 0, sentence })
}

/// Decides how long deleted contacts are kept.
pub fn set_retention(world: &World, days: Option<u16>, now: Timestamp) -> Result<Decided, Refusal> {
    let from = world.ledger.retention().map(|it| it.0);
    if days == from || !retention::is_offered(days) {
        return Err(Refusal::NothingToDo);
    }
    let act = Act::by_user(now, Deed::Retention { from, to: days });
    let sentence = super::rows::sentence(world, &act);
    Ok(Decided { change: Change::of(act), changed: 0, skipped: 0, sentence })
}

/// How many addresses have how many soft bounces in a row; see [`crate::protocol::Reply::SoftBounceRuns`].
pub fn soft_bounce_runs(world: &World) -> Vec<u64> {
    let mut runs = vec![0; usize::from(SOFT_BOUNCE_THRESHOLD_MAX) + 1];
    for row in 0..world.rows {
        let facts = world.facts(row);
        if facts.soft_bounces > 0 && !facts.hard_bounced {
            runs[usize::from(facts.soft_bounces.min(SOFT_BOUNCE_THRESHOLD_MAX))] += 1;
        }
    }
    runs
}

/// Decides to remove the sample contacts: the act that brought them, everything done to them alone, and
/// what still stands on them after that. Nothing of them is left in any list.
pub fn remove_samples(world: &World, now: Timestamp) -> Result<Decided, Refusal> {
    let mut rows = RoaringBitmap::new();
    let mut phones = RoaringBitmap::new();
    let mut of = Vec::new();
    for (id, act) in world.ledger.standing_acts().filter(|(_, it)| it.deed == Deed::Samples) {
        of.push(id);
        for entry in &act.events {
            entry.members.add_to(match entry.event.channel() {
                Channel::Email => &mut rows,
                Channel::Sms => &mut phones,
            });
        }
    }
    if of.is_empty() {
        return Err(Refusal::NothingToDo);
    }
    let contacts = count_where(world, &rows, |it| it.contact);
    for (id, act) in world.ledger.standing_acts() {
        let touches = |members: &Members, channel: Channel| {
            let mut set = RoaringBitmap::new();
            members.add_to(&mut set);
            set.is_subset(match channel {
                Channel::Email => &rows,
                Channel::Sms => &phones,
            })
        };
        let about_people = matches!(act.deed, Deed::Action(_) | Deed::AddAddresses { .. });
        if about_people && act.events.iter().all(|it| touches(&it.members, it.event.channel())) {
            of.push(id);
        }
    }
    let mut act = undo_of(of, now);
    // What was done to sample contacts together with real ones cannot be made void; what it left standing
    // on the samples is lifted. These addresses exist nowhere (RFC 2606), so nobody becomes mailable.
    for event in
        [Event::Vanish, Event::LiftOptOut, Event::HardToSoft, Event::LiftSoftBounce, Event::LiftComplaint]
    {
        act.events.push(Events { event, members: Members::Alike(rows.clone()) });
    }
    for event in [Event::LiftSmsOptIn, Event::LiftSmsOptOut] {
        act.events.push(Events { event, members: Members::Alike(phones.clone()) });
    }
    act.events.retain(|it| !it.members.is_empty());
    let sentence = format!("{} removed", counted(contacts, Noun::Sample));
    Ok(Decided { change: Change::of(act), changed: contacts, skipped: 0, sentence })
}
