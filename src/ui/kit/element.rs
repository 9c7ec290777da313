//! Elements and what stands in them, described by values of one type and drawn by code that exists once.
//!
//! Signals and effects are those of Leptos. Its `view!` gives every element and every closure in it a type of
//! its own, and each type is compiled into its own copy of the renderer: more than half of the page's program
//! was such copies, and a first visit waits for every byte of it.
//!
//! A [`Part`] describes; drawing keeps what was described beside the nodes. A closure in a part is drawn anew
//! when a signal changes that it read: nodes of the same kind at the same place are written again and not
//! replaced, so that focus, selection and scroll position survive.

use super::signal::Live;
use leptos::ev::EventDescriptor;
use leptos::prelude::*;
use leptos::reactive::effect::RenderEffect;
use leptos::tachys::renderer::Rndr;
use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event, HtmlElement, Node};

/// Where an element is found once it is drawn.
pub type ElementRef = Live<Option<HtmlElement>>;

/// A place for an element that will be drawn.
pub fn element_ref() -> ElementRef {
    Live::new(None)
}

/// A piece of the page.
pub enum Part {
    /// Nothing is seen; the place is kept.
    Nothing,
    /// A text.
    Text(Cow<'static, str>),
    /// One element of fixed markup. Never made of anything that a person or a file wrote.
    Markup(&'static str),
    /// An element.
    Element(Element),
    /// One after the other.
    Several(Vec<Part>),
    /// Whatever the function answers, now and when signals change that it read.
    Live(Rc<dyn Fn() -> Part>),
}

/// One element of fixed markup.
pub fn markup(html: &'static str) -> Part {
    Part::Markup(html)
}

impl From<&'static str> for Part {
    fn from(text: &'static str) -> Part {
        Part::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Part {
    fn from(text: String) -> Part {
        Part::Text(Cow::Owned(text))
    }
}

impl From<Element> for Part {
    fn from(element: Element) -> Part {
        Part::Element(element)
    }
}

impl From<Vec<Part>> for Part {
    fn from(parts: Vec<Part>) -> Part {
        Part::Several(parts)
    }
}

impl<P: Into<Part>> From<Option<P>> for Part {
    fn from(part: Option<P>) -> Part {
        part.map_or(Part::Nothing, Into::into)
    }
}

impl<P: Into<Part>, F: Fn() -> P + 'static> From<F> for Part {
    fn from(live: F) -> Part {
        Part::Live(Rc::new(move || live().into()))
    }
}

impl<P: Into<Part>> FromIterator<P> for Part {
    fn from_iter<I: IntoIterator<Item = P>>(parts: I) -> Part {
        let mut all = Vec::new();
        parts.into_iter().for_each(|it| all.push(it.into()));
        Part::Several(all)
    }
}

/// What an attribute, a property, a class or a style is set to.
pub enum Value {
    /// It is not there.
    Absent,
    /// There without a text, or not there.
    Flag(bool),
    /// A text.
    Text(Cow<'static, str>),
    /// Whatever the function answers, now and when signals change that it read.
    Live(Rc<dyn Fn() -> Value>),
}

impl From<&'static str> for Value {
    fn from(text: &'static str) -> Value {
        Value::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Text(Cow::Owned(text))
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Value {
        Value::Flag(flag)
    }
}

impl<V: Into<Value>> From<Option<V>> for Value {
    fn from(value: Option<V>) -> Value {
        value.map_or(Value::Absent, Into::into)
    }
}

impl<V: Into<Value>, F: Fn() -> V + 'static> From<F> for Value {
    fn from(live: F) -> Value {
        Value::Live(Rc::new(move || live().into()))
    }
}

impl Value {
    fn is(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Absent, Value::Absent) => true,
            (Value::Flag(one), Value::Flag(other)) => one == other,
            (Value::Text(one), Value::Text(other)) => one == other,
            _ => false,
        }
    }
}

/// An element, described.
pub struct Element(Box<Description>);

struct Description {
    tag: &'static str,
    /// The namespace, if it is not that of the page.
    of: Option<&'static str>,
    settings: Vec<(Setting, Content)>,
    parts: Vec<Part>,
}

