//! Orders of rows.

/// Texts to be sorted, in one string: gathering a million small strings costs more than sorting them.
#[derive(Default)]
pub struct Texts {
    text: Vec<u8>,
    ends: Vec<u32>,
}

impl Texts {
    /// Room for this many texts, of so many bytes together.
    pub fn with_capacity(count: usize, bytes: usize) -> Texts {
        Texts { text: Vec::with_capacity(bytes), ends: Vec::with_capacity(count) }
    }

    /// Adds the text of the next row, already folded by `write`.
    pub fn push(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.text);
        self.ends.push(self.text.len() as u32);
    }

    fn get(&self, at: u32) -> &[u8] {
        let start = if at == 0 { 0 } else { self.ends[at as usize - 1] };
        &self.text[start as usize..self.ends[at as usize] as usize]
    }
}

/// A number that sorts like the beginning of a text, and which text it is.
pub type Keyed = (u64, u32);

/// The order of texts: numbers of [`Texts`] by text, equal texts in the order given, blanks at the end
/// whatever the direction (nobody sorts to see what is missing first).
pub fn by_text(texts: &Texts, descending: bool) -> Vec<u32> {
    by_text_then(texts, descending, None)
}

/// The same, and equal texts in the order of numbers of their own, in either direction.
pub fn by_text_then(texts: &Texts, descending: bool, ties: Option<&[u32]>) -> Vec<u32> {
    let number = |at: u32| ties.and_then(|it| it.get(at as usize)).map_or(0, |it| u64::from(*it));
    let (mut order, mut blanks): (Vec<Keyed>, Vec<Keyed>) = (0..texts.ends.len() as u32)
        .map(|at| (piece(texts.get(at), 0), at))
        .partition(|&(_, at)| !texts.get(at).is_empty());
    let equal = |run: &mut [Keyed]| {
        if ties.is_some() {
            // Downwards all of it is read backwards.
            run.iter_mut().for_each(|it| it.0 = if descending { !number(it.1) } else { number(it.1) });
            by_key(run);
        }
    };
    sort_from(&|at| texts.get(at), &mut order, 0, &equal);
    blanks.iter_mut().for_each(|it| it.0 = number(it.1));
    by_key(&mut blanks);
    finish(order, blanks, descending)
}

/// The order of numbers; `None` is a blank.
pub fn by_number(numbers: &[Option<i64>], descending: bool) -> Vec<u32> {
    let numbered = numbers.iter().enumerate();
    let (mut order, blanks): (Vec<Keyed>, Vec<Keyed>) = numbered
        .map(|(at, number)| (number.map_or(0, |it| (it as u64) ^ (1 << 63)), at as u32))
        .partition(|&(_, at)| numbers[at as usize].is_some());
    by_key(&mut order);
    finish(order, blanks, descending)
}

/// Rows in the order of several ranks, the first of them the most significant; equal ones in the order given. A row
/// whose ranks are all 0 is blank, and comes at the end.
pub fn by_rank<T: Copy>(rows: &[T], ranks: &[Vec<u32>], descending: bool) -> Vec<T> {
    let Some((most, less)) = ranks.split_first() else { return rows.to_vec() };
    let count = rows.len() as u32;
    let row = |place: u32| rows[place as usize];
    // The least significant first, each time keeping the order of equals; the last time the rows themselves.
    let mut order = match less {
        [] => spread(most, 0..count, rows.to_vec(), row),
        less => {
            let places = less.iter().rev().fold((0..count).collect(), |places: Vec<u32>, rank| {
                spread(rank, places.iter().copied(), places.clone(), |it| it)
            });
            spread(most, places.into_iter(), rows.to_vec(), row)
        }
    };
    // Blanks come first now.
    let blanks = match ranks {
        [rank] => rank.iter().filter(|it| **it == 0).count(),
        ranks => (0..rows.len()).filter(|at| ranks.iter().all(|it| it[*at] == 0)).count(),
    };
    order.rotate_left(blanks);
    if descending {
        let filled = rows.len() - blanks;
        order[..filled].reverse();
    }
    order
}

