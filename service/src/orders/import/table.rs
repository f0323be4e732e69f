//! A CSV file as spreadsheets write it: its separator, its columns, its rows.

use csv::{ReaderBuilder, StringRecord};
use domain::view::import::ImportHeader;
use domain::{
    order::OrderForm,
    order_file::{FileFault, OrderColumn},
};

use crate::{
    error::{Error, Result},
    search::fold,
};

/// The separators that are looked for where a file does not say its own.
const SEPARATORS: [u8; 4] = *b",;\t|";

/// The rows among which the one with the names of the columns is looked for.
const HEADER_ROWS: usize = 20;

/// What else a column is called, beside its key: its labels on the pages, and what is common.
const NAMES: [(&str, OrderColumn); 34] = {
    use OrderColumn::{
        Account, EndDate, Plan, Product, PurchaseDate, PurchaseOrders, Quantity, SapCustomerNumber, SapOrder,
        StartDate, TrackingNumber,
    };
    [
        ("tracking", TrackingNumber),
        ("numero di tracciamento", TrackingNumber),
        ("numero di tracking", TrackingNumber),
        ("product name", Product),
        ("application", Product),
        ("prodotto", Product),
        ("applicazione", Product),
        ("piano", Plan),
        ("licences", Quantity),
        ("licenses", Quantity),
        ("quantità", Quantity),
        ("licenze", Quantity),
        ("purchased", PurchaseDate),
        ("data di acquisto", PurchaseDate),
        ("data d'acquisto", PurchaseDate),
        ("data acquisto", PurchaseDate),
        ("start", StartDate),
        ("inizio", StartDate),
        ("data di inizio", StartDate),
        ("data inizio", StartDate),
        ("end", EndDate),
        ("fine", EndDate),
        ("scadenza", EndDate),
        ("data di fine", EndDate),
        ("data fine", EndDate),
        ("sap order number", SapOrder),
        ("ordine sap", SapOrder),
        ("numero ordine sap", SapOrder),
        ("numero cliente sap", SapCustomerNumber),
        ("purchase order", PurchaseOrders),
        ("ordini di acquisto", PurchaseOrders),
        ("ordini d'acquisto", PurchaseOrders),
        ("account id", Account),
        ("id account", Account),
    ]
};

/// The columns that a file of rows that were refused has besides.
const OF_REFUSED_ROWS: [&str; 4] = ["line", "riga", "reason", "motivo"];

/// A file of orders.
#[derive(Debug)]
pub(super) struct Table {
    /// Its columns.
    pub(super) header: ImportHeader,
    /// Its rows, but for blank ones.
    pub(super) rows: Vec<TableRow>,
}

/// A row below it.
#[derive(Debug)]
pub(super) struct TableRow {
    /// The line of the file on which it begins.
    pub(super) line: u64,
    /// Every cell, as it is written.
    pub(super) cells: Vec<String>,
    /// The cells of the known columns.
    pub(super) form: OrderForm,
    /// Whether there are more cells than columns.
    pub(super) has_surplus: bool,
}

/// The column that a name in a file means. Case, accents and what is no letter or digit do not count.
#[must_use]
pub fn column_of(name: &str) -> Option<OrderColumn> {
    let plain = |name: &str| fold(name).chars().filter(|character| character.is_alphanumeric()).collect::<String>();
    let name = plain(name);
    let by_key = OrderColumn::ALL.iter().copied().find(|column| plain(column.key()) == name);
    by_key.or_else(|| NAMES.iter().find(|(known, _)| plain(known) == name).map(|(_, column)| *column))
}

/// Reads a file.
///
/// # Errors
/// [`FileFault`] when it is no file of orders.
pub(super) fn read(text: &str, max_rows: u64) -> std::result::Result<Table, FileFault> {
    let text = text.trim_start_matches('\u{FEFF}').replace("\r\n", "\n").replace('\r', "\n");
    if text.trim().is_empty() {
        return Err(FileFault::Missing);
    }
    let separators = declared_separator(&text).map_or(SEPARATORS.to_vec(), |separator| vec![separator]);
    let layout = separators.iter().map(|separator| Layout::of(&text, *separator)).reduce(Layout::better);
    let layout = layout.ok_or(FileFault::Binary)?;
    if let Some(line) = open_quote(&text, layout.separator) {
        return Err(FileFault::OpenQuote { line });
    }
    let header = layout.header()?;
    let rows: Vec<TableRow> = records(&text, layout.separator)
        .skip_while(|(line, _)| *line <= layout.line)
        .filter(|(_, record)| !is_blank(record))
        .map(|(line, record)| layout.row(line, &record))
        .collect();
    match rows.len() as u64 {
        0 => Err(FileFault::NoRows),
        rows if rows > max_rows => Err(FileFault::TooManyRows { rows, max: max_rows }),
        _ => Ok(Table { header, rows }),
    }
}

