//! The trash: contacts that were deleted, when and by which act, and the way back.

use super::kit::element::{Part, markup};
use super::kit::signal::Derived;
use super::list::{PeopleList, people_list};
use crate::protocol::List;
use std::rc::Rc;

/// The screen.
pub fn screen() -> Part {
    let about = markup(
        r##"<span>Contacts that were deleted, and not imported again since. Restored, they are what they were. Their preferences stand all the time: who was opted out comes back opted out. <a href="#/activity?kind=deletion">All deletions</a></span>"##,
    );
    let empty = || {
        Part::Several(vec![
            markup(r#"<h2 class="empty-title">The trash is empty</h2>"#),
            markup("<p>Contacts that you delete come here, and can be restored at any time.</p>"),
        ])
    };
    people_list(PeopleList::of(
        Derived::new(|| List::Trash),
        Derived::new(|| "Trash".to_owned()),
        about,
        Rc::new(empty),
    ))
}
