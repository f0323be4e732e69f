//! Rows as JSON: several statements are read in one round trip, each into its own struct by the names of
//! its columns.

use std::{fmt, marker::PhantomData};

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde::{Deserializer, de::DeserializeOwned};

use crate::error::{Error, Result};

/// A statement that selects rows of the account `$1`, and the struct that each of them fills.
pub(crate) struct JsonRows<T> {
    table: &'static str,
    columns: &'static [&'static str],
    select: &'static str,
    row: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> JsonRows<T> {
    /// Rows of `table`: `select` has `columns`, which are the fields of the struct.
    pub(crate) const fn new(table: &'static str, columns: &'static [&'static str], select: &'static str) -> Self {
        Self { table, columns, select, row: PhantomData }
    }

    /// All rows as one JSON array, to be selected in a larger statement.
    pub(crate) fn expression(&self, backend: DbBackend) -> String {
        let (array, object) = match backend {
            DbBackend::Sqlite => ("json_group_array", "json_object"),
            _ => ("json_agg", "json_build_object"),
        };
        let pairs: Vec<String> = self.columns.iter().map(|column| format!("'{column}', r.{column}")).collect();
        let pairs = pairs.join(", ");
        format!("(SELECT CAST(COALESCE({array}({object}({pairs})), '[]') AS TEXT) FROM ({}) r)", self.select)
    }

    /// Reads what [`Self::expression`] has given.
    pub(crate) fn read(&self, account: i64, json: &str) -> Result<Vec<T>> {
        serde_json::from_str(json).map_err(|error| Error::inconsistent(self.table, "account_id", account, error))
    }

    /// The rows of `account`.
    pub(crate) async fn load(&self, database: &impl ConnectionTrait, account: i64) -> Result<Vec<T>> {
        let backend = database.get_database_backend();
        let sql = format!("SELECT {} AS found", self.expression(backend));
        let row = database.query_one_raw(Statement::from_sql_and_values(backend, sql, [account.into()])).await?;
        match row {
            Some(row) => self.read(account, &row.try_get::<String>("", "found")?),
            None => Ok(Vec::new()),
        }
    }
}

/// Reads a truth value; in `SQLite` it is a number.
pub(crate) fn boolean<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<bool, D::Error> {
    struct Visitor;

    impl serde::de::Visitor<'_> for Visitor {
        type Value = bool;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a truth value")
        }

        fn visit_bool<E>(self, value: bool) -> std::result::Result<bool, E> {
            Ok(value)
        }

        fn visit_u64<E>(self, value: u64) -> std::result::Result<bool, E> {
            Ok(value != 0)
        }
    }

    deserializer.deserialize_any(Visitor)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::panic, clippy::unwrap_used, reason = "a test says what it expects by failing")]

    use std::error::Error as _;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Eq, Deserialize)]
    struct Switched {
        key: String,
        #[serde(deserialize_with = "boolean")]
        is_on: bool,
    }

    const ROWS: JsonRows<Switched> = JsonRows::new(
        "switched",
        &["key", "is_on"],
        "SELECT key, is_on FROM switched WHERE account_id = $1 ORDER BY place DESC",
    );

    #[test]
    fn truth_values_of_both_databases_are_read() {
        let expected = [("a", true), ("b", false)].map(|(key, is_on)| Switched { key: key.to_owned(), is_on });
        for json in [
            r#"[{"key":"a","is_on":1},{"key":"b","is_on":0}]"#,
            r#"[{"key":"a","is_on":true},{"key":"b","is_on":false}]"#,
        ] {
            assert_eq!(ROWS.read(1, json).unwrap(), expected);
        }
    }

    #[test]
    fn rows_that_cannot_be_read_say_which_and_why() {
        let error = ROWS.read(7, r#"[{"key":"a","is_on":"maybe"}]"#).unwrap_err();
        assert!(error.source().is_some());
        let Error::Inconsistent { table, row, .. } = error else { panic!("{error}") };
        assert_eq!((table, row), ("switched", 7));
    }

    #[tokio::test]
    async fn rows_keep_the_order_of_their_statement() {
        let store = crate::Store::connect(&"sqlite::memory:".parse().unwrap()).await.unwrap();
        let table = "CREATE TABLE switched (account_id BIGINT, key TEXT, is_on BOOLEAN, place BIGINT)";
        let insert =
            "INSERT INTO switched VALUES (1, 'a', TRUE, 1), (1, 'c', TRUE, 3), (1, 'b', FALSE, 2), (2, 'd', TRUE, 9)";
        for sql in [table, insert] {
            store.writer().execute_unprepared(sql).await.unwrap();
        }
        let rows = ROWS.load(store.writer(), 1).await.unwrap();
        assert_eq!(rows.iter().map(|row| row.key.as_str()).collect::<Vec<_>>(), ["c", "b", "a"]);
        assert!(ROWS.load(store.writer(), 3).await.unwrap().is_empty());
    }
}
