//! Pages of long lists, by keyset: from the row where the last page ended, never by counting from the start.

use serde::{Deserialize, Serialize};

/// Rows on a page.
pub const PAGE: usize = 50;

/// One page of a list of `Row`s, with the places of its neighbours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<Row, Cursor> {
    /// The rows, in order.
    pub rows: Vec<Row>,
    /// Where the page before this one is, if there is one.
    pub previous: Option<Cursor>,
    /// Where the page after this one is, if there is one.
    pub next: Option<Cursor>,
}

impl<Row, Cursor> Page<Row, Cursor> {
    /// The page of a list of nothing.
    #[must_use]
    pub const fn empty() -> Self {
        Self { rows: Vec::new(), previous: None, next: None }
    }

    /// Cuts a page from `rows`, which were read from the cursor in its direction: one more than [`PAGE`], if
    /// there are so many. `before` says whether that cursor leads backwards; it is `None` on the first page.
    /// `place` makes the cursor that begins at a row, and leads backwards or not.
    ///
    /// # Errors
    /// Those of `place`.
    pub fn cut<Error>(
        mut rows: Vec<Row>,
        before: Option<bool>,
        place: impl Fn(&Row, bool) -> Result<Cursor, Error>,
    ) -> Result<Self, Error> {
        let more = rows.len() > PAGE;
        rows.truncate(PAGE);
        let backwards = before == Some(true);
        if backwards {
            rows.reverse();
        }
        let has_previous = if backwards { more } else { before.is_some() };
        let has_next = backwards || more;
        let previous = rows.first().filter(|_| has_previous).map(|row| place(row, true)).transpose()?;
        let next = rows.last().filter(|_| has_next).map(|row| place(row, false)).transpose()?;
        Ok(Self { rows, previous, next })
    }
}
