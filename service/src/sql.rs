//! Statements that are put together from parts.

use sea_orm::{DbBackend, Statement, Value};

/// A statement in the making: its text, and the values for its places.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sql {
    text: String,
    values: Vec<Value>,
}

impl Sql {
    /// Adds text, which never comes from outside.
    pub(crate) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Adds a place with its value.
    pub(crate) fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        let place = format!("${}", self.values.len());
        self.push(&place)
    }

    /// Adds places with their values, in parentheses; a list that holds nothing if there are none.
    pub(crate) fn bind_all<T: Into<Value>>(&mut self, values: impl IntoIterator<Item = T>) -> &mut Self {
        self.push("(");
        let mut separator = "";
        for value in values {
            self.push(separator).bind(value);
            separator = ", ";
        }
        if separator.is_empty() {
            self.push("NULL");
        }
        self.push(")")
    }

    /// The statement for `database`.
    pub(crate) fn statement(self, database: DbBackend) -> Statement {
        Statement::from_sql_and_values(database, self.text, self.values)
    }
}
