//! A file of addresses on its way to be a list: read with its progress, asked in which column its addresses are where no
//! column is known for them, and said what was wrong with it.

use super::import::progress;
use super::intents;
use super::kit::element::{Part, element};
use super::kit::field::alert;
use super::kit::signal::Live;
use super::kit::task::begin;
use super::state::App;
use super::which_column::{addresses_of, ask};
use super::words;
use crate::domain::item::ItemId;
use crate::domain::preference::Channel;
use crate::protocol::{ColumnChoice, IntoDraft, JobProgress, Reply, Request};
use std::rc::Rc;
use web_sys::File;

/// What is done with the list that was made.
type Then = Rc<dyn Fn(ItemId)>;

/// A file of which nobody knows in which of its columns the addresses are.
#[derive(Clone)]
struct Asked {
    file: File,
    channel: Channel,
    draft: Option<IntoDraft>,
    columns: Vec<ColumnChoice>,
    then: Then,
}

/// The file that is taken on a screen, one at a time.
#[derive(Clone, Copy)]
pub struct Taking {
    app: App,
    busy: Live<bool>,
    asked: Live<Option<Asked>>,
    problem: Live<Option<String>>,
}

impl Taking {
    /// None yet.
    pub fn new(app: App) -> Taking {
        Taking { app, busy: Live::new(false), asked: Live::new(None), problem: Live::new(None) }
    }

    /// Whether one is being read.
    pub fn is_busy(self) -> bool {
        self.busy.get()
    }

    /// Makes a list of a file, as a part of a draft or for itself; `then` gets its number once it is saved.
    pub fn take(
        self,
        file: File,
        channel: Channel,
        draft: Option<IntoDraft>,
        then: impl Fn(ItemId) + 'static,
    ) {
        self.read(file, channel, draft, None, Rc::new(then));
    }

    fn read(self, file: File, channel: Channel, draft: Option<IntoDraft>, column: Option<u16>, then: Then) {
        let app = self.app;
        if self.busy.get_untracked() {
            return;
        }
        self.problem.set(None);
        self.asked.set(None);
        self.busy.set(true);
        app.job.set(Some(JobProgress::default()));
        let request = Request::TakeList { of: addresses_of(app, channel, column), draft };
        begin(async move {
            let reply = app.ask_with(request, Some(&file)).await.0;
            app.job.set(None);
            if !self.busy.is_there() {
                return;
            }
            self.busy.set(false);
            match reply {
                Reply::Failed(failure) => self.problem.set(Some(words::failure(&failure))),
                Reply::Refused(refusal) => self.problem.set(Some(words::refusal(&refusal))),
                Reply::WhichColumn(columns) => {
                    self.asked.set(Some(Asked { file, channel, draft, columns, then }));
                }
                reply => {
                    let item = match &reply {
                        Reply::Made { item, .. } => Some(*item),
                        _ => None,
                    };
                    if intents::told(app, reply)
                        && let Some(item) = item
                    {
                        then(item);
                    }
                }
            }
        });
    }

    /// Gives up a file that is being read: the screen goes.
    pub fn give_up(self) {
        if self.busy.is_there() && self.busy.get_untracked() {
            intents::cancel(self.app);
        }
    }

    /// How far it is, what is asked, and what was wrong.
    pub fn shown(self) -> Part {
        let problem = move || {
            let sentence = self.problem.get()?;
            Some(alert().child(element("p").child(sentence)))
        };
        let busy = move || self.busy.get().then(|| progress(self.app, "Reading the file"));
        let asked = move || {
            let Asked { file, channel, draft, columns, then } = self.asked.get()?;
            let name = file.name();
            let choose =
                move |column| self.read(file.clone(), channel, draft, Some(column), Rc::clone(&then));
            Some(ask(self.app, channel, &name, &columns, choose))
        };
        Part::Several(vec![problem.into(), busy.into(), asked.into()])
    }
}
