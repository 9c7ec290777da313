//! The world at one revision: the table of addresses in columns and blocks, and the ledger of acts from
//! which everyone's standing follows. Pure and synchronous; knows no file, no store, no browser, no clock.
//!
//! Reading order: [`bits`], [`slot`], [`block`] hold the table; [`index`] and [`phones`] find addresses;
//! [`ledger`] holds the acts; [`world`] is all of it and applies a [`change::Change`]. [`decide`] is the only place where
//! an act is admitted or refused, with [`decide_items`] for what people make, [`rules`], [`cleanup`] and [`edit`] for many at
//! once, [`merger`] for contacts that are one person, [`program`] for what runs by itself; [`erase`] erases people for good,
//! [`allow`] lets a list bring them again, and [`empty`] empties the trash; [`merge`] takes a file in.
//!
//! [`library`] is what people made, [`query`] and [`own`] say who is in it, [`overlap`] who is in several at once;
//! [`suppression`] says who is kept from being
//! contacted, [`audience`] asks it of a file, [`message`] of a message, [`verdict`] of one person, to whom [`timeline`] says what happened. [`insight`] and
//! [`deadlines`] ask the past, [`log`] tells what was done and proves it, [`trash`] holds who was deleted; [`workbench`]
//! sorts bounces by their texts, [`outage`] finds those that look like a fault of a server, [`duplicates`] contacts that are
//! probably one person; [`view`], [`search`], [`sort`]
//! and [`rows`] answer what is on screen, [`domains`] what is asked of the domains of addresses; [`report`] is all that is
//! stored about one person.

pub mod allow;
pub mod audience;
pub mod bits;
pub mod block;
pub mod change;
pub mod cleanup;
pub mod deadlines;
pub mod decide;
pub mod decide_items;
pub mod domains;
pub mod duplicates;
pub mod edit;
pub mod empty;
pub mod erase;
pub mod index;
pub mod insight;
pub mod ledger;
pub mod library;
pub mod log;
pub mod merge;
pub mod merger;
pub mod message;
pub mod numbers;
pub mod order;
pub mod outage;
pub mod overlap;
pub mod own;
pub mod parts;
pub mod phones;
pub mod program;
pub mod query;
pub mod report;
pub mod rows;
pub mod rules;
pub mod samples;
pub mod search;
pub mod slot;
pub mod sort;
pub mod suppression;
pub mod timeline;
pub mod trash;
pub mod verdict;
pub mod view;
pub mod workbench;
pub mod world;

#[cfg(test)]
mod query_tests;
#[cfg(test)]
mod tests;
