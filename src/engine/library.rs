//! Everything that people made here, as it stands: a fold of the ledger, like everything else. Who is in a fixed
//! segment, a list, a pause or among the recipients of a message is kept as a set; whom a query means is found by
//! asking it ([`super::query`]).

use super::suppression::RuledRows;
use crate::domain::act::{Act, Membership, Side};
use crate::domain::item::{Body, Item, ItemId, ItemKind};
use crate::domain::suppression::Rules;
use hashbrown::HashMap;
use roaring::RoaringBitmap;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What people made. Cloning is cheap.
#[derive(Clone, Default)]
pub struct Library(Rc<Shelf>);

#[derive(Clone, Default)]
struct Shelf {
    items: BTreeMap<ItemId, Rc<Item>>,
    members: HashMap<(ItemId, Side), Rc<RoaringBitmap>>,
    rules: Rc<Ruling>,
}

/// The rules that stand, with the rows that they suppress, as found last.
#[derive(Default)]
struct Ruling {
    rules: Rules,
    rows: RefCell<Option<(u32, Rc<RuledRows>)>>,
}

impl Library {
    /// Something by its number.
    pub fn item(&self, id: ItemId) -> Option<&Rc<Item>> {
        self.0.items.get(&id)
    }

    /// Everything, in the order in which it was made.
    pub fn items(&self) -> impl Iterator<Item = (ItemId, &Rc<Item>)> {
        self.0.items.iter().map(|(id, item)| (*id, item))
    }

    /// Everything of a kind.
    pub fn of_kind(&self, kind: ItemKind) -> impl Iterator<Item = (ItemId, &Rc<Item>)> {
        self.items().filter(move |it| it.1.body.kind() == kind)
    }

    /// Who is in something, as the ledger says; `None`: nobody ever was.
    pub fn members(&self, id: ItemId, side: Side) -> Option<&Rc<RoaringBitmap>> {
        self.0.members.get(&(id, side))
    }

    /// How many are in it.
    pub fn member_count(&self, id: ItemId, side: Side) -> u64 {
        self.members(id, side).map_or(0, |it| it.len())
    }

    /// The rules about addresses.
    pub fn rules(&self) -> &Rules {
        &self.0.rules.rules
    }

    /// The rows that the rules suppress, of the first `rows`: found by `find` once, for as long as neither rules nor rows
    /// come. Keys of rows never change.
    pub(super) fn ruled_rows(&self, rows: u32, find: impl FnOnce() -> RuledRows) -> Rc<RuledRows> {
        let mut kept = self.0.rules.rows.borrow_mut();
        match &*kept {
            Some((of, ruled)) if *of == rows => Rc::clone(ruled),
            _ => {
                let ruled = Rc::new(find());
                *kept = Some((rows, Rc::clone(&ruled)));
                ruled
            }
        }
    }

    /// Forgets which rows the rules suppress: a row got its address again.
    pub(super) fn forget_ruled_rows(&mut self) {
        // Not the cell that is there: a world that is still looked at has it too.
        let rules = self.0.rules.rules.clone();
        Rc::make_mut(&mut self.0).rules = Rc::new(Ruling { rules, rows: RefCell::default() });
    }

    /// Whether someone would be in `id` only because he is in `id`: such a query says nothing.
    pub fn is_circular(&self, id: ItemId, body: &Body) -> bool {
        let mut seen = vec![id];
        let mut next = body.refers_to();
        while let Some(it) = next.pop() {
            if it == id {
                return true;
            }
            if !seen.contains(&it) {
                seen.push(it);
                next.extend(self.item(it).into_iter().flat_map(|it| it.body.refers_to()));
            }
        }
        false
    }

    /// What an act says, after all before it.
    pub(super) fn apply(&mut self, act: &Act) {
        if act.items.defined.is_empty() && act.items.memberships.is_empty() {
            return;
        }
        let shelf = Rc::make_mut(&mut self.0);
        if shelf.take(act) {
            shelf.follow_rules();
        }
    }

    /// What all these acts say, from nothing.
    pub(super) fn fold<'a>(&mut self, acts: impl Iterator<Item = &'a Rc<Act>>) {
        let mut shelf = Shelf::default();
        acts.for_each(|it| {
            shelf.take(it);
        });
        shelf.follow_rules();
        self.0 = Rc::new(shelf);
    }
}

impl Shelf {
    /// Takes in what an act says; tells whether that changed the rules, which do not follow yet.
    fn take(&mut self, act: &Act) -> bool {
        let is_rule = |it: &Item| matches!(it.body, Body::Rule(_));
        let mut rules = false;
        for (id, item) in &act.items.defined {
            rules |= item.as_ref().is_some_and(is_rule) || self.items.get(id).is_some_and(|it| is_rule(it));
            match item {
                Some(item) => drop(self.items.insert(*id, Rc::new(item.clone()))),
                None => drop(self.items.remove(id)),
            }
        }
        for Membership { of, side, joined, members } in &act.items.memberships {
            let set = Rc::make_mut(self.members.entry((*of, *side)).or_default());
            if *joined {
                *set |= members;
            } else {
                *set -= members;
            }
        }
        rules
    }

    fn follow_rules(&mut self) {
        let rules = self.items.iter().filter_map(|(id, item)| match &item.body {
            Body::Rule(rule) => Some((*id, rule)),
            _ => None,
        });
        self.rules = Rc::new(Ruling { rules: Rules::of(rules), rows: RefCell::default() });
    }
}
