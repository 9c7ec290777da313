//! A database with its world, as the worker holds them, and people of whom every text is theirs alone: what the tests of
//! what goes for good stand on.

use crate::story::{CLOCK, NOW, item, to_everyone};
use mailable::boot::{boot, totals};
use mailable::domain::act::{ActId, Deed, Tally};
use mailable::domain::action::ActionKind;
use mailable::domain::duplicate::Merging;
use mailable::domain::field::FieldId;
use mailable::domain::item::{Body, Making, Pattern, Rule, RuleKind};
use mailable::domain::preference::{Preference, PreferenceSet};
use mailable::engine::change::Change;
use mailable::engine::decide::{self, Added};
use mailable::engine::erase::erase;
use mailable::engine::merge::Merge;
use mailable::engine::merger;
use mailable::engine::message;
use mailable::engine::view::Selected;
use mailable::engine::world::World;
use mailable::engine::{decide_items, parts};
use mailable::exchange::batch::BatchReader;
use mailable::exchange::inspect::inspect;
use mailable::exchange::plan::{DateOrder, ImportPlan, ReadAs};
use mailable::protocol::Refusal;
use mailable::storage::StoreError;
use mailable::storage::memory::MemoryStore;
use mailable::storage::vault::{Source, Vault};
use pollster::block_on;
use proptest::prelude::*;

pub const SEED: u64 = 7;
pub const SALT: [u8; 32] = [3; 32];

/// Someone whose every text is theirs alone.
pub struct Someone(pub u32);

impl Someone {
    pub fn address(&self) -> String {
        format!("Own{}Local@mail{}.example", self.0, self.0 % 2)
    }

    pub fn key(&self) -> String {
        self.address().to_lowercase()
    }

    pub fn digits(&self) -> u64 {
        12_025_550_100 + u64::from(self.0)
    }

    pub fn name(&self) -> String {
        format!("Given{0} Family{0}", self.0)
    }

    /// What no stored value may have after it, in lower case.
    pub fn marks(&self) -> Vec<Vec<u8>> {
        let texts =
            ["own{}local", "given{}", "family{}", "employer{}", "note{}", "+120255501{}", "said{}", "told{}"];
        let of = |it: &&str| it.replace("{}", &format!("{:02}", self.0)).replace("own0", "own").into_bytes();
        let mut marks: Vec<Vec<u8>> = texts.iter().map(of).collect();
        marks[0] = format!("own{}local", self.0).into_bytes();
        marks[1] = format!("given{}", self.0).into_bytes();
        marks[2] = format!("family{}", self.0).into_bytes();
        marks.push(self.digits().to_string().into_bytes());
        marks.push(self.digits().to_le_bytes()[..5].to_vec());
        marks
    }

    pub fn line(&self) -> String {
        let Someone(number) = self;
        format!(
            "{},Given{number},Family{number},Employer{number:02},+{},Note{number:02} of {}\n",
            self.address(),
            self.digits(),
            self.key()
        )
    }
}

pub const PEOPLE: u32 = 6;

pub fn people(of: impl IntoIterator<Item = u32>) -> String {
    let mut text = "Email,First Name,Last Name,Company,Mobile Phone,Remark\n".to_owned();
    of.into_iter().for_each(|it| text.push_str(&Someone(it + 10).line()));
    text
}

pub fn plan(text: &str, preference: Option<Preference>) -> ImportPlan {
    let found =
        inspect(text.as_bytes(), true, "list.csv", text.len() as u64, ReadAs::default(), &[]).unwrap();
    ImportPlan {
        preference,
        date_order: Some(DateOrder::DayFirst),
        default_calling_code: Some(1),
        ..ImportPlan::of(&found)
    }
}

/// A database with its world, as the worker holds them.
pub struct Desk {
    pub store: MemoryStore,
    pub vault: Vault<MemoryStore>,
    pub world: World,
}

