//! Statements that are put together from parts.

use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, Statement, Value, sea_query::Expr};
use serde::Serialize;

/// A statement in the making: its text, and the values for its places.
#[derive(Clone, Debug)]
pub(crate) struct Sql {
    database: DbBackend,
    text: String,
    values: Vec<Value>,
}

impl Sql {
    /// An empty statement for `database`.
    pub(crate) fn new(database: DbBackend) -> Self {
        Self { database, text: String::new(), values: Vec::new() }
    }

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

    /// Adds a subquery of the values of a list, in parentheses. However long the list is, it is one place of
    /// the statement, so that each length does not take a prepared statement of its own.
    pub(crate) fn bind_list<T: ListValue>(&mut self, values: impl IntoIterator<Item = T>) -> &mut Self {
        let list = serde_json::Value::from_iter(values).to_string();
        if self.database == DbBackend::Sqlite {
            self.push("(SELECT value FROM json_each(").bind(list).push("))")
        } else {
            let cast = format!("(SELECT CAST(value AS {}) FROM jsonb_array_elements_text(CAST(", T::TYPE);
            self.push(&cast).bind(list).push(" AS JSONB)) AS list (value))")
        }
    }

    /// The name in this database of the function that finds the place of a text in another one.
    pub(crate) fn position_function(&self) -> &'static str {
        if self.database == DbBackend::Sqlite { "INSTR" } else { "STRPOS" }
    }

    /// Adds the most rows that are asked for.
    pub(crate) fn limit(&mut self, most: u64) -> &mut Self {
        self.push(" LIMIT ").bind(i64::try_from(most).unwrap_or(i64::MAX))
    }

    /// A statement that counts the rows of this one up to `most`.
    pub(crate) fn counting(mut self, most: u64) -> Self {
        self.text.insert_str(0, "SELECT COUNT(*) AS counted FROM (");
        self.limit(most).push(") AS found");
        self
    }

    /// The statement.
    pub(crate) fn statement(self) -> Statement {
        Statement::from_sql_and_values(self.database, self.text, self.values)
    }
}

/// That `column` is one of `values`. However many they are, they are one place of the statement.
pub(crate) fn is_among<T: ListValue>(
    database: &impl ConnectionTrait,
    column: impl ColumnTrait,
    values: impl IntoIterator<Item = T>,
) -> Expr {
    let list = serde_json::Value::from_iter(values).to_string();
    let text = if database.get_database_backend() == DbBackend::Sqlite {
        "? IN (SELECT value FROM json_each(?))".to_owned()
    } else {
        let value = "SELECT CAST(value AS {type}) FROM jsonb_array_elements_text(CAST($2 AS JSONB)) AS list (value)";
        format!("$1 IN ({})", value.replace("{type}", T::TYPE))
    };
    Expr::cust_with_exprs(text, [Expr::col((column.entity_name(), column)), Expr::val(list)])
}

/// What can stand in a list that is bound as one value.
pub(crate) trait ListValue: Serialize + Into<serde_json::Value> {
    /// The type in `PostgreSQL`.
    const TYPE: &'static str;
}

impl ListValue for i64 {
    const TYPE: &'static str = "BIGINT";
}

impl ListValue for &str {
    const TYPE: &'static str = "TEXT";
}

impl ListValue for String {
    const TYPE: &'static str = "TEXT";
}

impl ListValue for i32 {
    const TYPE: &'static str = "INTEGER";
}
