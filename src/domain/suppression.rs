//! Rules about addresses by how they are written: suppressed domains, beginnings and endings, role addresses with
//! those that are allowed all the same, and the own addresses that are never opted out. Knows match keys, and no
//! table of addresses.

use super::item::{ItemId, Pattern, Rule, RuleKind};

/// Local parts that stand for a function and not for a person: the list that Mailchimp refuses at import (domain.md
/// C.5), with those that other platforms add.
pub const ROLE_LOCAL_PARTS: [&str; 42] = [
    "abuse",
    "admin",
    "billing",
    "compliance",
    "contact",
    "devnull",
    "dns",
    "ftp",
    "help",
    "hostmaster",
    "info",
    "inoc",
    "ispfeedback",
    "ispsupport",
    "jobs",
    "list",
    "list-request",
    "maildaemon",
    "marketing",
    "no-reply",
    "noc",
    "noreply",
    "null",
    "office",
    "phish",
    "phishing",
    "postmaster",
    "privacy",
    "registrar",
    "root",
    "sales",
    "security",
    "service",
    "spam",
    "support",
    "sysadmin",
    "tech",
    "undisclosed-recipients",
    "unsubscribe",
    "usenet",
    "uucp",
    "webmaster",
];

/// Whether a match key is that of a role address.
pub fn is_role(key: &str) -> bool {
    key.split_once('@').is_some_and(|(local, _)| ROLE_LOCAL_PARTS.binary_search(&local).is_ok())
}

/// What a rule says of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleHit {
    /// Suppressed by this rule.
    Suppressed(ItemId),
    /// A role address, which this rule suppresses.
    Role(ItemId),
}

/// All rules that stand, ready to be asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rules {
    suppress: Patterns,
    allow: Patterns,
    protect: Patterns,
    roles: Option<ItemId>,
}

/// Patterns by their kind; the texts sorted.
#[derive(Clone, Debug, Default, PartialEq)]
struct Patterns {
    exactly: Vec<(Box<str>, ItemId)>,
    domains: Vec<(Box<str>, ItemId)>,
    begins: Vec<(Box<str>, ItemId)>,
    ends: Vec<(Box<str>, ItemId)>,
    /// How long beginnings and endings are, each length once: an address is asked once a length, however many there are.
    lengths: (Vec<usize>, Vec<usize>),
}

impl Patterns {
    fn add(&mut self, pattern: &Pattern, id: ItemId) {
        let (list, text) = match pattern {
            Pattern::Exactly(it) => (&mut self.exactly, it),
            Pattern::Domain(it) => (&mut self.domains, it),
            Pattern::Begins(it) => (&mut self.begins, it),
            Pattern::Ends(it) => (&mut self.ends, it),
            Pattern::Roles => return,
        };
        if let Err(at) = list.binary_search_by(|it| (*it.0).cmp(text)) {
            list.insert(at, (text.as_str().into(), id));
        }
        let lengths = match pattern {
            Pattern::Begins(_) => &mut self.lengths.0,
            Pattern::Ends(_) => &mut self.lengths.1,
            _ => return,
        };
        if !lengths.contains(&text.len()) {
            lengths.push(text.len());
        }
    }

    fn is_empty(&self) -> bool {
        [&self.exactly, &self.domains, &self.begins, &self.ends].iter().all(|it| it.is_empty())
    }

    fn find(&self, key: &str) -> Option<ItemId> {
        let mut found = None;
        self.each(key, |id| {
            found = Some(id);
            false
        });
        found
    }

    /// Calls `each` with every pattern that a key fits, until it answers that it wants no more.
    fn each(&self, key: &str, mut each: impl FnMut(ItemId) -> bool) {
        if self.is_empty() || key.is_empty() {
            return;
        }
        let mut look = |list: &[(Box<str>, ItemId)], text: Option<&str>| {
            let Some(text) = text else { return true };
            let at = list.binary_search_by(|it| (*it.0).cmp(text));
            at.map_or(true, |at| each(list[at].1))
        };
        if !look(&self.exactly, Some(key)) {
            return;
        }
        if !self.domains.is_empty()
            && let Some(at) = key.rfind('@')
        {
            let mut domain = &key[at + 1..];
            loop {
                if !look(&self.domains, Some(domain)) {
                    return;
                }
                let Some(dot) = domain.find('.') else { break };
                domain = &domain[dot + 1..];
            }
        }
        let (begins, ends) = &self.lengths;
        let _ = begins.iter().all(|length| look(&self.begins, key.get(..*length)))
            && ends.iter().all(|length| {
                let from = key.len().checked_sub(*length);
                look(&self.ends, from.and_then(|it| key.get(it..)))
            });
    }
}