/// Which thing of an element is set.
#[derive(Clone, Copy, PartialEq)]
enum Setting {
    Attribute(&'static str),
    Property(&'static str),
    Class(&'static str),
    Style(&'static str),
    Listener(&'static str),
    Reference,
}

enum Content {
    Value(Value),
    Hears(Hears),
    Reference(ElementRef),
}

type Hears = Rc<dyn Fn(Event)>;

/// An element without anything yet.
pub fn element(tag: &'static str) -> Element {
    Element(Box::new(Description { tag, of: None, settings: Vec::new(), parts: Vec::new() }))
}

/// A part of a drawing (`svg` itself and everything in it), without anything yet.
pub fn drawing(tag: &'static str) -> Element {
    let of = Some("http://www.w3.org/2000/svg");
    Element(Box::new(Description { tag, of, settings: Vec::new(), parts: Vec::new() }))
}

/// A word in the hue of a preference, given by that one's word.
pub fn preference_chip(preference: &'static str, text: impl Into<Part>) -> Element {
    element("span").class("chip").attribute("data-preference", preference).child(text)
}

/// A button that submits nothing.
pub fn button(class: &'static str) -> Element {
    element("button").attribute("type", "button").class(class)
}

impl Element {
    #[inline(never)]
    fn set(mut self, setting: Setting, value: Value) -> Element {
        self.0.settings.push((setting, Content::Value(value)));
        self
    }

    #[inline(never)]
    fn hear(mut self, event: &'static str, hears: Hears) -> Element {
        self.0.settings.push((Setting::Listener(event), Content::Hears(hears)));
        self
    }

    /// Its classes.
    pub fn class(self, value: impl Into<Value>) -> Element {
        self.attribute("class", value)
    }

    /// An attribute.
    #[inline(never)]
    pub fn attribute(self, name: &'static str, value: impl Into<Value>) -> Element {
        self.set(Setting::Attribute(name), value.into())
    }

    /// A property of the object, where the attribute says only what it was at first.
    #[inline(never)]
    pub fn property(self, name: &'static str, value: impl Into<Value>) -> Element {
        self.set(Setting::Property(name), value.into())
    }

    /// A class beside the others that is there or not.
    #[inline(never)]
    pub fn class_if(self, name: &'static str, value: impl Into<Value>) -> Element {
        self.set(Setting::Class(name), value.into())
    }

    /// A property of its style.
    pub fn style(self, name: &'static str, value: String) -> Element {
        self.set(Setting::Style(name), value.into())
    }

    /// What is done when an event reaches it.
    #[inline(never)]
    pub fn on<E>(self, event: E, hears: impl Fn(E::EventType) + 'static) -> Element
    where
        E: EventDescriptor,
        E::EventType: JsCast,
    {
        let Cow::Borrowed(name) = event.name() else { return self };
        self.hear(name, Rc::new(move |event: Event| hears(event.unchecked_into())))
    }

    /// Where it is found once it is drawn.
    #[inline(never)]
    pub fn reference(mut self, place: ElementRef) -> Element {
        self.0.settings.push((Setting::Reference, Content::Reference(place)));
        self
    }

    /// What stands in it, after what stands there already.
    #[inline(never)]
    pub fn child(mut self, part: impl Into<Part>) -> Element {
        self.0.parts.push(part.into());
        self
    }
}

/// Draws a part at the end of the body, for as long as the page lives.
pub fn draw_for_good(part: Part) {
    let drawn = Drawn::new(part);
    if let Some(body) = document().body() {
        drawn.place(&body, None);
    }
    std::mem::forget(drawn);
}

/// A part that is drawn: its nodes, and what was described.
enum Drawn {
    Nothing(Node),
    Text(Node, Cow<'static, str>),
    Markup(Node, &'static str),
    Element(DrawnElement),
    /// The node behind them keeps their place.
    Several(Vec<Drawn>, Node),
    Live(Followed<Drawn>),
}

struct DrawnElement {
    element: web_sys::Element,
    tag: &'static str,
    settings: Vec<(Setting, DrawnContent)>,
    parts: Vec<Drawn>,
}

enum DrawnContent {
    Fixed(Value),
    Live { _effect: Followed<Value> },
    Hears(Listener),
    Reference,
}

/// An effect and its last value; both end at once, and not when the effect is polled next.
struct Followed<T: 'static>(RenderEffect<T>);

impl<T> Drop for Followed<T> {
    fn drop(&mut self) {
        drop(self.0.take_value());
    }
}

impl Drawn {
    fn new(part: Part) -> Drawn {
        match part {
            Part::Nothing => Drawn::Nothing(keep_place()),
            Part::Text(text) => Drawn::Text(document().create_text_node(&text).into(), text),
            Part::Markup(html) => Drawn::Markup(Rndr::create_element_from_html(html.into()).into(), html),
            Part::Element(element) => Drawn::Element(DrawnElement::new(element)),
            Part::Several(parts) => Drawn::Several(parts.into_iter().map(Drawn::new).collect(), keep_place()),
            Part::Live(live) => Drawn::Live(Followed(RenderEffect::new(move |before: Option<Drawn>| {
                let part = live();
                match before {
                    Some(mut drawn) => {
                        drawn.update(part);
                        drawn
                    }
                    None => Drawn::new(part),
                }
            }))),
        }
    }

    /// Puts its nodes into an element, before a node or at the end.
    fn place(&self, parent: &Node, before: Option<&Node>) {
        match self {
            Drawn::Nothing(node) | Drawn::Text(node, _) | Drawn::Markup(node, _) => {
                let _ = parent.insert_before(node, before);
            }
            Drawn::Element(drawn) => {
                let _ = parent.insert_before(&drawn.element, before);
            }
            Drawn::Several(parts, end) => {
                parts.iter().for_each(|it| it.place(parent, before));
                let _ = parent.insert_before(end, before);
            }
            Drawn::Live(live) => {
                live.0.with_value_mut(|it| it.place(parent, before));
            }
        }
    }

    fn first_node(&self) -> Option<Node> {
        match self {
            Drawn::Nothing(node) | Drawn::Text(node, _) | Drawn::Markup(node, _) => Some(node.clone()),
            Drawn::Element(drawn) => Some(drawn.element.clone().into()),
            Drawn::Several(parts, end) => match parts.first() {
                Some(part) => part.first_node(),
                None => Some(end.clone()),
            },
            Drawn::Live(live) => live.0.with_value_mut(|it| it.first_node()).flatten(),
        }
    }

    /// Takes its nodes out of the page.
    fn remove(self) {
        self.take_out();
    }

    fn take_out(&self) {
        let out = |node: &Node| {
            if let Some(parent) = node.parent_node() {
                let _ = parent.remove_child(node);
            }
        };
        match self {
            Drawn::Nothing(node) | Drawn::Text(node, _) | Drawn::Markup(node, _) => out(node),
            Drawn::Element(drawn) => out(&drawn.element),
            Drawn::Several(parts, end) => {
                parts.iter().for_each(Drawn::take_out);
                out(end);
            }
            Drawn::Live(live) => {
                live.0.with_value_mut(|it| it.take_out());
            }
        }
    }

    /// Makes it what is described now.
    fn update(&mut self, part: Part) {
        match (&mut *self, part) {
            (Drawn::Nothing(_), Part::Nothing) => {}
            (Drawn::Text(node, before), Part::Text(text)) => {
                if *before != text {
                    node.set_text_content(Some(&text));
                    *before = text;
                }
            }
            (Drawn::Markup(_, before), Part::Markup(html)) if *before == html => {}
            (Drawn::Element(drawn), Part::Element(element)) if drawn.fits(&element) => drawn.update(element),
            (Drawn::Several(drawn, end), Part::Several(parts)) => {
                if let Some(parent) = end.parent_node() {
                    update_all(drawn, parts, &parent, Some(end));
                }
            }
            (_, part) => {
                let first = self.first_node();
                let now = Drawn::new(part);
                if let Some(first) = first
                    && let Some(parent) = first.parent_node()
                {
                    now.place(&parent, Some(&first));
                }
                std::mem::replace(self, now).remove();
            }
        }
    }
}

/// A node that is not seen.
fn keep_place() -> Node {
    Rndr::create_placeholder().unchecked_into()
}

fn update_all(drawn: &mut Vec<Drawn>, parts: Vec<Part>, parent: &Node, end: Option<&Node>) {
    for gone in drawn.drain(parts.len().min(drawn.len())..) {
        gone.remove();
    }
    let there = drawn.len();
    for (at, part) in parts.into_iter().enumerate() {
        if at < there {
            drawn[at].update(part);
        } else {
            let new = Drawn::new(part);
            new.place(parent, end);
            drawn.push(new);
        }
    }
}

impl DrawnElement {
    fn new(Element(description): Element) -> DrawnElement {
        let Description { tag, of, settings, parts } = *description;
        let element = Rndr::create_element(tag, of);
        let parts: Vec<Drawn> = parts.into_iter().map(Drawn::new).collect();
        parts.iter().for_each(|it| it.place(&element, None));
        // After what stands in it: a choice can be set only where it is offered.
        let settings = settings.into_iter().map(|(setting, content)| {
            let content = DrawnContent::new(&element, &setting, content);
            (setting, content)
        });
        DrawnElement { tag, settings: settings.collect(), parts, element }
    }

    /// Whether it can be written again to become this.
    fn fits(&self, Element(description): &Element) -> bool {
        self.tag == description.tag
            && self.settings.len() == description.settings.len()
            && self.settings.iter().zip(&description.settings).all(|(one, other)| one.0 == other.0)
    }

    fn update(&mut self, Element(description): Element) {
        for ((setting, drawn), (_, content)) in self.settings.iter_mut().zip(description.settings) {
            match (&mut *drawn, content) {
                (DrawnContent::Fixed(before), Content::Value(value)) if before.is(&value) => {}
                (DrawnContent::Hears(listener), Content::Hears(hears)) => listener.hear(hears),
                (_, content) => *drawn = DrawnContent::new(&self.element, setting, content),
            }
        }
        update_all(&mut self.parts, description.parts, &self.element, None);
    }
}

impl DrawnContent {
    fn new(element: &web_sys::Element, setting: &Setting, content: Content) -> DrawnContent {
        match (setting, content) {
            (Setting::Listener(name), Content::Hears(hears)) => {
                let listener = Listener::default();
                listener.hear(hears);
                listener.attach(element, name);
                DrawnContent::Hears(listener)
            }
            (_, Content::Value(Value::Live(live))) => {
                let (element, setting) = (element.clone(), *setting);
                DrawnContent::Live {
                    _effect: Followed(RenderEffect::new(move |before: Option<Value>| {
                        let value = live();
                        if !before.is_some_and(|it| it.is(&value)) {
                            write(&element, &setting, &value);
                        }
                        value
                    })),
                }
            }
            (_, Content::Value(value)) => {
                write(element, setting, &value);
                DrawnContent::Fixed(value)
            }
            (_, Content::Reference(place)) => {
                place.set(element.dyn_ref().cloned());
                DrawnContent::Reference
            }
            _ => DrawnContent::Reference,
        }
    }
}

fn write(element: &web_sys::Element, setting: &Setting, value: &Value) {
    let text = match value {
        Value::Text(text) => Some(&**text),
        Value::Flag(true) => Some(""),
        _ => None,
    };
    match setting {
        Setting::Attribute(name) => {
            let _ = match text {
                Some(text) => element.set_attribute(name, text),
                None => element.remove_attribute(name),
            };
        }
        Setting::Property(name) => {
            let value = match value {
                Value::Flag(flag) => JsValue::from_bool(*flag),
                _ => JsValue::from_str(text.unwrap_or_default()),
            };
            let _ = js_sys::Reflect::set(element, &JsValue::from_str(name), &value);
        }
        Setting::Class(name) => {
            let _ = element.class_list().toggle_with_force(name, text.is_some());
        }
        Setting::Style(name) => {
            let style = element.unchecked_ref::<HtmlElement>().style();
            let _ = style.set_property(name, text.unwrap_or_default());
        }
        Setting::Listener(_) | Setting::Reference => {}
    }
}

/// What an element does when it hears an event. An event that reaches an element after it left the page is
/// heard by nobody.
#[derive(Default)]
struct Listener {
    hears: Rc<RefCell<Option<(Owner, Hears)>>>,
}

impl Listener {
    fn hear(&self, hears: Hears) {
        // What begins in a handler ends with the part of the page in which it was described.
        self.hears.replace(Some((Owner::current().unwrap_or_default(), hears)));
    }

    fn attach(&self, element: &web_sys::Element, name: &str) {
        let hears = self.hears.clone();
        let heard = Closure::<dyn Fn(Event)>::new(move |event| {
            let now = hears.borrow().clone();
            if let Some((owner, hears)) = now {
                owner.with(|| hears(event));
            }
        });
        // The browser keeps it as long as the element.
        let _ = element.add_event_listener_with_callback(name, heard.into_js_value().unchecked_ref());
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.hears.replace(None);
    }
}
