//! The geometry of circles that overlap: how they lie, the outline of each region between them, and where its number
//! stands. Pure; in whole units of the drawing, whose places are printed without fractions.

/// The drawing, from side to side and from top to bottom.
pub const WIDTH: i64 = 4_400;
/// See [`WIDTH`].
pub const HEIGHT: i64 = 3_000;

/// The largest radius of one of two: they fit beside each other.
const RADIUS: f64 = 940.0;
/// The smallest: less could not be seen.
const RADIUS_MIN: f64 = 130.0;
/// Between circles that do not touch, and between one and another within it.
const GAP: f64 = 120.0;

/// How wide a letter of a number is, and how high a line.
const LETTER: f64 = 92.0;
const LINE: f64 = 190.0;
/// Places are tried so far apart.
const STEP: usize = 40;
/// Strips in which an area is measured.
const STRIPS: u32 = 256;

/// A circle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Circle {
    /// Its middle.
    pub x: f64,
    /// See `x`.
    pub y: f64,
    /// Its radius.
    pub radius: f64,
}

impl Circle {
    fn new(x: f64, y: f64, radius: f64) -> Circle {
        Circle { x, y, radius }
    }

    /// How far a point is from the middle.
    fn distance(&self, (x, y): Point) -> f64 {
        ((x - self.x) * (x - self.x) + (y - self.y) * (y - self.y)).sqrt()
    }

    fn has(&self, at: Point) -> bool {
        self.distance(at) < self.radius
    }

    /// Half of its height at a place.
    fn half(&self, x: f64) -> f64 {
        (self.radius * self.radius - (x - self.x) * (x - self.x)).max(0.0).sqrt()
    }
}

type Point = (f64, f64);

/// Two circles, with areas as these numbers are, and an overlap as that of both; and whether they are: what would be
/// too small to be seen, or is nothing at all, is drawn larger.
pub fn two(first: u64, second: u64, both: u64) -> (Vec<Circle>, bool) {
    let most = first.max(second).max(1) as f64;
    let radius = |it: u64| RADIUS * (it as f64 / most).sqrt();
    let (one, other) = (radius(first).max(RADIUS_MIN), radius(second).max(RADIUS_MIN));
    let exact = [first, second].into_iter().all(|it| radius(it) >= RADIUS_MIN);
    let (large, small) = (one.max(other), one.min(other));
    let (mut one, mut other) = (one, other);
    let apart = match both {
        0 => one + other + GAP,
        _ if both == first && both == second => {
            // Of two that are one the second is seen within the first.
            other = one - GAP / 2.0;
            0.0
        }
        _ if both == first.min(second) => {
            // Within the other, and off its middle: its number stands beside.
            let room = (large - small).max(0.0);
            if room < GAP {
                if one < other { one -= GAP } else { other -= GAP }
            }
            ((one - other).abs() - GAP / 2.0).max(0.0)
        }
        _ => {
            let wanted = (both as f64 / most * area(RADIUS)).min(area(small) * 0.98);
            let (mut near, mut far) = (large - small, large + small);
            for _ in 0..40 {
                let middle = (near + far) / 2.0;
                if shared(large, small, middle) > wanted { near = middle } else { far = middle }
            }
            (near + far) / 2.0
        }
    };
    let left = (-one).min(apart - other);
    let right = one.max(apart + other);
    let x = WIDTH as f64 / 2.0 - (left + right) / 2.0;
    let y = HEIGHT as f64 / 2.0;
    (vec![Circle::new(x, y, one), Circle::new(x + apart, y, other)], exact)
}

fn area(radius: f64) -> f64 {
    std::f64::consts::PI * radius * radius
}

/// The area that two circles share whose middles are so far apart.
fn shared(one: f64, other: f64, apart: f64) -> f64 {
    let (a, b) = (Circle::new(0.0, 0.0, one), Circle::new(apart, 0.0, other));
    let (from, to) = ((apart - other).max(-one), one.min(apart + other));
    let width = (to - from).max(0.0) / f64::from(STRIPS);
    (0..STRIPS)
        .map(|it| {
            let x = from + (f64::from(it) + 0.5) * width;
            2.0 * width * a.half(x).min(b.half(x))
        })
        .sum()
}

