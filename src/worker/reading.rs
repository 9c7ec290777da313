//! Where the rows of a file come from: a thread of its own reads the file and makes rows of it, while the engine
//! takes in those before. Where no such thread can be started, this one does both. Knows nothing of the world.

use super::platform::{self, Arrays, Reading, RowMessage};
use crate::exchange::batch::{Batch, BatchReader};
use crate::exchange::plan::ImportPlan;
use crate::exchange::status::StatusWord;
use crate::limits::{BATCHES_AHEAD, SLICE_BYTES};
use crate::passing::BlobStream;
use crate::started::Started;
use serde::{Deserialize, Serialize};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

/// What the engine says to the reading thread. Beside [`ToReader::Read`] goes the `File`.
#[derive(Serialize, Deserialize)]
enum ToReader {
    /// Read a file from its beginning; a file before it is given up.
    Read { plan: ImportPlan, now: i64 },
    /// A batch was taken in: there may be one more. Beside it go the arrays that it came in.
    Next,
}

/// What the reading thread says. Beside [`FromReader::Rows`] go the texts and the numbers.
#[derive(Serialize, Deserialize)]
enum FromReader {
    /// The rows up to this byte, and those of them that cannot be used.
    Rows { to: u64, rejected: Vec<(u64, String, String)>, words: Vec<StatusWord> },
    /// The file cannot be read, in a sentence.
    Failed(String),
}

/// The rows of one file, batch by batch.
pub enum FileRows {
    /// From the reading thread; what is needed to go on without it, should it not get as far as the first rows.
    Elsewhere { reader: Rc<Reading>, at: u64, size: u64, here: Option<Box<Batches>> },
    /// From this one.
    Here(Box<Batches>),
}

impl FileRows {
    /// Begins to read. `reader` is the thread, if one is running already.
    pub fn open(
        reader: &RefCell<Option<Rc<Reading>>>,
        file: &File,
        plan: &ImportPlan,
        now: i64,
    ) -> Result<FileRows, String> {
        // Refused here too, so that it is refused before a thread is started.
        let here = Box::new(Batches::of(file.clone(), plan, now)?);
        let running = reader.borrow_mut().take().or_else(Reading::start);
        if let Some(running) = running {
            let read = ToReader::Read { plan: plan.clone(), now };
            if let Ok(bytes) = postcard::to_allocvec(&read) {
                running.send(&bytes, file);
                *reader.borrow_mut() = Some(Rc::clone(&running));
                return Ok(FileRows::Elsewhere {
                    reader: running,
                    at: 0,
                    size: here.slices.size,
                    here: Some(here),
                });
            }
        }
        Ok(FileRows::Here(here))
    }

    /// The next rows, and up to which byte they go. `None` at the end of the file.
    pub async fn next(&mut self) -> Result<Option<(u64, Batch)>, String> {
        if let FileRows::Elsewhere { reader, at, size, here } = self {
            if *at == *size && *size > 0 {
                return Ok(None);
            }
            match (reader.next().await, here.take()) {
                (Ok(message), _) => return received(reader, at, message).map(Some),
                // A browser that starts such a thread and lets it run no program.
                (Err(_), Some(here)) => *self = FileRows::Here(here),
                (Err(sentence), None) => return Err(sentence),
            }
        }
        match self {
            FileRows::Here(batches)
                if batches.slices.at < batches.slices.size || batches.slices.size == 0 =>
            {
                batches.next().await.map(Some)
            }
            _ => Ok(None),
        }
    }
}

/// The rows in a message, which makes room for one more.
fn received(reader: &Reading, at: &mut u64, message: RowMessage) -> Result<(u64, Batch), String> {
    match postcard::from_bytes(&message.bytes) {
        Ok(FromReader::Rows { to, rejected, words }) => {
            *at = to;
            if let Ok(bytes) = postcard::to_allocvec(&ToReader::Next) {
                reader.give_back(&bytes, &message.arrays);
            }
            // Checked by the decoder there; here it only changes its type.
            let text = simdutf8::basic::from_utf8(&message.text).unwrap_or_default();
            let batch = Batch::unpack(text, message.numbers, rejected, words);
            batch.map(|it| (to, it)).ok_or_else(|| "The file could not be read.".to_owned())
        }
        Ok(FromReader::Failed(sentence)) => Err(sentence),
        Err(_) => Err("The file could not be read.".to_owned()),
    }
}

/// The slices of a file, one after the other: the browser reads the next while the one before is understood.
pub(super) struct FileSlices {
    file: File,
    /// Not there where the browser has no such streams.
    stream: Option<Rc<BlobStream>>,
    /// Where the slice begins that is on its way, or would.
    at: u64,
    size: u64,
    coming: Option<Started<'static, Result<Vec<u8>, String>>>,
}

/// A slice of a file.
pub(super) struct Slice {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Up to which byte of the file it goes.
    pub to: u64,
    /// Whether the file ends with it.
    pub last: bool,
}

