//! Hard bounces that look like a fault of a server and not of the addresses: many at one domain, within an hour, with
//! one text. Finds them; what is to be done with them a person says.
//!
//! The rule ([`stands_out`]): at least [`FAULT_BOUNCES_MIN`], and either more than half of all addresses that are known
//! at the domain (so many people do not leave within an hour), or [`FAULT_TIMES_USUAL`] times what the domain's other
//! hours with hard bounces had on average, if there are [`FAULT_HOURS_MIN`] such (at a large provider an hour's fault
//! reaches only a part of the addresses, and every campaign brings a burst: what stands out is a burst ten times the
//! usual one). A domain that is gone for good looks the same; so nothing is changed by itself.
//!
//! Only bounces with a time are looked at. A file that gives a day, or nothing, says nothing about an hour.

use super::domains::domains;
use super::world::World;
use crate::domain::act::Timestamp;
use crate::domain::bounce::domain_of;
use crate::limits::{BLOCK_WORDS, FAULT_BOUNCES_MIN, FAULT_HOURS_MIN, FAULT_TIMES_USUAL};
use hashbrown::{HashMap, HashSet};
use roaring::RoaringBitmap;
use std::hash::{BuildHasher, Hasher};
use std::ops::Range;

const HOUR: Timestamp = 3_600_000;
const DAY: Timestamp = 24 * HOUR;

/// A hard bounce with its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Dated {
    domain: u32,
    date: Timestamp,
    /// What its text is like, as the caller numbers it.
    group: u32,
    row: u32,
}

/// Hard bounces that look like a fault of a server.
#[derive(Clone, Debug, PartialEq)]
pub struct Outage {
    /// Where.
    pub domain: Box<str>,
    /// What their texts are like, as [`Outages::add`] was told.
    pub group: u32,
    /// When the first of them happened.
    pub from: Timestamp,
    /// When the last of them happened.
    pub to: Timestamp,
    /// To whom.
    pub rows: RoaringBitmap,
    /// Addresses that are known at the domain.
    pub known: u64,
    /// Hard bounces in other hours that had any, on average; `None` where there are too few to say.
    pub usual: Option<u64>,
}

/// Domains at which there may be a burst: found by counting, so that the many where there is none need not be sorted.
/// Names one too many now and then, where two hours share a counter; none too few.
pub struct Suspects {
    /// How many bounced at a domain in an hour of the clock, by a hash of the two.
    counters: Vec<u8>,
    /// Hashes of the domains.
    domains: HashSet<u64>,
}

/// Counters, as a power of two: a million bounces that trickle in leave each nearly empty.
const COUNTER_BITS: u32 = 21;

impl Default for Suspects {
    fn default() -> Suspects {
        Suspects { counters: vec![0; 1 << COUNTER_BITS], domains: HashSet::new() }
    }
}

impl Suspects {
    /// Notes a hard bounce.
    pub fn add(&mut self, key: &str, date: Timestamp) {
        if date % DAY == 0 {
            return;
        }
        let domain = hash(domain_of(key));
        let both = (domain ^ date.div_euclid(HOUR) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let counter = &mut self.counters[(both >> (64 - COUNTER_BITS)) as usize];
        *counter = counter.saturating_add(1);
        // What fits into an hour lies in two hours of the clock, so half of it in one.
        if usize::from(*counter) >= FAULT_BOUNCES_MIN.div_ceil(2) {
            self.domains.insert(domain);
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.domains.is_empty()
    }

    /// Whether an address's domain is one.
    pub fn has(&self, key: &str) -> bool {
        self.domains.contains(&hash(domain_of(key)))
    }
}

/// A fixed seed will do: a file that chooses colliding domains only costs time.
fn hash(domain: &str) -> u64 {
    let mut hasher = foldhash::fast::FixedState::with_seed(0).build_hasher();
    hasher.write(domain.as_bytes());
    hasher.finish()
}

/// Collects hard bounces.
#[derive(Default)]
pub struct Outages<'a> {
    domains: HashMap<&'a str, u32>,
    counts: Vec<u32>,
    dated: Vec<Dated>,
}

impl<'a> Outages<'a> {
    /// Notes one: its address's match key, when it happened, and a number for what its text is like.
    pub fn add(&mut self, key: &'a str, row: u32, date: Timestamp, group: u32) {
        if date % DAY == 0 {
            return;
        }
        let next = self.counts.len() as u32;
        let domain = *self.domains.entry(domain_of(key)).or_insert(next);
        if domain == next {
            self.counts.push(0);
        }
        self.counts[domain as usize] += 1;
        self.dated.push(Dated { domain, date, group, row });
    }

