//! The geometry of a long list: which row is on top for a place of the scroll bar. Pure.
//!
//! Browsers cap the height of an element (33 million pixels in Chromium, divided by the device's pixel
//! ratio; 17 in Firefox), so a long list cannot be as tall as its rows. The scroll range is capped far below
//! that; small movements then count one to one, large ones in proportion, and both ends are exact.

/// The tallest that the scroll range is made, in pixels.
pub const RANGE_MAX: f64 = 8_000_000.0;

/// A movement of less than this many windows is taken one to one.
const NEAR_WINDOWS: f64 = 8.0;

/// Where a list is scrolled to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Scroll {
    /// Rows of the list.
    pub rows: u32,
    /// Height of a row, in pixels.
    pub row_height: f64,
    /// Height of the window on it, in pixels.
    pub window: f64,
    /// The row on top, with its scrolled-off share behind the point.
    pub top: f64,
    /// The place of the scroll bar that belongs to it.
    pub bar: f64,
}

impl Scroll {
    /// Height of what is scrolled.
    pub fn range(&self) -> f64 {
        (f64::from(self.rows) * self.row_height).clamp(0.0, RANGE_MAX).max(self.window)
    }

    /// The largest value of `top`: the last row then ends at the bottom.
    pub fn top_max(&self) -> f64 {
        (f64::from(self.rows) - self.window / self.row_height).max(0.0)
    }

    fn bar_max(&self) -> f64 {
        (self.range() - self.window).max(0.0)
    }

    fn scaled(&self) -> bool {
        f64::from(self.rows) * self.row_height > RANGE_MAX
    }

    /// The scroll bar moved to `bar`.
    pub fn bar_moved(&mut self, bar: f64) {
        let bar = bar.clamp(0.0, self.bar_max());
        let moved = bar - self.bar;
        self.top = if !self.scaled() {
            bar / self.row_height
        } else if bar <= 0.0 {
            0.0
        } else if bar >= self.bar_max() - 0.5 {
            self.top_max()
        } else if moved.abs() < NEAR_WINDOWS * self.window {
            self.top + moved / self.row_height
        } else {
            bar / self.bar_max() * self.top_max()
        };
        self.top = self.top.clamp(0.0, self.top_max());
        self.bar = bar;
    }

    /// Brings a row into the window with as little movement as possible; answers where the bar belongs.
    pub fn reveal(&mut self, row: u32) -> f64 {
        let row = f64::from(row);
        let visible = self.window / self.row_height;
        if row < self.top {
            self.top = row;
        } else if row + 1.0 > self.top + visible {
            self.top = row + 1.0 - visible;
        }
        self.top = self.top.clamp(0.0, self.top_max());
        self.bar = self.settled_bar();
        self.bar
    }

    /// The place of the bar that is in proportion to what is on top. Small movements count one to one, so in
    /// a long list the bar runs ahead; it is set back here when it comes to rest.
    pub fn settled_bar(&self) -> f64 {
        if !self.scaled() {
            self.top * self.row_height
        } else if self.top_max() > 0.0 {
            self.top / self.top_max() * self.bar_max()
        } else {
            0.0
        }
    }

    /// The first row to be drawn, and how many.
    pub fn shown(&self) -> (u32, u32) {
        let first = self.top.floor() as u32;
        let count = (self.window / self.row_height).ceil() as u32 + 1;
        (first, count.min(self.rows.saturating_sub(first)))
    }

    /// Where a row is drawn, in pixels from the top of the window.
    pub fn offset(&self, row: u32) -> f64 {
        (f64::from(row) - self.top) * self.row_height
    }
}

/// A length for a style sheet. In whole thousandths: writing any number of digits is a program of its own.
pub fn pixels(length: f64) -> String {
    let thousandths = (length * 1_000.0).round() as i64;
    let sign = if thousandths < 0 { "-" } else { "" };
    let thousandths = thousandths.unsigned_abs();
    format!("{sign}{}.{:03}px", thousandths / 1_000, thousandths % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_written_in_thousandths() {
        for (length, text) in
            [(0.0, "0.000px"), (-12.5, "-12.500px"), (37.0004, "37.000px"), (8e6, "8000000.000px")]
        {
            assert_eq!(pixels(length), text);
        }
    }

    fn list(rows: u32) -> Scroll {
        Scroll { rows, row_height: 36.0, window: 720.0, ..Scroll::default() }
    }

    #[test]
    fn both_ends_are_reached_by_the_bar_and_by_keys() {
        for rows in [0, 1, 19, 20, 21, 1_000, 222_222, 222_223, 1_000_000, 5_000_000] {
            let mut scroll = list(rows);
            scroll.bar_moved(scroll.range());
            let (first, count) = scroll.shown();
            assert_eq!(first + count, rows, "{rows} rows by the bar");
            if rows > 0 {
                let bottom = scroll.offset(rows - 1) + 36.0;
                assert!(bottom <= 720.5 && (rows < 20 || bottom > 719.5), "{rows} rows end at {bottom}");
                let mut keys = list(rows);
                keys.reveal(rows - 1);
                assert!((keys.top - scroll.top).abs() < 1e-6);
                keys.reveal(0);
                assert_eq!((keys.top, keys.bar), (0.0, 0.0));
            }
            scroll.bar_moved(0.0);
            assert_eq!(scroll.top, 0.0);
        }
    }

    #[test]
    fn a_turn_of_the_wheel_moves_as_far_in_a_long_list_as_in_a_short_one() {
        for rows in [10_000, 5_000_000] {
            let mut scroll = list(rows);
            scroll.reveal(rows / 2);
            let before = scroll.top;
            scroll.bar_moved(scroll.bar + 108.0);
            assert!((scroll.top - before - 3.0).abs() < 1e-6, "{rows}");
        }
    }

    #[test]
    fn a_jump_of_the_bar_is_in_proportion() {
        let mut scroll = list(5_000_000);
        scroll.bar_moved(scroll.range() / 2.0);
        assert!((scroll.top / 5_000_000.0 - 0.5).abs() < 0.001);
    }
}
