//! The worker.
/// Starts.
pub fn start() {}
