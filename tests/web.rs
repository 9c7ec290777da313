//! In a real browser's worker: IndexedDB does what every store must do.
#![cfg(target_arch = "wasm32")]

use mailable::storage::conformance;
use mailable::storage::indexed_db::{IndexedDb, delete};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

const NAME: &str = "conformance";

#[wasm_bindgen_test]
async fn indexed_db_conforms() {
    delete(NAME).await.expect("deleting what an earlier run left");
    let store = IndexedDb::open(NAME).await.expect("opening");
    conformance::check(store, async |store: IndexedDb| {
        drop(store);
        IndexedDb::open(NAME).await.expect("opening anew")
    })
    .await;
    delete(NAME).await.expect("deleting");
}
