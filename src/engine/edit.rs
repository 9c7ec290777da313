//! Edits one field of many contacts: whom it would change, and the act that does. It touches neither addresses nor
//! preferences.

use super::change::Change;
use super::decide::Decided;
use super::decide_items::rows_of;
use super::rows::address;
use super::view::Selected;
use super::world::World;
use crate::domain::act::{Act, Deed, ItemDeed, OfItems, Patch, Timestamp};
use crate::domain::count::{Noun, counted};
use crate::domain::edit::{Editing, FieldEdit, is_editable};
use crate::domain::origin::Origin;
use crate::limits::EDIT_SAMPLES;
use crate::protocol::{EditPreview, EditSample, Refusal, RowRef};

/// Calls `each` with every selected contact whose field would change: the row, its value before and after. Answers how
/// many contacts are selected.
fn edited(
    world: &World,
    selected: &Selected,
    editing: &Editing,
    mut each: impl FnMut(u32, &str, String),
) -> u64 {
    let from = match editing.edit {
        FieldEdit::Copy { from, .. } => Some(from),
        _ => None,
    };
    let mut contacts = 0;
    for row in rows_of(world, selected).into_iter().filter(|it| world.is_contact(*it)) {
        contacts += 1;
        if !is_editable(editing.field) {
            continue;
        }
        let before = world.field(row, editing.field);
        let other = from.map(|it| world.field(row, it)).unwrap_or_default();
        if let Some(after) = editing.edit.applied(&before, &other) {
            each(row, &before, after);
        }
    }
    contacts
}

/// What an edit would do, with some that it would change.
pub fn preview(world: &World, selected: &Selected, editing: &Editing) -> EditPreview {
    let mut preview = EditPreview::default();
    preview.contacts = edited(world, selected, editing, |row, before, after| {
        preview.changed += 1;
        if preview.samples.len() < EDIT_SAMPLES {
            let address = address(world, RowRef(row));
            preview.samples.push(EditSample { address, before: before.to_owned(), after });
        }
    });
    preview
}

/// Decides to edit a field.
pub fn edit(
    world: &World,
    selected: &Selected,
    editing: &Editing,
    now: Timestamp,
) -> Result<Decided, Refusal> {
    let mut patch = Patch { field: Some(editing.field), ..Patch::default() };
    let contacts = edited(world, selected, editing, |row, before, after| {
        patch.rows.push(row);
        patch.before.push(before.into());
        patch.after.push(after.into());
    });
    let changed = patch.rows.len() as u64;
    if changed == 0 {
        return Err(Refusal::NothingToDo);
    }
    let fields = world.fields();
    let label = fields.iter().find(|it| it.id == editing.field).map_or("A field", |it| it.label.as_str());
    // Without the texts: those are in the patch alone.
    let what = format!("{label} of {}", counted(changed, Noun::Contact));
    let sentence = format!("{what} {}", ItemDeed::Changed.done());
    let act = Act {
        at: now,
        deed: Deed::Item { did: ItemDeed::Changed, what },
        origin: Origin::User,
        reason: String::new(),
        events: Vec::new(),
        patches: vec![patch],
        items: OfItems::default(),
    };
    Ok(Decided { change: Change::of(act), changed, skipped: contacts - changed, sentence })
}
