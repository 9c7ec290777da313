//! Signals of any value on Leptos' signals of one type. Leptos compiles the machinery of a signal anew for
//! each type of value, and the page has forty; here only what concerns the value itself is.

use leptos::prelude::*;
use std::any::Any;
use std::cell::RefCell;
use std::marker::PhantomData;
use std::rc::Rc;

/// A value that can be changed, and whose readers hear of it. Copied freely; a copy is the same value.
pub struct Live<T> {
    cell: RwSignal<Rc<dyn Any>, LocalStorage>,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Live<T> {
    fn clone(&self) -> Live<T> {
        *self
    }
}

impl<T> Copy for Live<T> {}

impl<T: 'static> Live<T> {
    /// A value at first.
    pub fn new(value: T) -> Live<T> {
        Live { cell: new_cell(Rc::new(RefCell::new(value))), of: PhantomData }
    }

    /// Its readers hear of changes from now on.
    pub fn track(self) {
        track(self.cell);
    }

    /// Looks at the value; whoever asks hears when it changes.
    pub fn with<R>(self, look: impl FnOnce(&T) -> R) -> R {
        self.track();
        self.with_untracked(look)
    }

    /// Looks at the value as it is now.
    pub fn with_untracked<R>(self, look: impl FnOnce(&T) -> R) -> R {
        let cell = self.cell.get_untracked();
        look(&cell.downcast_ref::<RefCell<T>>().expect("made of this type").borrow())
    }

    /// The value; whoever asks hears when it changes.
    pub fn get(self) -> T
    where
        T: Clone,
    {
        self.with(T::clone)
    }

    /// The value as it is now.
    pub fn get_untracked(self) -> T
    where
        T: Clone,
    {
        self.with_untracked(T::clone)
    }

    /// Whether the part of the page that it belongs to is still there.
    pub fn is_there(self) -> bool {
        self.cell.try_get_untracked().is_some()
    }

    /// Changes the value, if the part of the page that it belongs to is still there.
    pub fn update(self, change: impl FnOnce(&mut T)) {
        let Some(cell) = self.cell.try_get_untracked() else { return };
        if let Some(cell) = cell.downcast_ref::<RefCell<T>>() {
            change(&mut cell.borrow_mut());
        }
        notify(self.cell);
    }

    /// Sets the value, if the part of the page that it belongs to is still there.
    pub fn set(self, value: T) {
        self.update(|it| *it = value);
    }
}

impl<T: 'static> Live<Option<T>> {
    /// Takes the value away.
    pub fn take(self) -> Option<T> {
        let mut taken = None;
        self.update(|it| taken = it.take());
        taken
    }
}

#[inline(never)]
fn new_cell(cell: Rc<dyn Any>) -> RwSignal<Rc<dyn Any>, LocalStorage> {
    RwSignal::new_local(cell)
}

#[inline(never)]
fn track(cell: RwSignal<Rc<dyn Any>, LocalStorage>) {
    cell.track();
}

#[inline(never)]
fn notify(cell: RwSignal<Rc<dyn Any>, LocalStorage>) {
    cell.notify();
}

/// A value that follows from others, found anew each time it is asked for. Copied freely.
pub struct Derived<T> {
    find: StoredValue<Rc<dyn Any>, LocalStorage>,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Derived<T> {
    fn clone(&self) -> Derived<T> {
        *self
    }
}

impl<T> Copy for Derived<T> {}

impl<T: 'static> Derived<T> {
    /// What a function finds.
    pub fn new(find: impl Fn() -> T + 'static) -> Derived<T> {
        let find: Box<dyn Fn() -> T> = Box::new(find);
        Derived { find: StoredValue::new_local(Rc::new(find)), of: PhantomData }
    }

    /// The value; whoever asks hears when what it follows from changes.
    pub fn get(self) -> T {
        let find = self.find.get_value();
        find.downcast_ref::<Box<dyn Fn() -> T>>().expect("made of this type")()
    }

    /// The value as it is now.
    pub fn get_untracked(self) -> T {
        untrack(|| self.get())
    }

    /// Whoever asks hears when what it follows from changes.
    pub fn track(self) {
        self.get();
    }
}
