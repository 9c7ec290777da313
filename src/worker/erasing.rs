//! Erases people for good: stores the world without them, lets everything older go, and only then shows it. Holds no rules.

use super::{Shell, not_saved, platform};
use crate::domain::act::Timestamp;
use crate::engine::erase;
use crate::engine::order::AddressOrder;
use crate::engine::view::Views;
use crate::protocol::*;
use crate::storage::vault::Source;
use std::rc::Rc;

impl Shell {
    pub(super) async fn erase(self: &Rc<Self>, selection: &Selection, typed: &str, now: Timestamp) -> Reply {
        let Some(salt) = platform::random_bytes() else {
            return Reply::Failed(Failure::Unexpected(
                "The browser gives no random numbers, so nothing was erased.".to_owned(),
            ));
        };
        let erased =
            self.selected(selection).and_then(|it| erase::erase(&self.world.borrow(), &it, typed, salt, now));
        let erase::Erased { mut world, act, people, sentence } = match erased {
            Ok(erased) => erased,
            Err(refusal) => return Reply::Refused(refusal),
        };
        if let Err(error) = self.checkpoint_world(&mut world, Source::Erasure).await {
            return Reply::Failed(not_saved(error));
        }
        // What was kept beside the world may name them too.
        self.rejected.borrow_mut().clear();
        self.scrubbed.take();
        self.workbench.take();
        *self.views.borrow_mut() = Views::default();
        *self.order.borrow_mut() = AddressOrder::default();
        *self.world.borrow_mut() = world;
        // A second list of the same pieces, should the one that was just written be damaged. It is done without, if it
        // cannot be written now.
        let _ = self.checkpoint().await;
        self.announce();
        Reply::Changed(Changed { act, changed: people, skipped: 0, sentence })
    }
}