impl Desk {
    pub fn new() -> Desk {
        let store = MemoryStore::default();
        let vault = block_on(Vault::open(store.clone(), 1)).unwrap().0;
        Desk { store, vault, world: World::new(SEED) }
    }

    pub fn opened(store: &MemoryStore) -> Desk {
        block_on(async {
            let (vault, opened) = Vault::open(store.clone(), 2).await.unwrap();
            assert_eq!(opened.losses, [] as [&str; 0]);
            let booted = boot(&vault, opened, SEED, |_| {}).await.unwrap();
            assert_eq!((booted.losses, booted.repaired, booted.read_only), (vec![], false, false));
            Desk { store: store.clone(), vault, world: booted.world }
        })
    }

    /// Stores the world as a new generation.
    pub async fn store_all(&mut self, mut next: World, source: Source) -> Result<(), StoreError> {
        let pieces = parts::unstored(&next).into_iter().map(|it| (it.name, it.bytes)).collect();
        for (name, stored) in self.vault.stage(pieces).await? {
            parts::mark_stored(&mut next, name, stored);
        }
        let (manifest, meta) = (parts::manifest(&next), parts::meta(&next));
        self.vault.checkpoint(manifest, &meta, source, totals(&next), 1).await?;
        self.world = next;
        Ok(())
    }

    pub fn change(&mut self, change: Change) -> ActId {
        let record = parts::write_change(&change);
        let act = self.world.apply(change);
        block_on(self.vault.append(&record, totals(&self.world), 1)).unwrap();
        act
    }

    pub fn import(&mut self, text: &str, preference: Option<Preference>) -> (Tally, Vec<String>) {
        let plan = plan(text, preference);
        let (mut merge, mut reasons) = (Merge::new(&self.world, &plan, NOW), Vec::new());
        let batch = BatchReader::new(&plan, NOW).unwrap().read(text.as_bytes(), true).unwrap();
        merge.rows(batch.rows(), batch.columns(), |row, reason| {
            reasons.push(format!("{}: {reason}", row.record.line));
        });
        let (mut next, act, tally) = merge.finish();
        assert!(tally.adds_up());
        if let Some(act) = act {
            next.apply_act(act);
            block_on(self.store_all(next, Source::Import)).unwrap();
            block_on(self.vault.sweep()).unwrap();
        }
        (tally, reasons)
    }

    /// Erases as the worker does; fails where the store does.
    pub fn erase(&mut self, selected: &Selected) -> Result<(), StoreError> {
        let typed = match erase(&self.world, selected, "", SALT, NOW) {
            Err(Refusal::NeedsErase { people, address, .. }) if address.is_empty() => people.to_string(),
            Err(Refusal::NeedsErase { address, .. }) => address,
            other => panic!("{:?}", other.map(|it| it.sentence)),
        };
        let erased = erase(&self.world, selected, &typed, SALT, NOW).unwrap();
        block_on(async {
            self.store_all(erased.world, Source::Erasure).await?;
            self.store_all(self.world.clone(), Source::Journal).await
        })
    }

    pub fn row(&self, someone: u32) -> Option<u32> {
        self.world.find_email(&Someone(someone + 10).key())
    }

    /// Which of these have something in the store.
    pub fn found(&self, of: &[u32]) -> Vec<String> {
        let mut found = Vec::new();
        for ((store, key), value) in self.store.values().iter() {
            let value = value.to_ascii_lowercase();
            for mark in of.iter().flat_map(|it| Someone(it + 10).marks()) {
                if memchr_find(&value, &mark) {
                    found.push(format!("{store:?} {key}: {}", String::from_utf8_lossy(&mark)));
                }
            }
        }
        found
    }
}

pub fn memchr_find(within: &[u8], what: &[u8]) -> bool {
    within.windows(what.len()).any(|it| it == what)
}

/// Something that is done before.
#[derive(Clone, Debug)]
pub enum Step {
    Import(Vec<u32>),
    Bounces(Vec<u32>),
    OptOuts(Vec<u32>),
    Perform(usize, Vec<u32>),
    AddOptOut(u32),
    AddNumber(u32),
    Rule(u32),
    Segment(Vec<u32>),
    Kept,
    Fields(u32),
    Merge(Vec<u32>, bool),
    Undo(u32),
    Checkpoint,
}

