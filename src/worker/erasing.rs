//! Takes people or their profiles out for good: stores the world without them, lets everything older go, and only then
//! shows it. Holds no rules.

use super::{Shell, not_saved, platform};
use crate::domain::act::Timestamp;
use crate::engine::empty::{self, Emptying};
use crate::engine::erase;
use crate::engine::order::AddressOrder;
use crate::engine::view::Views;
use crate::engine::world::World;
use crate::protocol::*;
use crate::storage::StoreError;
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
        let erase::Erased { world, act, people, sentence } = match erased {
            Ok(erased) => erased,
            Err(refusal) => return Reply::Refused(refusal),
        };
        match self.replace(world).await {
            Ok(()) => Reply::Changed(Changed { act, changed: people, skipped: 0, sentence }),
            Err(error) => Reply::Failed(not_saved(error)),
        }
    }

    pub(super) async fn empty_trash(
        self: &Rc<Self>,
        selection: &Selection,
        typed: &str,
        now: Timestamp,
    ) -> Reply {
        let emptying =
            self.selected(selection).and_then(|it| empty::empty(&self.world.borrow(), &it, typed, now));
        match emptying {
            Ok(emptying) => self.emptied(emptying).await,
            Err(refusal) => Reply::Refused(refusal),
        }
    }

    /// Empties the trash of those whose time is over; `None`: there is nobody.
    pub(super) async fn empty_overdue(self: &Rc<Self>) -> Option<Reply> {
        let emptying = empty::empty_overdue(&self.world.borrow(), platform::wall_clock_ms())?;
        Some(self.emptied(emptying).await)
    }

    async fn emptied(self: &Rc<Self>, emptying: Emptying) -> Reply {
        let Emptying { world, act, contacts, sentence } = emptying;
        match self.replace(world).await {
            Ok(()) => Reply::Changed(Changed { act, changed: contacts, skipped: 0, sentence }),
            Err(error) => Reply::Failed(not_saved(error)),
        }
    }

    /// Stores a world in which something is gone for good, and shows it.
    async fn replace(self: &Rc<Self>, mut world: World) -> Result<(), StoreError> {
        self.checkpoint_world(&mut world, Source::Erasure).await?;
        // What was kept beside the world may name them too.
        self.rejected.borrow_mut().clear();
        self.scrubbed.take();
        self.workbench.take();
        self.duplicates.take();
        self.rehearsal.take();
        *self.views.borrow_mut() = Views::default();
        *self.order.borrow_mut() = AddressOrder::default();
        *self.world.borrow_mut() = world;
        // A second list of the same pieces, should the one that was just written be damaged. It is done without, if it
        // cannot be written now.
        let _ = self.checkpoint().await;
        self.announce();
        Ok(())
    }
}