/// Counting sort: what `value` says of places, in the order of their ranks, written over `order`.
fn spread<T>(
    rank: &[u32],
    places: impl Iterator<Item = u32>,
    mut order: Vec<T>,
    value: impl Fn(u32) -> T,
) -> Vec<T> {
    let most = rank.iter().copied().max().unwrap_or(0) as usize;
    let mut starts = vec![0u32; most + 2];
    rank.iter().for_each(|it| starts[*it as usize + 1] += 1);
    for at in 1..starts.len() {
        starts[at] += starts[at - 1];
    }
    for place in places {
        let start = &mut starts[rank[place as usize] as usize];
        order[*start as usize] = value(place);
        *start += 1;
    }
    order
}

fn finish(mut order: Vec<Keyed>, blanks: Vec<Keyed>, descending: bool) -> Vec<u32> {
    if descending {
        order.reverse();
    }
    order.into_iter().chain(blanks).map(|(_, at)| at).collect()
}

/// Sorts by the eight bytes from `from` on, then each run of equals by the next eight. `equal` is given each run of texts
/// that are the same to their ends, and may put it in another order.
///
/// Texts have no zeros.
pub fn sort_from<'a>(
    text: &impl Fn(u32) -> &'a [u8],
    order: &mut [Keyed],
    from: usize,
    equal: &impl Fn(&mut [Keyed]),
) {
    by_key(order);
    let mut start = 0;
    while start < order.len() {
        let key = order[start].0;
        let run = order[start..].iter().take_while(|it| it.0 == key).count();
        if run > 1 {
            let run = &mut order[start..start + run];
            // The last byte of a piece is zero only if the text ends within it: folded texts have no zeros.
            if key & 0xff == 0 {
                equal(run);
            } else {
                for (key, at) in run.iter_mut() {
                    *key = piece(text(*at), from + 8);
                }
                sort_from(text, run, from + 8, equal);
            }
        }
        start += run;
    }
}

/// Fewer than this are sorted by putting each in its place among those before it.
const PLACED_MAX: usize = 48;

/// Sorts by the keys; equal ones stay as they stand. A radix sort, byte by byte from the last: a million keys take a
/// fifth of the comparisons' time, and the library's own sort is the small one where the size of the program counts.
pub fn by_key(order: &mut [Keyed]) {
    if order.len() < PLACED_MAX {
        for at in 1..order.len() {
            let it = order[at];
            let mut to = at;
            while to > 0 && order[to - 1].0 > it.0 {
                order[to] = order[to - 1];
                to -= 1;
            }
            order[to] = it;
        }
        return;
    }
    // Bytes that are the same in all keys are passed over.
    let (all, any) = order.iter().fold((u64::MAX, 0), |(all, any), it| (all & it.0, any | it.0));
    let differs = all ^ any;
    let mut other = Vec::new();
    for shift in (0..64).step_by(8).filter(|it| differs >> it & 0xff != 0) {
        let byte = |it: &Keyed| (it.0 >> shift & 0xff) as usize;
        let mut starts = [0u32; 256];
        order.iter().for_each(|it| starts[byte(it)] += 1);
        let mut sum = 0;
        for start in &mut starts {
            sum += std::mem::replace(start, sum);
        }
        other.clear();
        other.extend_from_slice(order);
        for it in &other {
            let start = &mut starts[byte(it)];
            order[*start as usize] = *it;
            *start += 1;
        }
    }
}