const ACTIONS: [ActionKind; 5] = [
    ActionKind::OptOut,
    ActionKind::Delete,
    ActionKind::RemoveOptOut,
    ActionKind::SmsOptOut,
    ActionKind::ChangeToSoftBounce,
];

pub fn take(desk: &mut Desk, step: &Step) {
    let some = |desk: &Desk, of: &[u32]| Selected {
        rows: of.iter().filter_map(|it| desk.row(*it)).collect(),
        ..Selected::default()
    };
    match step {
        Step::Import(of) => drop(desk.import(&people(of.iter().copied()), None)),
        Step::Bounces(of) => {
            // The later line counts; what the earlier one said is in nobody's history.
            let mut text = "Email,Bounce Reason,Source,Bounce Date\n".to_owned();
            for it in of {
                let (key, number) = (Someone(it + 10).key(), it + 10);
                text.push_str(&format!("{key},Said{number:02} no such user,list,2026-01-01\n"));
                if it % 2 == 0 {
                    text.push_str(&format!("{key},,list,2026-01-02\n"));
                }
            }
            drop(desk.import(&text, Some(Preference::HardBounce)));
        }
        Step::OptOuts(of) => {
            let mut text = "Email,Opt-out Source,Opt-out Date\n".to_owned();
            for it in of {
                text.push_str(&format!(
                    "{},Told{:02} by phone,2026-01-02\n",
                    Someone(it + 10).address(),
                    it + 10
                ));
            }
            drop(desk.import(&text, Some(Preference::OptOut)));
        }
        Step::Perform(action, of) => {
            let first = Someone(of.first().copied().unwrap_or(0) + 10);
            // A text can forget only what is known to be theirs.
            let known = desk.row(of.first().copied().unwrap_or(0));
            let has = |field, text: &str| known.is_some_and(|row| desk.world.field(row, field) == text);
            let (given, number) = (format!("Given{}", first.0), first.digits().to_string());
            let name = if has(FieldId::FIRST_NAME, &given) { first.name() } else { String::new() };
            let has_number = known
                .and_then(|it| desk.world.phone(it))
                .is_some_and(|it| desk.world.phones.digits(it) == first.digits());
            let number = if has_number { number } else { String::new() };
            let reason = format!("{name} (+{number}) wrote as {}", first.address());
            let selected = some(desk, of);
            let said = decide::Said { reason: &reason, typed: &selected.len().to_string(), theirs: false };
            if let Ok(decided) = decide::perform(&desk.world, ACTIONS[*action], &selected, said, NOW) {
                desk.change(decided.change);
            }
        }
        Step::AddOptOut(it) => {
            let it = Someone(it + 10);
            let added = [Added::Email(it.key(), it.address())];
            if let Ok((Some(decided), _)) =
                decide::add_addresses(&desk.world, &added, Preference::OptOut, NOW)
            {
                desk.change(decided.change);
            }
        }
        Step::AddNumber(it) => {
            let added = [Added::Phone(Someone(it + 10).digits())];
            if let Ok((Some(decided), _)) =
                decide::add_addresses(&desk.world, &added, Preference::SmsOptOut, NOW)
            {
                desk.change(decided.change);
            }
        }
        Step::Rule(it) => {
            let pattern = Pattern::Exactly(Someone(it + 10).key());
            let body = Body::Rule(Rule { kind: RuleKind::Suppress, pattern: pattern.clone() });
            let making = Making::Create(item(&pattern.text(), body));
            if let Ok((decided, _)) = decide_items::make(&desk.world, &making, NOW) {
                desk.change(decided.change);
            }
        }
        Step::Segment(of) => {
            let name = format!(
                "For {}",
                of.iter().map(|it| Someone(it + 10).address()).collect::<Vec<_>>().join(", ")
            );
            let selected = some(desk, of);
            let name = name.chars().take(150).collect::<String>();
            let name = if of.len() > 1 { "Several".to_owned() } else { name };
            if let Ok((decided, _)) =
                decide_items::make_with(&desk.world, &item(&name, Body::Fixed), &selected, NOW)
            {
                desk.change(decided.change);
            }
        }
        Step::Kept => {
            let message = to_everyone();
            let making = Making::Create(item("News", Body::Message(message)));
            if let Ok((decided, id)) = decide_items::make(&desk.world, &making, NOW) {
                desk.change(decided.change);
                if let Ok((decided, _)) = message::keep(&desk.world, id, &CLOCK) {
                    desk.change(decided.change);
                }
            }
        }
        Step::Fields(it) => {
            let someone = Someone(it + 10);
            let text = format!(
                "Email,Company,Remark\n{},Employer{1:02} before,Note{1:02}\n",
                someone.key(),
                someone.0
            );
            drop(desk.import(&text, None));
        }
        Step::Merge(of, bounces_stay) => {
            let merging = Merging { bounces_stay: *bounces_stay, ..Merging::default() };
            if let Ok(decided) = merger::merge(&desk.world, &some(desk, of), &merging, NOW) {
                desk.change(decided.change);
            }
        }
        Step::Undo(back) => {
            let len = desk.world.ledger.len();
            if len > 0
                && let Ok(decided) = decide::undo(&desk.world, ActId(len - 1 - back % len), NOW)
            {
                desk.change(decided.change);
            }
        }
        Step::Checkpoint => {
            block_on(desk.store_all(desk.world.clone(), Source::Journal)).unwrap();
            block_on(desk.vault.sweep()).unwrap();
        }
    }
}

