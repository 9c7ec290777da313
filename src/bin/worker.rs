//! The worker's program: everything is in the library.

fn main() {
    console_error_panic_hook::set_once();
    mailable::worker::start();
}
