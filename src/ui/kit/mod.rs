//! Controls that know nothing of contacts. Native elements first.
//!
//! [`element`], [`signal`] and [`task`] are what every screen is made of: Leptos' elements, signals and effects,
//! so that each is compiled once and not for every use. A first visit waits for every byte of the page.

pub mod chart;
pub mod circles;
pub mod dialog;
pub mod element;
pub mod field;
pub mod file;
pub mod focus;
pub mod icon;
pub mod menu;
pub mod pager;
pub mod scroll;
pub mod signal;
pub mod table;
pub mod task;
pub mod text;
pub mod toast;
pub mod venn;
pub mod waterfall;