/// Rows as [`read`] reads them, whatever a browser makes of them on the way.
pub(super) fn write<'a>(rows: impl IntoIterator<Item = &'a OrderForm>) -> Result<String> {
    let wrong = |error: &dyn std::fmt::Display| Error::Internal(format!("orders cannot be written: {error}"));
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    writer.write_record(OrderColumn::ALL.iter().map(|column| column.key())).map_err(|error| wrong(&error))?;
    for row in rows {
        writer.serialize(row).map_err(|error| wrong(&error))?;
    }
    let bytes = writer.into_inner().map_err(|error| wrong(&error))?;
    String::from_utf8(bytes).map_err(|error| wrong(&error))
}

/// The separator that a first line such as `sep=;` declares.
fn declared_separator(text: &str) -> Option<u8> {
    let line = text.lines().next()?.trim_end_matches([',', '"']).trim_start_matches('"');
    let declared = line.strip_prefix("sep=").or_else(|| line.strip_prefix("SEP="));
    match declared.map(str::as_bytes) {
        Some([separator]) if *separator != b'"' => Some(*separator),
        // The comma was trimmed.
        Some([]) => Some(b','),
        _ => None,
    }
}

/// The records of `text`, each with the line on which it begins.
fn records(text: &str, separator: u8) -> impl Iterator<Item = (u64, StringRecord)> {
    let mut reader = ReaderBuilder::new();
    let reader = reader.delimiter(separator).flexible(true).has_headers(false).from_reader(text.as_bytes());
    // Of text that is UTF-8 and may have rows of any length, nothing is refused.
    reader.into_records().filter_map(std::result::Result::ok).map(move |record| {
        let (line, byte) = record.position().map_or((1, 0), |position| (position.line(), position.byte()));
        let rest = usize::try_from(byte).ok().and_then(|byte| text.as_bytes().get(byte..)).unwrap_or_default();
        let empty_lines = rest.iter().take_while(|byte| **byte == b'\n').count();
        (line + empty_lines as u64, record)
    })
}

fn is_blank(record: &StringRecord) -> bool {
    record.iter().all(|cell| cell.trim().is_empty())
}

/// How a file is laid out, if its cells end at `separator`.
struct Layout {
    separator: u8,
    line: u64,
    names: Vec<String>,
    columns: Vec<Option<OrderColumn>>,
}

impl Layout {
    /// The row of the most known names is the header; the first one where no name is known.
    fn of(text: &str, separator: u8) -> Self {
        let rows = records(text, separator).filter(|(_, record)| !is_blank(record)).take(HEADER_ROWS);
        let layouts = rows.map(|(line, record)| {
            let mut names: Vec<String> = record.iter().map(|name| name.trim().to_owned()).collect();
            while names.last().is_some_and(String::is_empty) {
                names.pop();
            }
            let columns = names.iter().map(|name| column_of(name)).collect();
            Self { separator, line, names, columns }
        });
        layouts.reduce(Self::better).unwrap_or(Self { separator, line: 1, names: Vec::new(), columns: Vec::new() })
    }

    fn known(&self) -> usize {
        OrderColumn::ALL.iter().filter(|column| self.columns.contains(&Some(**column))).count()
    }

    fn better(self, other: Self) -> Self {
        if other.known() > self.known() { other } else { self }
    }

    fn header(&self) -> std::result::Result<ImportHeader, FileFault> {
        let is_missing = |column: &OrderColumn| column.is_required() && !self.columns.contains(&Some(*column));
        let missing: Vec<OrderColumn> = OrderColumn::ALL.iter().copied().filter(is_missing).collect();
        if !missing.is_empty() {
            return Err(FileFault::MissingColumns { columns: missing, line: self.line });
        }
        let repeated: Vec<String> = self
            .named()
            .filter(|(_, column)| column.is_some() && self.columns.iter().filter(|other| *other == *column).count() > 1)
            .map(|(name, _)| name.clone())
            .collect();
        if !repeated.is_empty() {
            return Err(FileFault::RepeatedColumns { names: repeated });
        }
        let is_unknown = |name: &str| !name.is_empty() && !OF_REFUSED_ROWS.contains(&name.to_lowercase().as_str());
        let unknown = self.named().filter(|(name, column)| column.is_none() && is_unknown(name));
        let unknown = unknown.map(|(name, _)| name.clone()).collect();
        Ok(ImportHeader { line: self.line, names: self.names.clone(), unknown })
    }