    /// Those that stand out, the largest first.
    pub fn find(self, world: &World) -> Vec<Outage> {
        let Outages { domains, counts, mut dated } = self;
        dated.retain(|it| counts[it.domain as usize] as usize >= FAULT_BOUNCES_MIN);
        sort(&mut dated, |it| (it.domain, it.date, it.row));
        let suspects: Vec<(&[Dated], Vec<Dated>)> = dated
            .chunk_by(|one, next| one.domain == next.domain)
            .filter_map(|all| {
                let mut by_group = all.to_vec();
                sort(&mut by_group, |it| (it.group, it.date, it.row));
                let burst = by_group.windows(FAULT_BOUNCES_MIN).any(|it| {
                    let (first, last) = (it[0], it[it.len() - 1]);
                    first.group == last.group && last.date - first.date < HOUR
                });
                burst.then_some((all, by_group))
            })
            .collect();
        let mut names = vec![""; counts.len()];
        domains.iter().for_each(|(name, domain)| names[*domain as usize] = name);
        let name = |of: &[Dated]| of.first().map_or("", |it| names[it.domain as usize]);
        let known = known_at(world, suspects.iter().map(|it| name(it.0)));
        let mut found = Vec::new();
        for (all, by_group) in &suspects {
            let domain = name(all);
            let known = known.get(domain).copied().unwrap_or(0);
            let dates: Vec<Timestamp> = all.iter().map(|it| it.date).collect();
            for group in by_group.chunk_by(|one, next| one.group == next.group) {
                for part in bursts(group, |part| stands_out(part.len() as u64, known, usual(&dates, part))) {
                    let part = &group[part];
                    let (Some(first), Some(last)) = (part.first(), part.last()) else { continue };
                    found.push(Outage {
                        domain: domain.into(),
                        group: first.group,
                        from: first.date,
                        to: last.date,
                        rows: part.iter().map(|it| it.row).collect(),
                        known,
                        usual: usual(&dates, part),
                    });
                }
            }
        }
        found.sort_unstable_by_key(|it| (std::cmp::Reverse(it.rows.len()), it.from));
        found
    }
}

/// Sorts; one function for every order, since each would be compiled anew.
fn sort(list: &mut [Dated], key: fn(&Dated) -> (u32, Timestamp, u32)) {
    list.sort_unstable_by_key(key);
}

/// Whether so many hard bounces within an hour, with one text, stand out at a domain. See the head of this file.
pub fn stands_out(count: u64, known: u64, usual: Option<u64>) -> bool {
    count >= FAULT_BOUNCES_MIN as u64
        && (count * 2 > known || usual.is_some_and(|it| count >= FAULT_TIMES_USUAL * it.max(1)))
}

/// Hard bounces on average in the hours that had any, outside the hours of `part`; `dates` are all of the domain.
fn usual(dates: &[Timestamp], part: &[Dated]) -> Option<u64> {
    let hour = |it: Timestamp| it.div_euclid(HOUR);
    let (first, last) = (hour(part.first()?.date), hour(part.last()?.date));
    let outside = dates.iter().map(|it| hour(*it)).filter(|it| !(first..=last).contains(it));
    let (mut count, mut hours, mut before) = (0, 0, None);
    for hour in outside {
        count += 1;
        hours += u64::from(before != Some(hour));
        before = Some(hour);
    }
    (hours >= FAULT_HOURS_MIN).then(|| u64::div_ceil(count, hours))
}

/// The parts of a list, ordered by time, that fit into an hour and stand out, the fullest hours first; those that follow
/// each other within an hour are one.
fn bursts(list: &[Dated], stands_out: impl Fn(&[Dated]) -> bool) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut rest: Vec<Range<usize>> = std::iter::once(0..list.len()).collect();
    while let Some(range) = rest.pop() {
        let best = fullest_hour(&list[range.clone()]);
        let best = range.start + best.start..range.start + best.end;
        if best.len() < FAULT_BOUNCES_MIN || !stands_out(&list[best.clone()]) {
            continue;
        }
        rest.push(range.start..best.start);
        rest.push(best.end..range.end);
        found.push(best);
    }
    found.sort_unstable_by_key(|it| it.start);
    found.dedup_by(|next, one| {
        let follows = list[next.start].date - list[one.end - 1].date <= HOUR;
        if follows {
            one.end = next.end;
        }
        follows
    });
    found
}

