//! The floors: what is left of an import and of a search when everything is taken away that is not reading,
//! scanning or comparing bytes. Built with the flags of the site, so that only the work differs.
#![cfg(target_arch = "wasm32")]

use csv_core::{ReadFieldResult, Reader};
use memchr::memmem::Finder;
use wasm_bindgen::prelude::*;

/// Where a piece of the file is put to be scanned.
#[wasm_bindgen]
pub struct Scan {
    reader: Reader,
    piece: Vec<u8>,
    /// One field; its text is dropped.
    scratch: Vec<u8>,
    fields: f64,
    records: f64,
}

#[wasm_bindgen]
impl Scan {
    /// A scan of pieces of at most so many bytes.
    #[wasm_bindgen(constructor)]
    pub fn new(most: usize) -> Scan {
        Scan {
            reader: Reader::new(),
            piece: vec![0; most],
            scratch: vec![0; 1 << 16],
            fields: 0.0,
            records: 0.0,
        }
    }

    /// Where the piece is to be written, as an address in this program's memory.
    pub fn room(&mut self) -> *mut u8 {
        self.piece.as_mut_ptr()
    }

    /// Finds the fields of the piece's first bytes, and counts and drops them. Call it once with none at the end.
    pub fn piece(&mut self, bytes: usize) {
        let (mut from, to) = (0, bytes.min(self.piece.len()));
        loop {
            let (result, read, _) = self.reader.read_field(&self.piece[from..to], &mut self.scratch);
            from += read;
            match result {
                ReadFieldResult::InputEmpty | ReadFieldResult::End => return,
                ReadFieldResult::OutputFull => {}
                ReadFieldResult::Field { record_end } => {
                    self.fields += 1.0;
                    self.records += f64::from(u8::from(record_end));
                }
            }
            // No bytes would mean the end of the file.
            if from == to && bytes > 0 {
                return;
            }
        }
    }

    /// Fields found so far.
    pub fn fields(&self) -> f64 {
        self.fields
    }

    /// Records found so far.
    pub fn records(&self) -> f64 {
        self.records
    }
}

/// The searched columns, one after the other, in lower case.
#[wasm_bindgen]
pub struct Texts {
    reader: Reader,
    columns: Vec<u32>,
    column: u32,
    field: Vec<u8>,
    filled: usize,
    header: bool,
    bytes: Vec<u8>,
}

#[wasm_bindgen]
impl Texts {
    /// Takes these columns; `bytes` is how many they are at most.
    #[wasm_bindgen(constructor)]
    pub fn new(columns: Vec<u32>, bytes: usize) -> Texts {
        Texts {
            reader: Reader::new(),
            columns,
            column: 0,
            field: vec![0; 1 << 16],
            filled: 0,
            header: true,
            bytes: Vec::with_capacity(bytes),
        }
    }

    /// Takes a piece of the file. Call it once with none at the end.
    pub fn piece(&mut self, piece: &[u8]) {
        let mut from = 0;
        loop {
            let room = &mut self.field[self.filled..];
            let (result, read, written) = self.reader.read_field(&piece[from..], room);
            from += read;
            self.filled += written;
            match result {
                ReadFieldResult::InputEmpty | ReadFieldResult::End => return,
                // No field of the benchmark's files is so long; its rest is dropped.
                ReadFieldResult::OutputFull => self.filled = 0,
                ReadFieldResult::Field { record_end } => {
                    if !self.header && self.columns.contains(&self.column) {
                        self.bytes.extend(self.field[..self.filled].iter().map(u8::to_ascii_lowercase));
                        self.bytes.push(0);
                    }
                    self.filled = 0;
                    self.column += 1;
                    if record_end {
                        self.column = 0;
                        self.header = false;
                    }
                }
            }
            if from == piece.len() && !piece.is_empty() {
                return;
            }
        }
    }

    /// How many bytes there are.
    pub fn size(&self) -> f64 {
        self.bytes.len() as f64
    }

    /// How often a word is in them.
    pub fn find(&self, word: &str) -> f64 {
        Finder::new(word).find_iter(&self.bytes).count() as f64
    }
}