pub fn steps(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Step>> {
    let one = 0..PEOPLE;
    let some = || proptest::collection::vec(0..PEOPLE, 1..4);
    let step = prop_oneof![
        3 => some().prop_map(Step::Import),
        1 => some().prop_map(Step::Bounces),
        1 => some().prop_map(Step::OptOuts),
        2 => (0..ACTIONS.len(), some()).prop_map(|(action, of)| Step::Perform(action, of)),
        1 => one.clone().prop_map(Step::AddOptOut),
        1 => one.clone().prop_map(Step::AddNumber),
        1 => one.clone().prop_map(Step::Rule),
        1 => some().prop_map(Step::Segment),
        1 => Just(Step::Kept),
        1 => one.clone().prop_map(Step::Fields),
        2 => (some(), any::<bool>()).prop_map(|(of, bounces_stay)| Step::Merge(of, bounces_stay)),
        2 => (0..8u32).prop_map(Step::Undo),
        1 => Just(Step::Checkpoint),
    ];
    proptest::collection::vec(step, count)
}

/// What is shown of a row, and what stands on it with its date.
pub type Seen = (String, Vec<String>, PreferenceSet, bool, Vec<Option<i64>>);

pub fn seen(world: &World, row: u32) -> Seen {
    let fields = world.fields().iter().map(|it| world.field(row, it.id).into_owned()).collect();
    let dates = Preference::all().map(|it| world.standing(row, it).map(|it| it.date)).collect();
    (world.email(row).to_owned(), fields, world.preferences(row), world.is_contact(row), dates)
}

pub fn same_when_folded_anew(world: &World) {
    let mut again = world.clone();
    again.refold_all();
    assert_eq!(totals(&again), totals(world));
    for row in 0..world.rows {
        assert_eq!(seen(&again, row), seen(world, row));
    }
}

/// Who went in merges that count, and into whom.
pub fn merged_pairs(world: &World) -> Vec<(u32, u32)> {
    let pairs = |deed: &Deed| match deed {
        Deed::Merge(merger) => merger.pairs().collect::<Vec<_>>(),
        _ => Vec::new(),
    };
    world.ledger.standing_acts().flat_map(|it| pairs(&it.1.deed)).collect()
}
