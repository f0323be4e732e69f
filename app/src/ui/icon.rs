//! Small drawings beside words. They say nothing that the words do not, and are hidden from readers.

use leptos::prelude::*;

/// Which drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IconName {
    /// The product's mark.
    Mark,
    /// Several customers.
    Accounts,
    /// One customer.
    Account,
    /// A sheet with lines.
    Orders,
    /// A clock.
    Activity,
    /// A person.
    Person,
    /// A magnifying glass.
    Search,
    /// A plus.
    Add,
    /// A small arrow down.
    Down,
}

impl IconName {
    /// The path, on a square of 24.
    const fn path(self) -> &'static str {
        match self {
            Self::Mark => "M3 20.5V9.2L12 3.5l9 5.7v11.3h-5.6v-6.2a3.4 3.4 0 0 0-6.8 0v6.2z",
            Self::Accounts => "M4 5h10v15H4zM14 10h6v10h-6M7 9h4M7 12.5h4M7 16h4M17 13.5h0M17 16.5h0",
            Self::Account => "M5 4h14v16H5zM9 8h6M9 12h6M9 16h3",
            Self::Orders => "M6 3.5h12v17l-3-2-3 2-3-2-3 2zM9 8.5h6M9 12.5h6",
            Self::Activity => "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM12 7.5V12l3 2",
            Self::Person => "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5a7.5 7.5 0 0 1 15 0",
            Self::Search => "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5 20 20",
            Self::Add => "M12 5v14M5 12h14",
            Self::Down => "M6 9.5l6 6 6-6",
        }
    }
}

/// A drawing in the colour of the text around it.
#[component]
pub fn Icon(
    /// Which.
    name: IconName,
) -> impl IntoView {
    let class = if name == IconName::Mark { "icon filled" } else { "icon" };
    view! {
        <svg class=class viewBox="0 0 24 24" aria-hidden="true">
            <path d=name.path() />
        </svg>
    }
}
