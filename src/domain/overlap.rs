//! Two or three sets of contacts laid over each other: the regions in which someone can be, what each is called, and the
//! condition that means the regions somebody chose. Counts nobody: that is `engine::overlap`.

use super::insight::{FigureRow, Figures, Series};
use super::query::{Names, Query, Status, Term};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

/// Most sets of a comparison: of four, circles would not show every region.
pub const SETS_MAX: usize = 3;

/// Sets that are compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// The sets, each of which [`is_set`]; at most [`SETS_MAX`], all different.
    pub sets: Vec<Term>,
    /// What holds of everyone who is looked at.
    pub within: Query,
}

/// Some of the regions of a comparison. A region has a number: bit n of it says that whoever is there is in set n. The
/// region with the number 0 is that of those who are in none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Regions(u8);

impl Regions {
    /// Those of which `is` says so, of so many sets.
    pub fn of(sets: usize, is: impl Fn(usize) -> bool) -> Regions {
        Regions((0..1 << sets).filter(|it| is(*it)).fold(0, |all, it| all | 1 << it))
    }

    /// Whether a region is among them.
    pub fn has(self, region: usize) -> bool {
        self.0 >> region & 1 == 1
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The same with a region, or without it if it was there.
    #[must_use]
    pub fn toggled(self, region: usize) -> Regions {
        Regions(self.0 ^ 1 << region)
    }

    /// How many contacts are in them.
    pub fn sum(self, contacts: &[u64]) -> u64 {
        contacts.iter().enumerate().filter(|it| self.has(it.0)).map(|it| it.1).sum()
    }
}

/// Whether a condition is a set that people compare: a segment, a list of a file, a status.
pub fn is_set(term: &Term) -> bool {
    matches!(term, Term::In(_) | Term::Status { since: None, .. })
}

impl Comparison {
    /// The sets that a condition combines, and the regions that it means; `None` if it combines less or more than can be
    /// compared, or with what is no set. What stands beside them and is about no set holds of everyone.
    pub fn of(query: &Query) -> Option<(Comparison, Regions)> {
        let parts = match query {
            Query::All(of) => of.as_slice(),
            other => std::slice::from_ref(other),
        };
        let (mut sets, mut of_sets, mut within) = (Vec::new(), Vec::new(), Query::everyone());
        for part in parts {
            let (mut own, mut others) = (Vec::new(), 0);
            part.each_term(&mut |term| match is_set(term) {
                true => own.push(term.clone()),
                false => others += 1,
            });
            match (own.is_empty(), others) {
                (true, _) => within = within.and(part.clone()),
                (false, 0) => of_sets.push(part),
                _ => return None,
            }
            for term in own {
                if !sets.contains(&term) {
                    sets.push(term);
                }
            }
        }
        if !(2..=SETS_MAX).contains(&sets.len()) {
            return None;
        }
        let regions = Regions::of(sets.len(), |region| of_sets.iter().all(|part| holds(part, &sets, region)));
        Some((Comparison { sets, within }, regions))
    }

    /// Whether these can be counted: one or more sets, not more than can be compared, all different.
    pub fn can_be_counted(&self) -> bool {
        let different = |at: usize| !self.sets[..at].contains(&self.sets[at]);
        (1..=SETS_MAX).contains(&self.sets.len())
            && self.sets.iter().all(is_set)
            && (0..self.sets.len()).all(different)
    }

    /// The condition that means some regions, as short as it can be said.
    pub fn query(&self, chosen: Regions) -> Query {
        let literals = |cube: Cube| -> Vec<Query> {
            let asked = self.sets.iter().enumerate().filter(|it| cube.asks >> it.0 & 1 == 1);
            let literal = |(at, set): (usize, &Term)| match cube.is >> at & 1 {
                1 => Query::Is(set.clone()),
                _ => Query::Not(Box::new(Query::Is(set.clone()))),
            };
            let mut all: Vec<Query> = asked.map(literal).collect();
            // "In this and not in that" reads better than the other way round.
            all.sort_by_key(|it| matches!(it, Query::Not(_)));
            all
        };
        let cubes = cover(self.sets.len(), chosen);
        let Some(first) = cubes.first() else {
            return Query::Not(Box::new(Query::everyone()));
        };
        // What all of them ask alike is asked once.
        let asks = cubes.iter().fold(first.asks, |asks, it| asks & it.asks & !(it.is ^ first.is));
        let common = Cube { asks, is: first.is & asks };
        let rest = cubes.iter().map(|it| {
            let rest = Cube { asks: it.asks & !asks, is: it.is & !asks };
            Query::All(literals(rest))
        });
        let any = Query::Any(rest.collect()).normal();
        let mut parts = literals(common);
        if !any.is_everyone() {
            let negative = parts.partition_point(|it| !matches!(it, Query::Not(_)));
            parts.insert(negative, any);
        }
        Query::All(parts).and(self.within.clone()).normal()
    }