/// How wide the disc under the letter of a circle is, by half.
pub const LETTER_DISC: i64 = 115;

/// Where on its circle each letter stands, in thousandths of the radius.
const LETTER_PLACES: [(i64, i64); 3] = [(-707, -707), (707, -707), (0, 1_000)];

/// Where the letters of circles stand: on their lines, and off those of a circle that has room for no more than its number.
pub fn letters(circles: &[Circle]) -> Vec<(i64, i64)> {
    let place = |(circle, (x, y)): (&Circle, (i64, i64))| {
        let disc = LETTER_DISC as f64;
        let away = if circle.radius < 4.0 * disc { circle.radius + disc } else { circle.radius };
        let along = |middle: f64, by: i64| (middle + away * by as f64 / 1_000.0).round() as i64;
        (along(circle.x, x), along(circle.y, y))
    };
    circles.iter().zip(LETTER_PLACES).map(place).collect()
}

/// Three circles that show every region, whatever their numbers are.
pub fn three() -> Vec<Circle> {
    let (radius, apart) = (860.0, 930.0);
    let (x, y) = (WIDTH as f64 / 2.0, 1_110.0);
    vec![
        Circle::new(x - apart / 2.0, y, radius),
        Circle::new(x + apart / 2.0, y, radius),
        Circle::new(x, y + apart * 0.866, radius),
    ]
}

/// A piece of a circle between two crossings, clockwise.
struct Arc {
    radius: f64,
    /// The numbers of the crossings.
    from: usize,
    to: usize,
    /// The circle.
    of: usize,
    /// Points on the way, a quarter, half and three quarters of it: pieces of a quarter turn at most are where they belong
    /// although their ends are rounded.
    by: [Point; 3],
}

impl Arc {
    fn middle(&self) -> Point {
        self.by[1]
    }
}

/// All pieces of circles, and the points where they begin and end.
fn arcs(circles: &[Circle]) -> (Vec<Arc>, Vec<Point>) {
    let mut points: Vec<Point> = Vec::new();
    let mut on: Vec<Vec<usize>> = vec![Vec::new(); circles.len()];
    for (at, one) in circles.iter().enumerate() {
        for (other_at, other) in circles.iter().enumerate().skip(at + 1) {
            for crossing in crossings(one, other) {
                on[at].push(points.len());
                on[other_at].push(points.len());
                points.push(crossing);
            }
        }
    }
    let mut arcs = Vec::new();
    for (of, circle) in circles.iter().enumerate() {
        let radius = circle.radius;
        let mut around = on[of].clone();
        if around.is_empty() {
            // Nothing crosses it: two halves, so that it has a beginning and an end.
            for side in [-1.0, 1.0] {
                points.push((circle.x + side * radius, circle.y));
            }
            let (left, right) = (points.len() - 2, points.len() - 1);
            for (from, to, side) in [(left, right, -1.0), (right, left, 1.0)] {
                let by = on_the_way(circle, (side, 0.0), (-side, 0.0));
                arcs.push(Arc { radius, from, to, of, by });
            }
            continue;
        }
        let direction = |at: usize| ((points[at].0 - circle.x) / radius, (points[at].1 - circle.y) / radius);
        around.sort_by(|a, b| turn(direction(*a)).total_cmp(&turn(direction(*b))));
        for (at, from) in around.iter().enumerate() {
            let to = around[(at + 1) % around.len()];
            let by = on_the_way(circle, direction(*from), direction(to));
            arcs.push(Arc { radius, from: *from, to, of, by });
        }
    }
    (arcs, points)
}

/// The direction in the middle of the way from one to another, clockwise: across the line between them.
fn between(u: Point, v: Point) -> Point {
    let across = (v.1 - u.1, u.0 - v.0);
    let length = (across.0 * across.0 + across.1 * across.1).sqrt().max(1e-9);
    (across.0 / length, across.1 / length)
}

/// Three points of a circle on the way from one direction to another, clockwise.
fn on_the_way(circle: &Circle, from: Point, to: Point) -> [Point; 3] {
    let half = between(from, to);
    let directions = [between(from, half), half, between(half, to)];
    directions.map(|it| (circle.x + it.0 * circle.radius, circle.y + it.1 * circle.radius))
}