impl FileSlices {
    /// From the beginning of a file.
    pub fn of(file: File) -> FileSlices {
        let stream = BlobStream::of(&file, None).map(Rc::new);
        FileSlices { size: file.size() as u64, stream, file, at: 0, coming: None }
    }

    fn begin(&self) -> Started<'static, Result<Vec<u8>, String>> {
        let (file, stream) = (self.file.clone(), self.stream.clone());
        let (from, to, size) = (self.at, self.end(), self.size);
        Started::new(async move {
            let Some(stream) = stream else { return platform::read_slice(&file, from, to).await };
            // Fewer: it is another by now.
            let bytes = stream.read((to - from) as usize).await;
            let bytes = bytes.ok_or_else(|| platform::unreadable(&file))?;
            if to == size {
                // A stream goes on with what it opened. A slice asks for the file that was chosen, and is refused
                // if that was changed meanwhile.
                platform::read_slice(&file, size.saturating_sub(1), size).await?;
            }
            Ok(bytes)
        })
    }

    fn end(&self) -> u64 {
        (self.at + SLICE_BYTES as u64).min(self.size)
    }

    /// The next slice; an empty file has one, which is empty.
    pub async fn next(&mut self) -> Result<Slice, String> {
        let coming = self.coming.take().unwrap_or_else(|| self.begin());
        let bytes = coming.await?;
        self.at = self.end();
        let last = self.at == self.size;
        if !last {
            self.coming = Some(self.begin());
        }
        Ok(Slice { bytes, to: self.at, last })
    }
}

/// The rows of a file, a batch for each of its slices.
pub struct Batches {
    reader: BatchReader,
    slices: FileSlices,
}

impl Batches {
    fn of(file: File, plan: &ImportPlan, now: i64) -> Result<Batches, String> {
        let reader = BatchReader::new(plan, now).map_err(|it| it.to_string())?;
        Ok(Batches { reader, slices: FileSlices::of(file) })
    }

    /// The next batch, and up to which byte it goes.
    async fn next(&mut self) -> Result<(u64, Batch), String> {
        let Slice { bytes, to, last } = self.slices.next().await?;
        let batch = self.reader.read(&bytes, last).map_err(|it| it.to_string())?;
        Ok((to, batch))
    }
}

/// What the reading thread has to do.
#[derive(Default)]
struct Desk {
    current: RefCell<Option<Batches>>,
    /// How many batches may be sent.
    wanted: Cell<u32>,
    /// It is being done.
    running: Cell<bool>,
    /// What came back of those that were sent.
    arrays: RefCell<Vec<Arrays>>,
}

/// Starts the reading thread: listens for a file, and stays at most [`BATCHES_AHEAD`] batches ahead.
pub fn start() {
    let desk: Rc<Desk> = Rc::default();
    platform::on_message(move |bytes, beside| {
        let Ok(message) = postcard::from_bytes::<ToReader>(&bytes) else { return };
        desk.arrays.borrow_mut().extend(beside.arrays());
        match (message, beside.file()) {
            (ToReader::Read { plan, now }, Some(file)) => match Batches::of(file, &plan, now) {
                Ok(batches) => {
                    *desk.current.borrow_mut() = Some(batches);
                    desk.wanted.set(BATCHES_AHEAD);
                }
                Err(sentence) => return failed(sentence),
            },
            _ => desk.wanted.set(desk.wanted.get() + 1),
        }
        if !desk.running.replace(true) {
            let desk = Rc::clone(&desk);
            spawn_local(async move { desk.work().await });
        }
    });
}

impl Desk {
    async fn work(&self) {
        while self.wanted.get() > 0 {
            // Taken, so that a new file can lie there when this one's slice has come.
            let Some(mut current) = self.current.take() else { break };
            let next = current.next().await;
            if self.current.borrow().is_some() {
                continue;
            }
            self.wanted.set(self.wanted.get().saturating_sub(1));
            match next {
                Ok((to, mut batch)) => {
                    let rejected = std::mem::take(&mut batch.rejected);
                    let words = std::mem::take(&mut batch.words);
                    let rows = FromReader::Rows { to, rejected, words };
                    if let Ok(bytes) = postcard::to_allocvec(&rows) {
                        let (text, numbers) = batch.pack();
                        let arrays = self.arrays.borrow_mut().pop();
                        platform::post_rows(&bytes, &text, &numbers, arrays);
                    }
                    if to < current.slices.size {
                        *self.current.borrow_mut() = Some(current);
                    }
                }
                Err(sentence) => failed(sentence),
            }
        }
        self.running.set(false);
    }
}

fn failed(sentence: String) {
    if let Ok(bytes) = postcard::to_allocvec(&FromReader::Failed(sentence)) {
        platform::post_rows(&bytes, "", &[], None);
    }
}
