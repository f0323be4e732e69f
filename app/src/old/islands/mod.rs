//! The parts that react while somebody types. Each is a page's form or control that also works by
//! itself before the WebAssembly has come, and without it.

mod account_field;
mod account_search;
mod account_switcher;
mod combobox;
mod contact_field;
mod copy_button;
mod customer_fields;
mod customer_panel;
mod live_forms;
mod live_page;
mod morph;
mod new_account_form;
mod page;

#[cfg(feature = "ssr")]
pub(crate) use self::customer_fields::{CountryShape, label_of};
pub use self::{
    account_field::{AccountField, AccountFieldProps},
    account_search::{AccountSearch, AccountSearchProps},
    account_switcher::{AccountSwitcher, AccountSwitcherProps},
    contact_field::{ContactField, ContactFieldProps},
    copy_button::{CopyButton, CopyButtonProps},
    customer_panel::{CustomerPanel, CustomerPanelProps},
    live_forms::{LiveForms, LiveFormsProps},
    live_page::ALIVE,
    new_account_form::{NewAccountForm, NewAccountFormProps},
};
