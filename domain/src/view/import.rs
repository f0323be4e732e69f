//! Imports of orders.

use serde::{Deserialize, Serialize};

use crate::{
    account_number::AccountNumber,
    customer::FieldError,
    order::{NewOrder, OrderForm},
    order_file::OrderColumn,
};

/// An order of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRow {
    /// The line of the file on which it begins, counted from one.
    pub line: u64,
    /// The order.
    pub order: NewOrder,
    /// The account to which all of it is to be assigned, and its name.
    pub account: Option<(AccountNumber, String)>,
}

/// A row of a file that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BadRow {
    /// The line of the file on which it begins, counted from one.
    pub line: u64,
    /// Its tracking number, as it is written.
    pub tracking_number: String,
    /// Every cell, as it is written.
    pub cells: Vec<String>,
    /// What is wrong, cell by cell.
    pub faults: Vec<CellFault>,
}

/// What is wrong with a cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellFault {
    /// Its column; `None` for what is wrong with the row.
    pub column: Option<OrderColumn>,
    /// What it holds.
    pub value: String,
    /// What is wrong with that.
    pub error: FieldError,
}

impl CellFault {
    /// The fault `error` of the cell of `form` in the column with the key `column`.
    #[must_use]
    pub fn of(form: &OrderForm, column: &str, error: FieldError) -> Self {
        let column = OrderColumn::from_key(column);
        Self { column, value: column.map(|column| form.get(column).to_owned()).unwrap_or_default(), error }
    }
}

/// What importing a file would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportPreview {
    /// The orders to be imported.
    pub good: Vec<ImportRow>,
    /// The rows that are wrong and would be left out.
    pub bad: Vec<BadRow>,
    /// The columns.
    pub header: ImportHeader,
    /// The good rows alone, as [`import`] takes them.
    pub csv: String,
}

/// The row of a file that names its columns.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportHeader {
    /// The line on which it stands, counted from one.
    pub line: u64,
    /// The names, as they are written.
    pub names: Vec<String>,
    /// Those of them that mean nothing here.
    pub unknown: Vec<String>,
}