fn fullest_hour(list: &[Dated]) -> Range<usize> {
    let (mut best, mut end) = (0..0, 0);
    for (start, first) in list.iter().enumerate() {
        while list.get(end).is_some_and(|it| it.date - first.date < HOUR) {
            end += 1;
        }
        if end - start > best.len() {
            best = start..end;
        }
    }
    best
}

/// How many addresses are known at domains.
fn known_at<'a>(world: &World, names: impl Iterator<Item = &'a str>) -> HashMap<&'a str, u64> {
    let mut known: HashMap<&str, u64> = names.map(|it| (it, 0)).collect();
    if known.is_empty() {
        return known;
    }
    for (number, block) in world.blocks.iter().enumerate() {
        let domains = domains(world, number, block);
        for (name, more) in domains.names(block.emails.get()).zip(domains.counts(&[u64::MAX; BLOCK_WORDS])) {
            if let Some(count) = known.get_mut(name) {
                *count += more;
            }
        }
    }
    known
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_out_follows_a_rule() {
        let table = [
            // Count, known at the domain, usual in an hour.
            (2_318, 2_400, None, true, "nearly everyone at a company's domain"),
            (2_318, 300_000, Some(3), true, "a part of a large provider, where three are usual"),
            (2_318, 300_000, Some(400), false, "a provider whose campaigns always bring hundreds"),
            (2_318, 300_000, None, false, "a first campaign to a large provider: nothing to compare with"),
            (20, 39, None, true, "just over half"),
            (20, 40, None, false, "half"),
            (19, 19, Some(0), false, "too few to say"),
            (20, 1_000, Some(2), true, "ten times the usual"),
            (20, 1_000, Some(3), false, "seven times the usual"),
        ];
        for (count, known, usual, expected, what) in table {
            assert_eq!(stands_out(count, known, usual), expected, "{what}");
        }
    }

    fn list(dates: &[Timestamp]) -> Vec<Dated> {
        dates
            .iter()
            .enumerate()
            .map(|(at, date)| Dated { domain: 0, date: *date, group: 0, row: at as u32 })
            .collect()
    }

    #[test]
    fn a_burst_is_found_where_it_is() {
        let minute = HOUR / 60;
        // One an hour for two days, and in between a burst of a hundred within ten minutes.
        let mut dates: Vec<Timestamp> = (0..48).map(|it| it * HOUR + 1).collect();
        let start = 20 * HOUR + 30 * minute;
        dates.extend((0..100).map(|it| start + it * minute / 10));
        dates.sort_unstable();
        let list = list(&dates);
        let found = bursts(&list, |it| stands_out(it.len() as u64, 1_000, usual(&dates, it)));
        assert_eq!(found.len(), 1);
        let part = &list[found[0].clone()];
        assert!((100..=101).contains(&part.len()), "{}", part.len());
        assert_eq!(usual(&dates, part), Some(1));
        // A burst that goes on for three hours is one, whatever hours the clock shows.
        let long: Vec<Timestamp> = (0..1_800).map(|it| start + it * minute / 10).collect();
        let found = bursts(&self::list(&long), |_| true);
        assert_eq!(found, std::iter::once(0..1_800).collect::<Vec<_>>());
        // Two days apart are two.
        let two: Vec<Timestamp> = (0..60).map(|it| start + it / 30 * 2 * DAY + it).collect();
        assert_eq!(bursts(&self::list(&two), |_| true), [0..30, 30..60]);
    }
}
