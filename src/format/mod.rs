//! The durable byte layout, by hand, versioned and checksummed. Pure: bytes in, values out; knows no store.
//! Every released layout stays readable; what is written is always the newest.

pub mod act;
pub mod chain;
pub mod codec;
pub mod envelope;
pub mod item;
pub mod part;
pub mod query;
