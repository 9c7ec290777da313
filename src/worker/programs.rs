//! What runs by itself: programs after opening, after an import, and at their time of day; and the emptying of the trash
//! after opening, and once a day. One after the other, never beside a command or a job; each is saved before it is seen.

use super::{Shell, notice, platform};
use crate::domain::item::ItemId;
use crate::domain::program::Occasion;
use crate::engine::program;
use crate::engine::trash;
use crate::protocol::*;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// Time is looked at this often at least: a computer that slept tells nobody.
const LOOK_MS: i64 = 30_000;

/// What could not run is not tried again by the clock for so long.
const AGAIN_MS: i64 = 60 * 60 * 1000;

impl Shell {
    /// Notes that programs may be due.
    pub(super) fn occasion(&self, occasion: Occasion) {
        let mut occasions = self.occasions.borrow_mut();
        if !occasions.contains(&occasion) {
            occasions.push_back(occasion);
        }
    }

    /// Runs what is due.
    pub(super) async fn run_due(self: Rc<Shell>, occasion: Occasion) {
        if self.whole.get() && self.world.borrow().ledger.retention().is_some() {
            self.keep_no_longer().await;
        }
        let due = program::due(&self.world.borrow(), &platform::clock(), occasion);
        for id in due {
            platform::yield_to_events().await;
            let by_clock = occasion == Occasion::Clock;
            let since = platform::wall_clock_ms() - AGAIN_MS;
            let tried = self.tried.borrow().iter().any(|it| it.0 == id && it.1 > since);
            // Only where it can be saved; and who looks at a preview is not disturbed.
            if self.read_only.get()
                || self.vault.borrow().is_none()
                || by_clock && (tried || self.prepared.borrow().is_some())
            {
                continue;
            }
            match self.run_program(id).await {
                Reply::Changed(changed) if changed.changed > 0 => notice(Notice::ProgramRan(changed)),
                Reply::Refused(Refusal::Program(sentence)) => self.not_run(id, &sentence),
                Reply::Failed(Failure::NotSaved(sentence)) => self.not_run(id, &sentence),
                _ => {}
            }
        }
    }

    /// Empties the trash of those whose time is over.
    async fn keep_no_longer(self: &Rc<Shell>) {
        let since = platform::wall_clock_ms() - AGAIN_MS;
        let due = trash::next_due(&self.world.borrow()).is_some_and(|it| it <= platform::wall_clock_ms());
        let can = self.vault.borrow().is_some() && self.prepared.borrow().is_none();
        if !due || !can || self.emptying_tried.get() > since {
            return;
        }
        match self.empty_overdue().await {
            Some(Reply::Changed(changed)) => notice(Notice::TrashEmptied(format!(
                "{}, as chosen there. Their addresses and preferences stay.",
                changed.sentence
            ))),
            // It is tried again later, and until then everything is as it was.
            Some(_) => self.emptying_tried.set(platform::wall_clock_ms()),
            None => {}
        }
    }

    fn not_run(&self, id: ItemId, sentence: &str) {
        self.tried.borrow_mut().retain(|it| it.0 != id);
        self.tried.borrow_mut().push((id, platform::wall_clock_ms()));
        if let Some(item) = self.world.borrow().library.item(id) {
            let name = &item.name;
            notice(Notice::ProgramFailed(format!(
                "Program “{name}” did not run, and changed nothing. {sentence}"
            )));
        }
    }

    /// Runs a program.
    pub(super) async fn run_program(self: &Rc<Shell>, id: ItemId) -> Reply {
        let decided = program::decide(&self.world.borrow(), id, &platform::clock());
        self.commit_decided(decided).await
    }

    /// Looks at the time, as long as a program waits for one.
    pub(super) fn watch_clock(self: &Rc<Shell>) {
        let waits = |shell: &Shell| {
            let world = shell.world.borrow();
            let emptying = trash::next_due(&world).filter(|_| shell.whole.get());
            let emptying = emptying.map(|it| it.max(shell.emptying_tried.get() + AGAIN_MS));
            program::next_due(&world, &platform::clock()).into_iter().chain(emptying).min()
        };
        if waits(self).is_none() || self.watching.replace(true) {
            return;
        }
        let shell = self.clone();
        spawn_local(async move {
            while let Some(next) = waits(&shell) {
                let now = platform::wall_clock_ms();
                if next > now {
                    platform::pause((next - now).clamp(1, LOOK_MS) as i32).await;
                    continue;
                }
                shell.occasion(Occasion::Clock);
                shell.wake();
                platform::pause(LOOK_MS as i32).await;
            }
            shell.watching.set(false);
        });
    }
}
