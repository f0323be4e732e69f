//! Someone who is signed in, and what they expect to see.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::http::{Answer, Connection, Request, form};

/// The demo's partner admin.
const EMAIL: &str = "partner@example.com";
const PASSWORD: &str = "correct horse battery staple";

/// Of compressed answers one in so many is unpacked and looked into: all of them would take more of
/// the machine than the server does.
const UNPACK_EVERY: u32 = 64;

/// A signed-in partner admin.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    /// Where the server is.
    pub(crate) address: SocketAddr,
    /// The session, as the browser sends it back.
    pub(crate) cookie: String,
}

impl Visitor {
    /// Signs in by the form of the page.
    pub(crate) fn sign_in(address: SocketAddr) -> Result<Self> {
        let fields = [("_form", "/api/sign_in"), ("email", EMAIL), ("password", PASSWORD), ("next", "")];
        let request = Request::new("POST", "/sign-in", &[], &form(&fields));
        let mut connection = Connection::open(address)?;
        let answer = connection.send(&request)?;
        answer.expect_status(303).context("signing in")?;
        let cookie = answer.cookie.as_deref().and_then(|cookie| cookie.split(';').next());
        Ok(Self { address, cookie: cookie.context("signing in set no cookie")?.to_owned() })
    }

    /// Asks for a page, as browsers do: compressed if the server likes.
    pub(crate) fn get(&self, path: &str) -> Request {
        Request::new("GET", path, &[("Cookie", &self.cookie), ("Accept-Encoding", "gzip, br")], "")
    }

    /// Asks for a page as it is.
    pub(crate) fn get_plain(&self, path: &str) -> Request {
        Request::new("GET", path, &[("Cookie", &self.cookie)], "")
    }

    /// Posts a form.
    pub(crate) fn post(&self, path: &str, fields: &[(&str, &str)]) -> Request {
        Request::new("POST", path, &[("Cookie", &self.cookie)], &form(fields))
    }

    /// The accounts of one page of the list.
    pub(crate) fn list(&self, connection: &mut Connection, path: &str) -> Result<ListPage> {
        let answer = connection.send(&self.get(path))?;
        answer.expect_status(200)?;
        ListPage::read(&answer.text()?).with_context(|| format!("in {path}"))
    }

    /// The Account IDs on the first `pages` pages of the list.
    pub(crate) fn account_ids(&self, pages: usize) -> Result<Vec<String>> {
        let mut connection = Connection::open(self.address)?;
        let mut found = Vec::new();
        let mut next = Some("/accounts".to_owned());
        for _ in 0..pages {
            let Some(path) = next else { break };
            let page = self.list(&mut connection, &path)?;
            found.extend(page.rows.into_iter().map(|row| row.number));
            next = page.next;
        }
        Ok(found)
    }
}

/// A row of the list.
#[derive(Debug, PartialEq)]
pub(crate) struct Row {
    /// Account ID.
    pub(crate) number: String,
    /// Customer name.
    pub(crate) name: String,
}

/// A page of the list.
#[derive(Debug, PartialEq)]
pub(crate) struct ListPage {
    /// Its rows.
    pub(crate) rows: Vec<Row>,
    /// The address of the next page.
    pub(crate) next: Option<String>,
}

impl ListPage {
    fn read(html: &str) -> Result<Self> {
        let table = html.split("<tbody>").nth(1).context("no list")?;
        let (table, rest) = table.split_once("</tbody>").context("a list without an end")?;
        let rows = table.split("href=\"/accounts/").skip(1);
        let rows: Vec<Row> = rows.map(|row| read_row(row).context("no row")).collect::<Result<_>>()?;
        let links = rest.split("href=\"").skip(1).filter_map(|link| link.split('"').next());
        let next = links.filter(|link| link.contains("after=")).map(|link| link.replace("&amp;", "&")).next();
        Ok(Self { rows, next })
    }
}

fn read_row(html: &str) -> Option<Row> {
    let (number, rest) = html.split_once("\">")?;
    let (name, _) = rest.split_once('<')?;
    Some(Row { number: number.to_owned(), name: name.to_owned() })
}

/// A request, and a text that its answer must have.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    request: Request,
    expected: String,
    /// Where that text was the last time. Pages change little from one visit to the next, so that
    /// it is nearly always there again, and need not be searched for.
    place: usize,
    packed: u32,
}

impl Visit {
    /// A visit whose answer has `expected` in it.
    pub(crate) fn new(request: Request, expected: impl Into<String>) -> Self {
        Self { request, expected: expected.into(), place: 0, packed: 0 }
    }

    /// Makes the visit; gives the time from the first byte sent to the last one read.
    pub(crate) fn make(&mut self, connection: &mut Connection) -> Result<Duration> {
        let begun = Instant::now();
        let answer = connection.send(&self.request)?;
        let time = begun.elapsed();
        self.check(answer)?;
        Ok(time)
    }

    fn check(&mut self, answer: &Answer) -> Result<()> {
        answer.expect_status(200)?;
        if answer.encoding.is_empty() {
            let end = self.place + self.expected.len();
            if answer.body.get(self.place..end) == Some(self.expected.as_bytes()) {
                return Ok(());
            }
        } else {
            self.packed += 1;
            if self.packed % UNPACK_EVERY != 1 {
                return Ok(());
            }
        }
        match answer.text()?.find(&self.expected) {
            Some(place) => self.place = place,
            None => bail!("an answer of status 200 without «{}»", self.expected),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

    use super::*;

    const LIST: &str = r#"<table><thead><tr><th><a href="/accounts?order=desc">Customer</a></th></tr></thead>
        <tbody><tr><th scope="row"><a href="/accounts/249813000">Al Noor</a></th><td>249 813 000</td></tr>
        <tr><th scope="row"><a href="/accounts/273485402">Rossi &amp; C.</a></th></tr></tbody></table>
        <nav><a href="/accounts">First</a><a href="/accounts?q=a&amp;before=1">Previous</a>
        <a href="/accounts?q=a&amp;after=273485402.rossi" class="button">Next</a></nav>"#;

    #[test]
    fn a_page_of_the_list_is_read() {
        let row = |number: &str, name: &str| Row { number: number.to_owned(), name: name.to_owned() };
        let expected = ListPage {
            rows: vec![row("249813000", "Al Noor"), row("273485402", "Rossi &amp; C.")],
            next: Some("/accounts?q=a&after=273485402.rossi".to_owned()),
        };
        assert_eq!(ListPage::read(LIST).unwrap(), expected);
    }

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, body: body.into(), ..Answer::default() }
    }

    #[test]
    fn an_answer_counts_only_with_its_status_and_text() {
        let mut visit = Visit::new(Request::new("GET", "/", &[], ""), "needle");
        visit.check(&answer(200, "hay needle hay")).unwrap();
        assert_eq!(visit.place, 4);
        visit.check(&answer(200, "more hay needle")).unwrap();
        assert!(visit.check(&answer(200, "hay hay hay")).is_err());
        assert!(visit.check(&answer(500, "needle")).is_err());
    }
}
