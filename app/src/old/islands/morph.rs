//! Brings a part of the page to what the server has rendered anew, changing nothing that is the same:
//! the focus and what is being typed stay.

use leptos::{wasm_bindgen::JsCast, web_sys};
use web_sys::{Element, Node};

/// Makes `current` what `wanted` is. Islands keep themselves up to date and are left alone.
pub(super) fn morph(current: &Element, wanted: &Element) {
    if current.is_equal_node(Some(wanted)) || current.tag_name() == "LEPTOS-ISLAND" {
        return;
    }
    attributes(current, wanted);
    let mut place = current.first_child();
    let mut next_wanted = wanted.first_child();
    while let Some(node) = next_wanted {
        next_wanted = node.next_sibling();
        if let Some(own) = counterpart(place.as_ref(), &node) {
            remove(current, place, Some(&own));
            place = own.next_sibling();
            match (own.dyn_ref::<Element>(), node.dyn_ref::<Element>()) {
                (Some(own), Some(node)) => morph(own, node),
                _ if own.node_value() != node.node_value() => own.set_node_value(node.node_value().as_deref()),
                _ => {}
            }
        } else if let Ok(copy) = node.clone_node_with_deep(true) {
            let _ = current.insert_before(&copy, place.as_ref());
            wake(&copy);
        }
    }
    remove(current, place, None);
}

/// Brings the islands of what was put on the page to life.
fn wake(inserted: &Node) {
    let Some(inserted) = inserted.dyn_ref::<Element>() else { return };
    let Ok(islands) = inserted.query_selector_all("leptos-island") else { return };
    let init = web_sys::EventInit::new();
    init.set_bubbles(true);
    for island in (0..islands.length()).filter_map(|index| islands.item(index)) {
        if let Ok(event) = web_sys::Event::new_with_event_init_dict("tenantry:island", &init) {
            let _ = island.dispatch_event(&event);
        }
    }
}

/// Removes what stands from `place` on, up to `until`.
fn remove(current: &Element, mut place: Option<Node>, until: Option<&Node>) {
    while let Some(superfluous) = place.filter(|place| until.is_none_or(|until| !until.is_same_node(Some(place)))) {
        place = superfluous.next_sibling();
        let _ = current.remove_child(&superfluous);
    }
}

/// The node at `place` or after it that becomes `wanted`: the element of its id, else the next of its
/// kind and class, else one of its kind that stands right there. Nothing is moved, for what is moved
/// loses the focus.
fn counterpart(place: Option<&Node>, wanted: &Node) -> Option<Node> {
    let id = |node: &Node| node.dyn_ref::<Element>().map(Element::id).unwrap_or_default();
    let class = |node: &Node| node.dyn_ref::<Element>().map(Element::class_name);
    let fits = |node: &Node| node.node_name() == wanted.node_name() && id(node) == id(wanted);
    let here = place.filter(|place| fits(place));
    if wanted.dyn_ref::<Element>().is_none() {
        return here.cloned();
    }
    let mut next = place.cloned();
    while let Some(node) = next {
        if fits(&node) && (!id(wanted).is_empty() || class(&node) == class(wanted)) {
            return Some(node);
        }
        next = node.next_sibling();
    }
    here.cloned()
}

fn attributes(current: &Element, wanted: &Element) {
    for name in current.get_attribute_names().iter().filter_map(|name| name.as_string()) {
        if !wanted.has_attribute(&name) {
            let _ = current.remove_attribute(&name);
        }
    }
    for name in wanted.get_attribute_names().iter().filter_map(|name| name.as_string()) {
        if let Some(value) = wanted.get_attribute(&name)
            && current.get_attribute(&name).as_ref() != Some(&value)
        {
            let _ = current.set_attribute(&name, &value);
        }
    }
}
