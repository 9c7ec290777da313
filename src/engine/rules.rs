//! Rules about addresses before they are made or removed, and how many addresses each is about. Decides nothing: that
//! is [`super::decide_items`].

use super::world::World;
use crate::domain::item::{Body, ItemId, ItemKind, Pattern, Rule, RuleKind};
use crate::domain::preference::Channel;
use crate::domain::suppression::{ROLE_LOCAL_PARTS, Rules};
use crate::limits::{RULE_PROBLEMS_SHOWN, RULE_SAMPLES_SHOWN, RULES_MAX};
use crate::protocol::{RuleChange, RulePreview, RuleTally};
use hashbrown::{HashMap, HashSet};

/// What typed or pasted lines mean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadRules {
    /// Rules that are new, each once.
    pub new: Vec<Rule>,
    /// How many stand already, or were written twice.
    pub already: u64,
    /// Lines that are no rule, with the reason.
    pub problems: Vec<(String, String)>,
    /// How many there were of these.
    pub bad: u64,
}

/// The rules that stand.
fn standing(world: &World) -> impl Iterator<Item = (ItemId, &Rule)> {
    world.library.of_kind(ItemKind::Rule).filter_map(|(id, item)| match &item.body {
        Body::Rule(rule) => Some((id, rule)),
        _ => None,
    })
}

/// Reads one rule a line; commas and semicolons part them too.
pub fn read(world: &World, kind: RuleKind, text: &str) -> ReadRules {
    let mut all = ReadRules::default();
    let mut known: HashSet<Rule> = standing(world).map(|it| it.1.clone()).collect();
    for piece in text.split(['\n', ',', ';']).map(str::trim).filter(|it| !it.is_empty()) {
        let read = match Pattern::read(piece) {
            Ok(Pattern::Roles) if kind != RuleKind::Suppress => Err("can only be suppressed as a whole"),
            Ok(_) if known.len() >= RULES_MAX => {
                Err("is one rule too many; import addresses as opt-outs instead")
            }
            read => read,
        };
        match read {
            Ok(pattern) => {
                let rule = Rule { kind, pattern };
                if known.insert(rule.clone()) {
                    all.new.push(rule);
                } else {
                    all.already += 1;
                }
            }
            Err(problem) => {
                all.bad += 1;
                if all.problems.len() < RULE_PROBLEMS_SHOWN {
                    all.problems.push((piece.to_owned(), problem.to_owned()));
                }
            }
        }
    }
    all
}

/// How many contacts each rule is about, and each kind of role address: one pass over the table.
pub fn tally(world: &World) -> RuleTally {
    let rules = world.library.rules();
    let mut counts: HashMap<ItemId, u64> = standing(world).map(|it| (it.0, 0)).collect();
    let mut roles = vec![0; ROLE_LOCAL_PARTS.len()];
    for row in (0..world.rows).filter(|it| world.is_contact(*it)) {
        let key = world.email(row);
        rules.each(key, |id| *counts.entry(id).or_default() += 1);
        if let Some((local, _)) = key.split_once('@')
            && let Ok(at) = ROLE_LOCAL_PARTS.binary_search(&local)
        {
            roles[at] += 1;
        }
    }
    let mut rules: Vec<(ItemId, u64)> = counts.into_iter().collect();
    rules.sort_unstable();
    RuleTally { rules, roles }
}

/// What a change of rules would do to whom, among the contacts that nothing else keeps from being mailed.
pub fn preview(world: &World, change: &RuleChange) -> RulePreview {
    let mut preview = RulePreview::default();
    let (mut changed, mut removed) = (Vec::new(), HashSet::new());
    match change {
        RuleChange::Add { kind, text } => {
            let read = read(world, *kind, text);
            preview.already = read.already;
            preview.bad = read.bad;
            preview.problems = read.problems;
            changed = read.new;
        }
        RuleChange::Remove(ids) => {
            removed.extend(ids.iter().copied());
            changed.extend(standing(world).filter(|it| removed.contains(&it.0)).map(|it| it.1.clone()));
        }
    }
    preview.rules = changed.len() as u64;
    if changed.is_empty() {
        return preview;
    }
    // Numbers of their own: which rule it is matters to nobody here.
    let numbered = |rules: &[Rule]| -> Vec<(ItemId, Rule)> {
        (0..).map(|it| ItemId(u32::MAX - it)).zip(rules.iter().cloned()).collect()
    };
    let about = Rules::of(numbered(&changed).iter().map(|it| (it.0, &it.1)));
    let added = if removed.is_empty() { numbered(&changed) } else { Vec::new() };
    let stay = standing(world).filter(|it| !removed.contains(&it.0));
    let after = Rules::of(stay.chain(added.iter().map(|it| (it.0, &it.1))));
    let before = world.library.rules();
    let mut hit = Vec::new();
    let mut turned = Vec::new();
    for row in (0..world.rows).filter(|it| world.is_contact(*it)) {
        let key = world.email(row);
        let mut is_about = false;
        about.each(key, |_| is_about = true);
        if is_about {
            preview.hit += 1;
            if hit.len() < RULE_SAMPLES_SHOWN {
                hit.push(row);
            }
        }
        if key.is_empty() || world.preferences(row).suppresses(Channel::Email) {
            continue;
        }
        let change = match (before.hit(key).is_some(), after.hit(key).is_some()) {
            (false, true) => &mut preview.lost,
            (true, false) => &mut preview.regained,
            _ => continue,
        };
        *change += 1;
        if turned.len() < RULE_SAMPLES_SHOWN {
            turned.push(row);
        }
    }
    let shown = if preview.lost + preview.regained > 0 { turned } else { hit };
    preview.samples = shown.into_iter().map(|it| world.spelling(it).to_owned()).collect();
    preview
}
