//! The one native test binary beside the unit tests.

mod allow;
mod boot;
mod conformance;
mod desk;
mod duplicates;
mod erase;
mod files;
mod for_good;
mod items;
mod log;
mod messages;
mod programs;
mod report;
mod rules;
mod scrub;
mod storage;
mod story;
mod tidy;
mod timeline;
mod trash;
mod workbench;
