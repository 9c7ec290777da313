//! What the stories about things that people made have in common.

use mailable::domain::act::ActId;
use mailable::domain::calendar::Zone;
use mailable::domain::item::{Body, Item, ItemId, Making, Message, MessageKind, Source};
use mailable::domain::preference::Channel;
use mailable::domain::query::Clock;
use mailable::engine::decide::Decided;
use mailable::engine::view::Selected;
use mailable::engine::world::World;
use mailable::engine::{decide_items, samples};
use mailable::protocol::Refusal;

/// When they take place.
pub const NOW: i64 = 1_790_000_000_000;
/// The same where days begin as in UTC.
pub const CLOCK: Clock = Clock { now: NOW, zone: Zone::fixed(0) };

/// The sample contacts.
pub fn sample_world() -> World {
    let (mut world, act) = samples::load(&World::new(1), NOW);
    world.apply_act(act.unwrap());
    world
}

/// Something without a folder.
pub fn item(name: &str, body: Body) -> Item {
    Item { name: name.to_owned(), folder: None, body }
}

/// Does what was decided.
pub fn done(world: &mut World, decided: Decided) -> ActId {
    world.apply(decided.change)
}

/// Makes something, and gives its number.
pub fn make(world: &mut World, making: Making) -> Result<ItemId, Refusal> {
    let (decided, id) = decide_items::make(world, &making, NOW)?;
    done(world, decided);
    Ok(id)
}

/// Makes something of a name, and gives its number.
pub fn created(world: &mut World, name: &str, body: Body) -> ItemId {
    make(world, Making::Create(item(name, body))).unwrap()
}

/// These rows, selected.
pub fn rows(rows: impl IntoIterator<Item = u32>) -> Selected {
    Selected { rows: rows.into_iter().collect(), ..Selected::default() }
}

/// A message that was not kept yet.
pub fn draft(channel: Channel, kind: MessageKind, sources: &[Source], exclusions: &[Source]) -> Message {
    Message {
        channel,
        kind,
        topic: None,
        sources: sources.to_vec(),
        exclusions: exclusions.to_vec(),
        kept: None,
    }
}

/// Marketing by e-mail to everyone.
pub fn to_everyone() -> Message {
    draft(Channel::Email, MessageKind::Marketing, &[Source::AllContacts], &[])
}