impl Rules {
    /// The rules that stand.
    pub fn of<'a>(rules: impl Iterator<Item = (ItemId, &'a Rule)>) -> Rules {
        let mut all = Rules::default();
        for (id, Rule { kind, pattern }) in rules {
            match (kind, pattern) {
                (RuleKind::Suppress, Pattern::Roles) => all.roles = all.roles.or(Some(id)),
                (RuleKind::Suppress, it) => all.suppress.add(it, id),
                (RuleKind::Allow, it) => all.allow.add(it, id),
                (RuleKind::Protect, it) => all.protect.add(it, id),
            }
        }
        all
    }

    /// Whether no rule suppresses anyone.
    pub fn suppress_nobody(&self) -> bool {
        self.suppress.is_empty() && self.roles.is_none()
    }

    /// What keeps an e-mail address, by its match key, from being sent to. An address that is allowed is still
    /// suppressed by a rule of its own; allowing speaks of role addresses alone.
    pub fn hit(&self, key: &str) -> Option<RuleHit> {
        if let Some(id) = self.suppress.find(key) {
            return Some(RuleHit::Suppressed(id));
        }
        let id = self.roles.filter(|_| is_role(key) && self.allow.find(key).is_none())?;
        Some(RuleHit::Role(id))
    }

    /// Whether an address is one of the own, which are never opted out.
    pub fn protects(&self, key: &str) -> bool {
        self.protect.find(key).is_some()
    }

    /// Calls `each` with every rule that is about a key, whatever others say of it.
    pub fn each(&self, key: &str, mut each: impl FnMut(ItemId)) {
        let of_role = is_role(key);
        for (patterns, asked) in [(&self.suppress, true), (&self.allow, of_role), (&self.protect, true)] {
            if asked {
                patterns.each(key, |id| {
                    each(id);
                    true
                });
            }
        }
        if let Some(id) = self.roles.filter(|_| of_role && self.allow.find(key).is_none()) {
            each(id);
        }
    }

    /// The rule that suppresses role addresses, if one does.
    pub fn roles(&self) -> Option<ItemId> {
        self.roles
    }

    /// Whether a key is that of a role address that is not allowed, whether such are suppressed or not.
    pub fn is_role(&self, key: &str) -> bool {
        is_role(key) && self.allow.find(key).is_none()
    }

    /// Whether any address is.
    pub fn protect_any(&self) -> bool {
        !self.protect.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(all: &[(RuleKind, &str)]) -> Rules {
        let all: Vec<Rule> = all
            .iter()
            .map(|(kind, text)| Rule { kind: *kind, pattern: Pattern::parse(text).unwrap() })
            .collect();
        Rules::of(all.iter().enumerate().map(|(at, it)| (ItemId(at as u32), it)))
    }

    #[test]
    fn rules_say_who_is_suppressed() {
        let rules = rules(&[
            (RuleKind::Suppress, "acme.com"),
            (RuleKind::Suppress, "noreply@*"),
            (RuleKind::Suppress, "*.test"),
            (RuleKind::Suppress, "ann@example.org"),
            (RuleKind::Suppress, "role addresses"),
            (RuleKind::Allow, "info@example.org"),
            (RuleKind::Allow, "sales@acme.com"),
            (RuleKind::Allow, "partner.org"),
            (RuleKind::Protect, "@mine.example"),
        ]);
        let suppressed = |it| Some(RuleHit::Suppressed(ItemId(it)));
        let table = [
            ("joe@acme.com", suppressed(0)),
            ("joe@mail.acme.com", suppressed(0)),
            ("joe@notacme.com", None),
            ("noreply@example.org", suppressed(1)),
            ("joe@lab.test", suppressed(2)),
            ("ann@example.org", suppressed(3)),
            ("anna@example.org", None),
            ("info@example.com", Some(RuleHit::Role(ItemId(4)))),
            ("info@example.org", None),
            ("abuse@eu.partner.org", None),
            // Allowing speaks of role addresses alone.
            ("sales@acme.com", suppressed(0)),
            ("information@example.com", None),
            ("", None),
        ];
        for (key, expected) in table {
            assert_eq!(rules.hit(key), expected, "{key}");
        }
        let mut all = Vec::new();
        rules.each("noreply@eu.acme.com", |it| all.push(it.0));
        assert_eq!(all, [0, 1, 4], "each rule that is about it, not only the first");
        assert!(rules.is_role("info@example.com") && !rules.is_role("info@example.org"));
        assert!(rules.protects("me@mine.example") && !rules.protects("me@example.org"));
        assert!(Rules::default().suppress_nobody() && !rules.suppress_nobody());
    }

    #[test]
    fn the_role_addresses_are_sorted() {
        assert!(ROLE_LOCAL_PARTS.is_sorted());
        assert!(is_role("postmaster@example.org") && !is_role("postmaster"));
    }
}