    /// What the sets are called, each in quotes where a person gave it its name.
    pub fn names(&self, names: &Names<'_>) -> Vec<String> {
        let own = |it: &Term| match it {
            Term::In(id) => {
                let found = names.segments.iter().find(|it| it.0 == *id);
                found.map_or_else(|| "what is not there any more".to_owned(), |it| format!("“{}”", it.1))
            }
            Term::Status { status: Status::Preference(it), .. } => it.entry().name.to_owned(),
            Term::Status { status, .. } => status.label().to_owned(),
            _ => String::new(),
        };
        self.sets.iter().map(own).collect()
    }

    /// The regions with their numbers, those of most sets first and last those who are in none: a table.
    pub fn figures(&self, names: &Names<'_>, contacts: &[u64]) -> Figures {
        let names = self.names(names);
        let row = |it: usize| FigureRow {
            label: region_name(&names, it),
            numbers: vec![contacts.get(it).copied().unwrap_or(0)],
        };
        let rows = regions_in_order(self.sets.len()).into_iter().map(row).collect();
        Figures { by: "Who", series: vec![CONTACTS], rows }
    }
}

/// The column of the numbers.
pub const CONTACTS: Series = Series { name: "Contacts", one: "Contact", hue: "accent" };

/// The numbers of all regions, those of most sets first.
pub fn regions_in_order(sets: usize) -> Vec<usize> {
    let mut all: Vec<usize> = (0..1 << sets).collect();
    // Within as many sets those that have the first set come first.
    all.sort_by_key(|it| Reverse((it.count_ones(), it.reverse_bits())));
    all
}

/// Where somebody is, in words: "Only in “Guests”".
pub fn region_name(names: &[String], region: usize) -> String {
    let within: Vec<&str> =
        names.iter().enumerate().filter(|it| region >> it.0 & 1 == 1).map(|it| it.1.as_str()).collect();
    match (within.as_slice(), names.len()) {
        ([], 2) => "In neither".to_owned(),
        ([], _) => "In none of them".to_owned(),
        ([_, _], 2) => "In both".to_owned(),
        ([_, _, _], _) => "In all three".to_owned(),
        ([one], _) => format!("Only in {one}"),
        (several, _) => format!("In {}, and not in the third", several.join(" and ")),
    }
}

/// Whether a condition on sets holds of those in a region.
fn holds(query: &Query, sets: &[Term], region: usize) -> bool {
    match query {
        Query::All(of) => of.iter().all(|it| holds(it, sets, region)),
        Query::Any(of) => of.iter().any(|it| holds(it, sets, region)),
        Query::Not(it) => !holds(it, sets, region),
        Query::Is(term) => sets.iter().position(|it| it == term).is_some_and(|at| region >> at & 1 == 1),
    }
}

/// Some regions in one breath: of each set that is asked for, whether one has to be in it.
#[derive(Clone, Copy)]
struct Cube {
    /// Bit n: it asks for set n.
    asks: usize,
    /// Bit n: one has to be in it.
    is: usize,
}

impl Cube {
    fn regions(self, sets: usize) -> Regions {
        Regions::of(sets, |it| it & self.asks == self.is)
    }
}

/// The fewest cubes that are exactly these regions together; of as few those that ask least, and rather for who is in a
/// set than for who is not. There are 27 cubes of three sets, and never more than four are needed.
fn cover(sets: usize, chosen: Regions) -> Vec<Cube> {
    let all = 0..1usize << sets;
    let cubes = all.clone().flat_map(|asks| all.clone().map(move |is| Cube { asks, is }));
    let inside: Vec<Cube> =
        cubes.filter(|it| it.is & !it.asks == 0 && it.regions(sets).0 & !chosen.0 == 0).collect();
    // Only those that are in no larger one.
    let larger = |one: &Cube, other: &Cube| {
        other.asks != one.asks && other.asks & !one.asks == 0 && one.is & other.asks == other.is
    };
    let prime: Vec<Cube> =
        inside.iter().filter(|one| !inside.iter().any(|other| larger(one, other))).copied().collect();
    let cost = |picked: &Vec<Cube>| {
        let asked: u32 = picked.iter().map(|it| it.asks.count_ones()).sum();
        let not: u32 = picked.iter().map(|it| (it.asks & !it.is).count_ones()).sum();
        (picked.len(), asked, not)
    };
    let subsets = (0..1usize << prime.len()).map(|subset| {
        prime.iter().enumerate().filter(|it| subset >> it.0 & 1 == 1).map(|it| *it.1).collect::<Vec<Cube>>()
    });
    subsets
        .filter(|it| it.iter().fold(0, |all, cube| all | cube.regions(sets).0) == chosen.0)
        .min_by_key(cost)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::item::ItemId;
    use crate::domain::query::{parse, print, sentence};

    fn names() -> Vec<(ItemId, String)> {
        ["Guests", "Members", "Autumn fair"]
            .into_iter()
            .enumerate()
            .map(|(at, it)| (ItemId(at as u32), it.to_owned()))
            .collect()
    }

    fn comparison(sets: usize) -> Comparison {
        let sets = (0..sets).map(|it| Term::In(ItemId(it as u32))).collect();
        Comparison { sets, within: Query::everyone() }
    }

    #[test]
    fn every_choice_of_regions_has_a_condition_that_means_just_those() {
        for sets in 2..=SETS_MAX {
            let of = comparison(sets);
            for choice in 0..=u8::MAX >> (8 - (1 << sets)) {
                let chosen = Regions(choice);
                let query = of.query(chosen);
                let same = Regions::of(sets, |region| holds(&query, &of.sets, region));
                assert_eq!(same, chosen, "{query:?}");
                let known = names();
                let names = Names { segments: &known, ..Names::default() };
                // It can be typed, and stays what it is.
                assert_eq!(parse(&print(&query, &names), &names).map(Query::normal), Ok(query.clone()));
                if let Some((again, regions)) = Comparison::of(&query)
                    && again.sets == of.sets
                {
                    assert_eq!(again.query(regions), query);
                }
            }
        }
    }

    #[test]
    fn conditions_are_said_as_people_would_say_them() {
        let known = names();
        let names = Names { segments: &known, ..Names::default() };
        let table = [
            (vec![1, 2, 3], "segment:\"Guests\" OR segment:\"Members\""),
            (vec![3], "segment:\"Guests\" segment:\"Members\""),
            (vec![1], "segment:\"Guests\" -segment:\"Members\""),
            (vec![1, 3], "segment:\"Guests\""),
            (vec![0], "-segment:\"Guests\" -segment:\"Members\""),
        ];
        for (regions, text) in table {
            let chosen = Regions::of(2, |it| regions.contains(&it));
            assert_eq!(print(&comparison(2).query(chosen), &names), text);
        }
        let minus = comparison(3).query(Regions::of(3, |it| it & 0b100 == 0 && it != 0));
        assert_eq!(
            print(&minus, &names),
            "(segment:\"Guests\" OR segment:\"Members\") -segment:\"Autumn fair\""
        );
        assert_eq!(
            sentence(&minus, &names),
            "Contacts (in the segment “Guests” or in the segment “Members”), but not those in the segment “Autumn fair”."
        );
        let labels: Vec<String> =
            comparison(3).figures(&names, &[1; 8]).rows.into_iter().map(|it| it.label).collect();
        assert_eq!(labels[0], "In all three");
        assert_eq!(labels[1], "In “Guests” and “Members”, and not in the third");
        assert_eq!(
            labels[4..],
            ["Only in “Guests”", "Only in “Members”", "Only in “Autumn fair”", "In none of them"]
        );
    }

    #[test]
    fn a_condition_is_a_picture_if_it_combines_two_or_three_sets() {
        let known = names();
        let names = Names { segments: &known, ..Names::default() };
        let of = |text: &str| Comparison::of(&parse(text, &names).unwrap());
        let (found, regions) =
            of("segment:Guests -segment:Members domain:gmail.com -status:mailable").unwrap();
        assert_eq!((found.sets.len(), regions), (3, Regions(1 << 1)));
        assert_eq!(found.within, parse("domain:gmail.com", &names).unwrap());
        assert_eq!(
            found.query(regions).normal(),
            parse("segment:Guests -segment:Members -status:mailable domain:gmail.com", &names).unwrap()
        );
        for text in [
            "segment:Guests",
            "segment:Guests segment:Guests",
            "segment:Guests domain:gmail.com",
            "(segment:Guests OR domain:gmail.com) segment:Members",
            "status:none status:mailable segment:Guests segment:Members",
            "",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