/// Grows as a direction turns clockwise, as an angle would.
fn turn((x, y): Point) -> f64 {
    let slope = x / (x.abs() + y.abs());
    if y >= 0.0 { 1.0 - slope } else { 3.0 + slope }
}

fn crossings(one: &Circle, other: &Circle) -> Vec<Point> {
    let (x, y) = (other.x - one.x, other.y - one.y);
    let apart = (x * x + y * y).sqrt();
    if apart >= one.radius + other.radius || apart <= (one.radius - other.radius).abs() {
        return Vec::new();
    }
    let along = (one.radius * one.radius - other.radius * other.radius + apart * apart) / (2.0 * apart);
    let beside = (one.radius * one.radius - along * along).max(0.0).sqrt();
    let (x, y) = (x / apart, y / apart);
    let (middle_x, middle_y) = (one.x + x * along, one.y + y * along);
    vec![(middle_x + y * beside, middle_y - x * beside), (middle_x - y * beside, middle_y + x * beside)]
}

/// Whether a point is in exactly the circles of a region: bit n of its number says that it is in circle n.
fn is_in(circles: &[Circle], region: usize, point: Point) -> bool {
    circles.iter().enumerate().all(|(at, it)| it.has(point) == (region >> at & 1 == 1))
}

/// The outline of a region, as the `d` of a path that is filled by the rule of even and odd; blank if the circles leave
/// none.
pub fn outline(circles: &[Circle], region: usize) -> String {
    let (arcs, points) = arcs(circles);
    // What is on a circle is on the border of what is within it and of what is not.
    let borders = |arc: &&Arc| {
        circles
            .iter()
            .enumerate()
            .filter(|it| it.0 != arc.of)
            .all(|(at, it)| it.has(arc.middle()) == (region >> at & 1 == 1))
    };
    let mut open: Vec<&Arc> = arcs.iter().filter(borders).collect();
    // A circle is no border of a region that is on neither side of it.
    open.retain(|_| region > 0);
    let place = |(x, y): Point| format!("{} {}", x.round() as i64, y.round() as i64);
    let mut path = String::new();
    while let Some(first) = open.pop() {
        path.push_str(&format!("M{}", place(points[first.from])));
        let (start, mut at, mut next) = (first.from, first.from, Some(first));
        while let Some(arc) = next {
            let [first, half, last] = arc.by;
            let (to, clockwise, by) = match arc.from == at {
                true => (arc.to, 1, [first, half, last]),
                false => (arc.from, 0, [last, half, first]),
            };
            let radius = arc.radius.round() as i64;
            for point in by.into_iter().chain([points[to]]) {
                path.push_str(&format!("A{radius} {radius} 0 0 {clockwise} {}", place(point)));
            }
            at = to;
            next = match at == start {
                true => None,
                false => {
                    let found = open.iter().position(|it| it.from == at || it.to == at);
                    found.map(|it| open.swap_remove(it))
                }
            };
        }
        path.push('Z');
    }
    path
}

/// Where a number stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// The middle of its text.
    pub x: i64,
    /// See `x`.
    pub y: i64,
    /// A point in its region, if there is no room for the text there: a line leads to it.
    pub from: Option<(i64, i64)>,
}