    fn named(&self) -> impl Iterator<Item = (&String, &Option<OrderColumn>)> {
        self.names.iter().zip(&self.columns)
    }

    fn row(&self, line: u64, record: &StringRecord) -> TableRow {
        let cells: Vec<String> = record.iter().map(|cell| cell.trim().to_owned()).collect();
        let keys: StringRecord = self.columns.iter().map(|column| column.map_or("", OrderColumn::key)).collect();
        let width = self.columns.len();
        let own: StringRecord = (0..width).map(|place| cells.get(place).map_or("", String::as_str)).collect();
        // Text is read from text: there is nothing to refuse.
        let form = own.deserialize(Some(&keys)).unwrap_or_default();
        let has_surplus = cells.iter().skip(width).any(|cell| !cell.is_empty());
        TableRow { line, cells, form, has_surplus }
    }
}

/// The line of the first quotation mark that is not closed before the end of its cell, or of the file.
fn open_quote(text: &str, separator: u8) -> Option<u64> {
    enum State {
        Start,
        Plain,
        Quoted,
        Closed,
    }
    let (mut state, mut line, mut opened) = (State::Start, 1, 1);
    for byte in text.bytes() {
        let ends = byte == separator || byte == b'\n';
        state = match state {
            State::Start | State::Plain | State::Closed if ends => State::Start,
            State::Start if byte == b'"' => {
                opened = line;
                State::Quoted
            }
            State::Closed if byte == b' ' => State::Closed,
            State::Closed if byte != b'"' => return Some(opened),
            State::Start | State::Plain => State::Plain,
            State::Quoted if byte == b'"' => State::Closed,
            State::Quoted | State::Closed => State::Quoted,
        };
        line += u64::from(byte == b'\n');
    }
    matches!(state, State::Quoted).then_some(opened)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

    use proptest::prelude::*;

    use super::*;

    const HEADER: &str = "tracking_number,product,plan,quantity,purchase_date";
    const ROW: &str = "TN-1,Mitel One,Basic,5,2026-01-10";

    fn table(text: &str) -> Table {
        read(text, 100).unwrap()
    }

    fn fault(text: &str) -> FileFault {
        read(text, 100).unwrap_err()
    }

    /// The lines and the tracking numbers of the rows.
    fn rows(text: &str) -> Vec<(u64, String)> {
        table(text).rows.into_iter().map(|row| (row.line, row.form.tracking_number)).collect()
    }

    #[test]
    fn a_cell_may_hold_lines_of_any_system() {
        for line_break in ["\n", "\r\n", "\r"] {
            let text = format!("{HEADER},remarks\n{ROW},\"call first,\nthen ship\"\nTN-2,Mitel One,A,1,2026-01-10,\n");
            let text = text.replace('\n', line_break);
            assert_eq!(rows(&text), [(2, "TN-1".into()), (4, "TN-2".into())], "{line_break:?}");
            assert_eq!(table(&text).header.unknown, ["remarks"]);
        }
        assert_eq!(rows(&format!("{HEADER},remarks\r\n{ROW},\"a\rb\"\r\nTN-2\r\n"))[1].0, 4);
    }

    #[test]
    fn blank_rows_are_skipped_and_lines_stay_those_of_the_file() {
        let blank = ";;;;;;;;;;\n".repeat(30);
        let text = format!("{HEADER}\n{ROW}\n").replace(',', ";") + &blank + "\n\nTN-2;;;;\n";
        assert_eq!(rows(&text), [(2, "TN-1".into()), (35, "TN-2".into())]);
    }

    #[test]
    fn names_of_columns_are_known_in_any_spelling_and_others_are_told() {
        let text = format!("{HEADER},enddate,acount,sap order no\n{ROW},2026-12-31,301418208,45\n");
        let table = table(&text);
        assert_eq!(table.header.unknown, ["acount", "sap order no"]);
        assert_eq!(table.rows[0].form.end_date, "2026-12-31");
        for (name, column) in [
            ("Tracking Number", OrderColumn::TrackingNumber),
            (" PURCHASE-DATE ", OrderColumn::PurchaseDate),
            ("Quantita", OrderColumn::Quantity),
            ("Data di acquisto", OrderColumn::PurchaseDate),
            ("Account ID", OrderColumn::Account),
        ] {
            assert_eq!(column_of(name), Some(column), "{name}");
        }
        assert_eq!(column_of("acount"), None);
        assert_eq!(column_of(""), None);
    }

    #[test]
    fn a_column_that_is_there_twice_is_refused_by_its_names() {
        let names = |text: &str| fault(text);
        let twice = FileFault::RepeatedColumns { names: vec!["quantity".into(), "quantity".into()] };
        assert_eq!(names(&format!("{HEADER},quantity\n{ROW},50\n")), twice);
        let alike = FileFault::RepeatedColumns { names: vec!["quantity".into(), "Quantità".into()] };
        assert_eq!(names(&format!("{HEADER},Quantità\n{ROW},50\n")), alike);
    }

    #[test]
    fn a_row_has_no_more_cells_than_columns() {
        let text = "tracking_number,product,plan,purchase_date,quantity\nTN-1,Mitel One,A,2026-01-10,1,000\n";
        assert!(table(text).rows[0].has_surplus);
        let trailing = format!("{HEADER},,\n{ROW},,,,\nTN-2,Mitel One,A\n");
        assert!(table(&trailing).rows.iter().all(|row| !row.has_surplus));
    }

    #[test]
    fn the_names_of_the_columns_may_stand_further_down() {
        for before in ["sep=;\n", "\n\n", "Orders of January\n", "Orders;of \"January\"\n;;\n", "\"sep=;\"\n"] {
            let text = format!("{before}{}\n{}\n", HEADER.replace(',', ";"), ROW.replace(',', ";"));
            let line = before.lines().count() as u64 + 1;
            assert_eq!(table(&text).header.line, line, "{before:?}");
            assert_eq!(rows(&text), [(line + 1, "TN-1".into())], "{before:?}");
        }
        let missing = OrderColumn::ALL.iter().copied().filter(|column| column.is_required()).collect();
        assert_eq!(fault("\na,b\n1,2"), FileFault::MissingColumns { columns: missing, line: 2 });
        let one = vec![OrderColumn::Plan];
        assert_eq!(
            fault("Title\ntracking_number;product;quantity;purchase_date\n1;2;3;4"),
            FileFault::MissingColumns { columns: one, line: 2 }
        );
    }

    #[test]
    fn a_separator_in_quotes_is_none() {
        let header = format!("{};\"notes, internal, short, old, etc, more\"", HEADER.replace(',', ";"));
        let text = format!("{header}\n{};\"a, b\"\n", ROW.replace(',', ";"));
        assert_eq!(rows(&text), [(2, "TN-1".into())]);
        for separator in ["\t", "|", ";", ","] {
            let text = format!("{HEADER}\n{ROW}\n").replace(',', separator);
            assert_eq!(table(&text).rows[0].form.purchase_date, "2026-01-10", "{separator}");
            let declared = format!("sep={separator}\n{text}");
            assert_eq!(rows(&declared), [(3, "TN-1".into())], "{declared}");
        }
    }

    #[test]
    fn a_quotation_mark_that_is_not_closed_is_found() {
        let open = |text: &str| fault(&format!("{HEADER}\n{text}\n"));
        assert_eq!(open("TN-1,Mitel One,\"A,5,2026-01-10\nTN-2,,,,"), FileFault::OpenQuote { line: 2 });
        assert_eq!(open("TN-1,\"A\nTN-2,\"B\",1,2,3"), FileFault::OpenQuote { line: 2 });
        assert_eq!(rows(&format!("{HEADER}\nTN-1,\"19\"\" rack\",5\" disk,1,\"2\" \n")), [(2, "TN-1".into())]);
    }

    #[test]
    fn what_has_no_rows_or_too_many_says_so() {
        assert_eq!(fault(" \n"), FileFault::Missing);
        assert_eq!(fault(&format!("{HEADER}\n,,,,\n")), FileFault::NoRows);
        let many = format!("{HEADER}\n{}", format!("{ROW}\n").repeat(101));
        assert_eq!(fault(&many), FileFault::TooManyRows { rows: 101, max: 100 });
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(text in "[^\0\r]{0,20}", other in "[-;,\" a]{0,12}") {
            let form = OrderForm {
                tracking_number: text.trim().to_owned(), account: other.trim().to_owned(), plan: "A".to_owned(),
                ..OrderForm::default()
            };
            let written = write([&form]).unwrap();
            prop_assert_eq!(&table(&written).rows[0].form, &form);
            prop_assert_eq!(&table(&written.replace('\n', "\r\n")).rows[0].form, &form);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[a;,\t|\"\r\n=]{0,40}") {
            let _ = read(&text, 100);
            let _ = read(&format!("{HEADER}\n{text}"), 100);
        }
    }
}