/// Eight bytes of a text from `from` on, as a number that sorts like them.
#[inline]
pub fn piece(text: &[u8], from: usize) -> u64 {
    let rest = text.get(from..).unwrap_or(&[]);
    match rest.first_chunk::<8>() {
        Some(bytes) => u64::from_be_bytes(*bytes),
        None => {
            let mut bytes = [0; 8];
            bytes[..rest.len()].copy_from_slice(rest);
            u64::from_be_bytes(bytes)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn texts_sort_like_their_bytes_with_blanks_last(
            texts in proptest::collection::vec("[a-c]{0,20}", 0..60),
            descending: bool,
        ) {
            let mut gathered = Texts::default();
            for text in &texts {
                gathered.push(|into| into.extend_from_slice(text.as_bytes()));
            }
            let order = by_text(&gathered, descending);
            let seen: Vec<&String> = order.iter().map(|&at| &texts[at as usize]).collect();
            let mut expected: Vec<&String> = texts.iter().filter(|it| !it.is_empty()).collect();
            expected.sort();
            if descending {
                expected.reverse();
            }
            expected.extend(texts.iter().filter(|it| it.is_empty()));
            prop_assert_eq!(seen, expected);
        }

        #[test]
        fn equal_texts_come_in_the_order_of_their_own_numbers(
            texts in proptest::collection::vec(("[ab]{0,2}|c{16}|c{8}", 0u32..9), 0..120),
            descending: bool,
        ) {
            let mut gathered = Texts::default();
            texts.iter().for_each(|(text, _)| gathered.push(|into| into.extend_from_slice(text.as_bytes())));
            let ties: Vec<u32> = texts.iter().map(|it| it.1).collect();
            let order = by_text_then(&gathered, descending, Some(&ties));
            let mut expected: Vec<usize> = (0..texts.len()).collect();
            expected.sort_by(|a, b| {
                let (a, b) = (&texts[*a], &texts[*b]);
                let by_text = if descending { b.0.cmp(&a.0) } else { a.0.cmp(&b.0) };
                a.0.is_empty().cmp(&b.0.is_empty()).then(by_text).then(a.1.cmp(&b.1))
            });
            let said = |at: usize| texts[at].clone();
            let seen: Vec<_> = order.iter().map(|it| said(*it as usize)).collect();
            prop_assert_eq!(seen, expected.into_iter().map(said).collect::<Vec<_>>());
        }

        #[test]
        fn keys_sort_and_equal_ones_stay_as_they_stand(
            keys in proptest::collection::vec(prop_oneof![0u64..5, any::<u64>(), (0u64..99).prop_map(|it| it << 40)], 0..300),
        ) {
            let mut order: Vec<Keyed> = keys.into_iter().zip(0..).collect();
            let mut expected = order.clone();
            expected.sort();
            by_key(&mut order);
            prop_assert_eq!(order, expected);
        }

        #[test]
        fn ranks_sort_like_the_texts_they_stand_for(
            rows in proptest::collection::vec((0u32..4, 0u32..4), 0..60),
            descending: bool,
        ) {
            let ranks = [rows.iter().map(|it| it.0).collect(), rows.iter().map(|it| it.1).collect()];
            let mut gathered = Texts::default();
            for (first, second) in &rows {
                let letters = |it: u32| [vec![], vec![b'a'], vec![b'b'], vec![b'b', b'b']][it as usize].clone();
                gathered.push(|into| {
                    if (*first, *second) != (0, 0) {
                        into.extend([letters(*first), vec![1], letters(*second)].concat());
                    }
                });
            }
            let texts: Vec<_> = by_text(&gathered, descending).iter().map(|at| rows[*at as usize]).collect();
            let ranked = by_rank(&rows, &ranks, descending);
            prop_assert_eq!(ranked, texts);
        }

        #[test]
        fn numbers_sort_with_blanks_last(numbers in proptest::collection::vec(proptest::option::of(-9i64..9), 0..60)) {
            let seen: Vec<Option<i64>> =
                by_number(&numbers, false).iter().map(|&at| numbers[at as usize]).collect();
            let mut expected = numbers.clone();
            expected.sort_by_key(|it| (it.is_none(), *it));
            prop_assert_eq!(seen, expected);
        }
    }
}