/// Where the numbers of regions stand that have these texts; `None` for one that the circles leave no room at all. The
/// region that is in no circle has its place in the corner.
pub fn places(circles: &[Circle], texts: &[String]) -> Vec<Option<Place>> {
    let mut taken: Vec<(Point, f64)> =
        letters(circles).into_iter().map(|(x, y)| ((x as f64, y as f64), LETTER_DISC as f64)).collect();
    let mut places = vec![None; texts.len()];
    // Those that fit are placed first, and the others around them.
    let mut outside = Vec::new();
    for (region, text) in texts.iter().enumerate() {
        let half = text.chars().count() as f64 * LETTER / 2.0;
        if region == 0 {
            let (x, y) = (WIDTH as f64 - half - 120.0, HEIGHT as f64 - LINE);
            taken.push(((x, y), half));
            places[0] = Some(whole((x, y), None));
            continue;
        }
        let Some((point, room)) = widest(circles, region) else { continue };
        if room >= half.max(LINE / 2.0) {
            taken.push((point, half));
            places[region] = Some(whole(point, None));
        } else {
            outside.push((region, point, half));
        }
    }
    for (region, point, half) in outside {
        let free = |at: Point| {
            let inside_frame = at.0 > half + 60.0
                && at.0 < WIDTH as f64 - half - 60.0
                && at.1 > LINE
                && at.1 < HEIGHT as f64 - LINE / 2.0;
            inside_frame
                && circles.iter().all(|it| clear(it, at, half))
                && taken.iter().all(|(other, wide)| {
                    (at.0 - other.0).abs() > half + wide + LETTER || (at.1 - other.1).abs() > LINE * 1.2
                })
        };
        let far = |at: &Point| (at.0 - point.0) * (at.0 - point.0) + (at.1 - point.1) * (at.1 - point.1);
        let nearest = grid().filter(|it| free(*it)).min_by(|a, b| far(a).total_cmp(&far(b)));
        let Some(at) = nearest else { continue };
        taken.push((at, half));
        places[region] = Some(whole(at, Some(point)));
    }
    places
}

fn whole(at: Point, from: Option<Point>) -> Place {
    let round = |it: Point| (it.0.round() as i64, it.1.round() as i64);
    let (x, y) = round(at);
    Place { x, y, from: from.map(round) }
}

/// Whether a text of this half width at a place is outside a circle.
fn clear(circle: &Circle, at: Point, half: f64) -> bool {
    let nearest =
        (circle.x.clamp(at.0 - half, at.0 + half), circle.y.clamp(at.1 - LINE / 2.0, at.1 + LINE / 2.0));
    circle.distance(nearest) > circle.radius + 20.0
}

fn grid() -> impl Iterator<Item = Point> {
    let down = (0..HEIGHT).step_by(STEP);
    down.flat_map(|y| (0..WIDTH).step_by(STEP).map(move |x| (x as f64, y as f64)))
}

