//! How bytes get from this memory into the browser's files: through one array, made once. Fresh memory each time
//! costs more than the copy.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsValue;
use web_sys::Blob;

/// The array.
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
