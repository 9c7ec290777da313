//! Controls that know nothing of contacts. Native elements first.

pub mod dialog;
pub mod icon;
pub mod menu;
pub mod scroll;
pub mod table;
pub mod toast;