/// The place of a region that is farthest from its border, and how far that is.
fn widest(circles: &[Circle], region: usize) -> Option<(Point, f64)> {
    let room = |at: Point| {
        circles.iter().map(|it| (it.distance(at) - it.radius).abs()).fold(f64::INFINITY, f64::min)
    };
    let all = grid().filter(|it| is_in(circles, region, *it)).map(|it| (it, room(it)));
    // Slivers slip through the grid: then the middle of a piece of their border is near enough.
    all.max_by(|a, b| a.1.total_cmp(&b.1)).or_else(|| {
        let (arcs, _) = arcs(circles);
        let arc = arcs.into_iter().find(|arc| {
            let others = circles.iter().enumerate().filter(|it| it.0 != arc.of);
            let mut others = others.map(|(at, it)| it.has(arc.middle()) == (region >> at & 1 == 1));
            others.all(|it| it)
        });
        arc.map(|it| (it.middle(), 0.0))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Whether a point is within an outline, by walking along it in small steps.
    fn within(path: &str, point: Point) -> bool {
        let mut inside = false;
        for part in path.split('M').filter(|it| !it.is_empty()) {
            let numbers =
                |text: &str| -> Vec<f64> { text.split(' ').map(|it| it.parse().unwrap()).collect() };
            let mut pieces = part.trim_end_matches('Z').split('A');
            let start = numbers(pieces.next().unwrap());
            let mut at = (start[0], start[1]);
            let mut corners = vec![at];
            for piece in pieces {
                let it = numbers(piece);
                let (radius, large, clockwise, to) = (it[0], it[3] == 1.0, it[4] == 1.0, (it[5], it[6]));
                let (x, y) = ((to.0 - at.0) / 2.0, (to.1 - at.1) / 2.0);
                let half = (x * x + y * y).sqrt();
                let rest = (radius * radius - half * half).max(0.0).sqrt();
                let side = if large == clockwise { 1.0 } else { -1.0 };
                let middle = (at.0 + x + side * y / half * rest, at.1 + y - side * x / half * rest);
                let angle = |it: Point| (it.1 - middle.1).atan2(it.0 - middle.0);
                let (from, mut until) = (angle(at), angle(to));
                let round = 2.0 * std::f64::consts::PI;
                if clockwise && until < from {
                    until += round;
                } else if !clockwise && until > from {
                    until -= round;
                }
                for step in 1..=200 {
                    let angle = from + (until - from) * f64::from(step) / 200.0;
                    corners.push((middle.0 + radius * angle.cos(), middle.1 + radius * angle.sin()));
                }
                at = to;
            }
            for (a, b) in corners.iter().zip(corners.iter().cycle().skip(1)) {
                if (a.1 > point.1) != (b.1 > point.1)
                    && point.0 < a.0 + (point.1 - a.1) / (b.1 - a.1) * (b.0 - a.0)
                {
                    inside = !inside;
                }
            }
        }
        inside
    }

    /// Every place of the drawing that is not on a line is in the outline of its own region and in no other.
    fn outlines_are_the_regions(circles: &[Circle]) {
        let outlines: Vec<String> = (0..1 << circles.len()).map(|it| outline(circles, it)).collect();
        let off_lines = |at: &Point| circles.iter().all(|it| (it.distance(*at) - it.radius).abs() > 6.0);
        for point in grid().step_by(7).filter(off_lines) {
            for (region, path) in outlines.iter().enumerate().skip(1) {
                assert_eq!(
                    within(path, point),
                    is_in(circles, region, point),
                    "{region} {point:?} {circles:?} {path}"
                );
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn two_circles_are_as_large_as_their_numbers(first in 0u64..5_000, second in 0u64..5_000, share in 0u64..=100) {
            let both = first.min(second) * share / 100;
            let (circles, exact) = two(first, second, both);
            for it in &circles {
                prop_assert!(it.x - it.radius >= 0.0 && it.x + it.radius <= WIDTH as f64);
            }
            let most = first.max(second).max(1) as f64;
            // Nothing has no circle of its size.
            prop_assert!(!exact || (first > 0 && second > 0));
            let apart = |at: &Place, (x, y): (i64, i64)| (at.x - x).abs().max((at.y - y).abs()) >= LETTER_DISC;
            let of_small = letters(&circles).into_iter().zip(&circles).filter(|it| it.1.radius <= RADIUS_MIN);
            let numbers = [0, first - both, second - both, both].map(|it| it.to_string());
            let places = places(&circles, &numbers);
            for (letter, _) in of_small {
                prop_assert!(places.iter().flatten().all(|it| apart(it, letter)), "{letter:?} {places:?}");
            }
            if exact && both > 0 && both < first.min(second) * 9 / 10 {
                let [one, other] = circles[..] else { panic!("two") };
                let lens = shared(one.radius, other.radius, other.x - one.x);
                prop_assert!((lens / area(RADIUS) - both as f64 / most).abs() < 0.01);
                prop_assert!((area(one.radius) / area(RADIUS) - first as f64 / most).abs() < 0.01);
            }
            // Who is in both is nowhere if nobody is, and somewhere if someone is.
            prop_assert_eq!(outline(&circles, 3).is_empty(), both == 0);
            outlines_are_the_regions(&circles);
        }
    }

    #[test]
    fn three_circles_show_every_region_and_each_number_has_a_place() {
        outlines_are_the_regions(&three());
        let texts = vec!["1,204,311".to_owned(); 8];
        let places = places(&three(), &texts);
        for (region, place) in places.iter().enumerate() {
            let place = place.unwrap();
            let within = place.from.unwrap_or((place.x, place.y));
            assert!(is_in(&three(), region, (within.0 as f64, within.1 as f64)), "{region}");
        }
    }

    #[test]
    fn a_number_without_room_stands_beside_and_a_line_leads_to_its_region() {
        // A thousandth of both, and one within the other.
        for (first, second, both) in [(1_000_000, 900_000, 1_000), (1_000_000, 90, 90), (500, 500, 500)] {
            let (circles, _) = two(first, second, both);
            let texts = ["0", "999,000", "899,000", "1,000"].map(str::to_owned);
            let places = places(&circles, &texts);
            let outside = places[3].is_some_and(|it| it.from.is_some());
            assert_eq!(outside, both < 500 || first > 500, "{first} {second} {both} {places:?}");
        }
    }
}
