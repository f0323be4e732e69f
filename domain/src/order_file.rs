//! Files of orders: their columns, their encodings, and why one cannot be read.

use serde::{Deserialize, Serialize};

use crate::choices::choices;

choices! {
    /// A column of a file of orders, in the order of the template.
    OrderColumn {
        /// Tracking number.
        TrackingNumber = "tracking_number",
        /// The application, by its name or its key in the catalogue.
        Product = "product",
        /// Plan.
        Plan = "plan",
        /// How many licences.
        Quantity = "quantity",
        /// When it was bought.
        PurchaseDate = "purchase_date",
        /// The first day.
        StartDate = "start_date",
        /// The last day.
        EndDate = "end_date",
        /// The number of the order in SAP.
        SapOrder = "sap_order",
        /// The number of the customer in SAP.
        SapCustomerNumber = "sap_customer_number",
        /// Purchase-order numbers.
        PurchaseOrders = "purchase_orders",
        /// The Account ID of the account to which the whole order is assigned.
        Account = "account",
    }
}

impl OrderColumn {
    /// Whether a file must have the column.
    #[must_use]
    pub const fn is_required(self) -> bool {
        matches!(self, Self::TrackingNumber | Self::Product | Self::Plan | Self::Quantity | Self::PurchaseDate)
    }
}

choices! {
    /// An encoding in which spreadsheets write files that are not Unicode, by its WHATWG label.
    LegacyEncoding {
        /// Western European.
        Western = "windows-1252",
        /// Central European.
        CentralEuropean = "windows-1250",
        /// Cyrillic.
        Cyrillic = "windows-1251",
        /// Greek.
        Greek = "windows-1253",
        /// Turkish.
        Turkish = "windows-1254",
        /// Baltic.
        Baltic = "windows-1257",
        /// Hebrew.
        Hebrew = "windows-1255",
        /// Arabic.
        Arabic = "windows-1256",
        /// Japanese.
        Japanese = "shift_jis",
        /// Simplified Chinese.
        SimplifiedChinese = "gb18030",
        /// Traditional Chinese.
        TraditionalChinese = "big5",
        /// Korean.
        Korean = "euc-kr",
        /// Western European on older Macs.
        Macintosh = "macintosh",
    }
}

/// Why a file of orders cannot be read at all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileFault {
    /// Neither a file nor text was given.
    Missing,
    /// Both a file and text were given.
    FileAndText,
    /// There are columns, but no orders below them.
    NoRows,
    /// A workbook, not a CSV file.
    Workbook,
    /// UTF-16 without a byte order mark.
    Utf16,
    /// No text at all.
    Binary,
    /// More bytes than can be imported at once.
    TooLarge {
        /// Its size in bytes.
        bytes: u64,
        /// The most.
        max: u64,
    },
    /// More rows than can be imported at once.
    TooManyRows {
        /// How many.
        rows: u64,
        /// The most.
        max: u64,
    },
    /// A quotation mark is not closed.
    OpenQuote {
        /// The line on which it stands.
        line: u64,
    },
    /// Columns are missing that are needed.
    MissingColumns {
        /// Which.
        columns: Vec<OrderColumn>,
        /// The line on which the columns were looked for.
        line: u64,
    },
    /// Several columns have the same meaning.
    RepeatedColumns {
        /// Their names, as the file has them.
        names: Vec<String>,
    },
}
