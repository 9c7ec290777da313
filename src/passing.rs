//! How bytes get from this memory into the browser's files, and out of them: through arrays that are used again and
//! again. Fresh memory each time costs more than the copy, and lies about until somebody collects it.

use js_sys::{Array, ArrayBuffer, Function, Object, Promise, Reflect, Uint8Array};
use std::cell::RefCell;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::Blob;

/// The array through which bytes go into files.
#[derive(Default)]
pub struct Passing(Option<Uint8Array>);

impl Passing {
    /// Bytes as a file in the browser's memory. An error is a browser that has no room for it.
    pub fn blob(&mut self, bytes: &[u8]) -> Result<Blob, JsValue> {
        let length = bytes.len() as u32;
        let passing = match self.0.take() {
            Some(passing) if passing.length() >= length => passing,
            _ => Uint8Array::new_with_length(length + length / 8),
        };
        let piece = passing.subarray(0, length);
        piece.copy_from(bytes);
        self.0 = Some(passing);
        Blob::new_with_u8_array_sequence(&Array::of1(&piece))
    }
}

/// A file that is read from its beginning to its end, through one buffer: a slice of its own for each piece takes about
/// twice as long.
pub struct BlobStream {
    /// A `ReadableStreamBYOBReader`.
    reader: JsValue,
    /// Not there while a read is under way.
    buffer: RefCell<Option<ArrayBuffer>>,
}

impl BlobStream {
    /// Through this buffer, if there is one. `None` where the browser has no such streams.
    pub fn of(blob: &Blob, buffer: Option<ArrayBuffer>) -> Option<BlobStream> {
        let stream = method(blob, "stream")?.call0(blob).ok()?;
        let options = Object::new();
        let _ = Reflect::set(&options, &"mode".into(), &"byob".into());
        let reader = method(&stream, "getReader")?.call1(&stream, &options).ok()?;
        Some(BlobStream { reader, buffer: RefCell::new(buffer) })
    }

    /// Whether the browser has such streams.
    pub fn is_known() -> bool {
        Blob::new().is_ok_and(|it| BlobStream::of(&it, None).is_some())
    }

    /// The next `length` bytes. `None` if there are fewer, or they cannot be read.
    pub async fn read(&self, length: usize) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        while bytes.len() < length {
            let piece = self.piece(length - bytes.len()).await.filter(|it| it.length() > 0)?;
            if bytes.is_empty() {
                bytes = piece.to_vec();
            } else {
                bytes.extend(piece.to_vec());
            }
            *self.buffer.borrow_mut() = Some(piece.buffer());
        }
        Some(bytes)
    }

    /// Its buffer, for another.
    pub fn take_buffer(&self) -> Option<ArrayBuffer> {
        self.buffer.borrow_mut().take()
    }

    /// At most so many bytes. Browsers that know no `min` give what has come.
    async fn piece(&self, most: usize) -> Option<Uint8Array> {
        let most = most as u32;
        let buffer = self.take_buffer().filter(|it| it.byte_length() >= most);
        let buffer = buffer.unwrap_or_else(|| ArrayBuffer::new(most));
        let room = Uint8Array::new_with_byte_offset_and_length(&buffer, 0, most);
        let options = Object::new();
        let _ = Reflect::set(&options, &"min".into(), &most.into());
        let read = method(&self.reader, "read")?.call2(&self.reader, &room, &options).ok()?;
        let answer = JsFuture::from(read.dyn_into::<Promise>().ok()?).await.ok()?;
        Reflect::get(&answer, &"value".into()).ok()?.dyn_into().ok()
    }
}

impl Drop for BlobStream {
    fn drop(&mut self) {
        let cancelled = method(&self.reader, "cancel").and_then(|it| it.call0(&self.reader).ok());
        if let Some(Ok(cancelled)) = cancelled.map(JsCast::dyn_into::<Promise>) {
            spawn_local(async move {
                // One that failed says so once more; whoever read it knows.
                let _ = JsFuture::from(cancelled).await;
            });
        }
    }
}

fn method(of: &JsValue, name: &str) -> Option<Function> {
    Reflect::get(of, &name.into()).ok()?.dyn_into().ok()
}
