//! Invented customers of a dozen countries.

use domain::customer::CustomerForm;

use super::Source;

/// A place: city, ISO 3166-2 code of its subdivision (or none), postal code (or none).
type Place = (&'static str, &'static str, &'static str);

struct Land {
    country: &'static str,
    language: &'static str,
    cloud_location: &'static str,
    families: &'static [&'static str],
    trades: &'static [&'static str],
    forms: &'static [&'static str],
    streets: &'static [&'static str],
    /// Whether the number of a house stands before the street.
    number_first: bool,
    places: &'static [Place],
}

const LANDS: &[Land] = &[
    Land {
        country: "IT",
        language: "it",
        cloud_location: "europe",
        families: &[
            "Rossi", "Ferrari", "Esposito", "Bianchi", "Colombo", "Ricci", "Marino", "Greco", "Gallo", "Conti",
            "De Luca", "Costa", "Giordano", "Mancini", "Rizzo", "Lombardi",
        ],
        trades: &[
            "Ceramiche",
            "Costruzioni",
            "Trasporti",
            "Vini",
            "Arredamenti",
            "Meccanica",
            "Tessuti",
            "Alimentari",
            "Impianti",
            "Editrice",
        ],
        forms: &["S.p.A.", "S.r.l.", "& Figli"],
        streets: &[
            "Via Emilia Est",
            "Via Garibaldi",
            "Corso Vittorio Emanuele II",
            "Via Roma",
            "Viale della Libertà",
            "Piazza Mazzini",
        ],
        number_first: false,
        places: &[
            ("Modena", "IT-MO", "41121"),
            ("Milano", "IT-MI", "20121"),
            ("Roma", "IT-RM", "00184"),
            ("Torino", "IT-TO", "10121"),
            ("Bologna", "IT-BO", "40121"),
            ("Palermo", "IT-PA", "90133"),
            ("Bolzano", "IT-BZ", "39100"),
        ],
    },
    Land {
        country: "US",
        language: "en",
        cloud_location: "united-states",
        families: &[
            "Carter",
            "Hayes",
            "Brooks",
            "Sullivan",
            "Whitfield",
            "Ramirez",
            "Nguyen",
            "Patterson",
            "Holloway",
            "Bennett",
            "Okafor",
            "Lindqvist",
        ],
        trades: &[
            "Logistics",
            "Medical Group",
            "Orchards",
            "Law Partners",
            "Manufacturing",
            "Credit Union",
            "Hotels",
            "Software",
            "School District",
            "Energy",
        ],
        forms: &["Inc.", "LLC", "& Co."],
        streets: &["Main Street", "Commerce Avenue", "Lakeshore Drive", "Industrial Parkway", "Oak Hill Road"],
        number_first: true,
        places: &[
            ("Portland", "US-OR", "97204"),
            ("Austin", "US-TX", "78701"),
            ("Columbus", "US-OH", "43215"),
            ("Raleigh", "US-NC", "27601"),
            ("San Diego", "US-CA", "92101"),
            ("Buffalo", "US-NY", "14202"),
        ],
    },
    Land {
        country: "CA",
        language: "en",
        cloud_location: "canada",
        families: &[
            "Tremblay",
            "MacDonald",
            "Singh",
            "Roy",
            "Campbell",
            "Gagnon",
            "Fraser",
            "Bouchard",
            "Chen",
            "Morrison",
        ],
        trades: &["Forestry", "Clinic", "Mining", "Dairy", "Aviation", "Insurance", "Outfitters"],
        forms: &["Ltd.", "Inc.", "Corp."],
        streets: &["King Street West", "Rue Sainte-Catherine", "Portage Avenue", "Granville Street"],
        number_first: true,
        places: &[
            ("Toronto", "CA-ON", "M5H 2N2"),
            ("Montréal", "CA-QC", "H3B 1A7"),
            ("Vancouver", "CA-BC", "V6C 1T2"),
            ("Winnipeg", "CA-MB", "R3C 0A5"),
            ("Ottawa", "CA-ON", "K1P 5M7"),
        ],
    },
    Land {
        country: "GB",
        language: "en",
        cloud_location: "united-kingdom",
        families: &[
            "Ashworth",
            "Pemberton",
            "Llewellyn",
            "Fairfax",
            "Hargreaves",
            "MacLeod",
            "Whitaker",
            "Okonkwo",
            "Patel",
        ],
        trades: &["Brewery", "Solicitors", "Textiles", "Engineering", "Housing Trust", "Veterinary", "Freight"],
        forms: &["Ltd", "plc", "& Sons"],
        streets: &["High Street", "Station Road", "Victoria Street", "Mill Lane"],
        number_first: true,
        places: &[
            ("Leeds", "", "LS1 4AP"),
            ("Cardiff", "", "CF10 1EP"),
            ("Glasgow", "", "G1 3SL"),
            ("Bristol", "", "BS1 4DJ"),
            ("London", "", "EC2R 8AH"),
        ],
    },
    Land {
        country: "DE",
        language: "de",
        cloud_location: "europe",
        families: &[
            "Müller",
            "Schäfer",
            "Vogel",
            "Krüger",
            "Hoffmann",
            "Zimmermann",
            "Bäcker",
            "Lindner",
            "Scholz",
            "Weiß",
        ],
        trades: &["Maschinenbau", "Spedition", "Apotheken", "Verlag", "Elektrotechnik", "Weingut", "Bauunternehmen"],
        forms: &["GmbH", "AG", "GmbH & Co. KG"],
        streets: &["Hauptstraße", "Bahnhofstraße", "Am Alten Markt", "Goetheallee"],
        number_first: false,
        places: &[
            ("Köln", "", "50667"),
            ("München", "", "80331"),
            ("Leipzig", "", "04109"),
            ("Hamburg", "", "20095"),
            ("Münster", "", "48143"),
        ],
    },
    Land {
        country: "FR",
        language: "fr",
        cloud_location: "europe",
        families: &["Dubois", "Lefèvre", "Moreau", "Girard", "Bonnet", "François", "Mercier", "Chevalier"],
        trades: &["Boulangeries", "Transports", "Assurances", "Vignobles", "Aéronautique", "Éditions"],
        forms: &["SARL", "SA", "et Fils"],
        streets: &["rue de la République", "avenue Jean-Jaurès", "boulevard Victor-Hugo"],
        number_first: true,
        places: &[
            ("Lyon", "", "69002"),
            ("Bordeaux", "", "33000"),
            ("Toulouse", "", "31000"),
            ("Paris", "", "75009"),
            ("Nîmes", "", "30000"),
        ],
    },
    Land {
        country: "ES",
        language: "es",
        cloud_location: "europe",
        families: &["García", "Fernández", "Núñez", "Ibáñez", "Ortega", "Vidal", "Castaño"],
        trades: &["Hoteles", "Aceites", "Construcciones", "Clínicas", "Cerámica"],
        forms: &["S.A.", "S.L.", "e Hijos"],
        streets: &["Calle Mayor", "Avenida de la Constitución", "Paseo Marítimo"],
        number_first: false,
        places: &[
            ("Valencia", "ES-V", "46002"),
            ("Sevilla", "ES-SE", "41001"),
            ("Madrid", "ES-M", "28013"),
            ("Barcelona", "ES-B", "08002"),
        ],
    },
    Land {
        country: "PT",
        language: "pt",
        cloud_location: "europe",
        families: &["Silva", "Gonçalves", "Carvalho", "Araújo", "Magalhães"],
        trades: &["Cortiças", "Conservas", "Turismo", "Metalúrgica"],
        forms: &["Lda.", "S.A."],
        streets: &["Rua Augusta", "Avenida da Liberdade", "Rua de Santa Catarina"],
        number_first: false,
        places: &[("Lisboa", "", "1100-053"), ("Porto", "", "4000-322"), ("Braga", "", "4700-224")],
    },
    Land {
        country: "BR",
        language: "pt",
        cloud_location: "united-states",
        families: &["Souza", "Oliveira", "Barbosa", "Teixeira", "Nascimento"],
        trades: &["Agropecuária", "Engenharia", "Cafés", "Têxtil"],
        forms: &["Ltda.", "S.A."],
        streets: &["Avenida Paulista", "Rua das Flores", "Rua XV de Novembro"],
        number_first: false,
        places: &[
            ("São Paulo", "BR-SP", "01310-100"),
            ("Curitiba", "BR-PR", "80020-310"),
            ("Recife", "BR-PE", "50030-230"),
        ],
    },
    Land {
        country: "JP",
        language: "en",
        cloud_location: "united-states",
        families: &["Tanaka", "Yamamoto", "Kobayashi", "Nakamura", "Saito"],
        trades: &["Seimitsu", "Electronics", "Foods", "Shipping"],
        forms: &["K.K.", "Co., Ltd."],
        streets: &["Marunouchi", "Umeda", "Sakae"],
        number_first: false,
        places: &[
            ("Chiyoda-ku", "JP-13", "100-0005"),
            ("Kita-ku", "JP-27", "530-0001"),
            ("Naka-ku", "JP-23", "460-0008"),
        ],
    },
    Land {
        country: "AE",
        language: "en",
        cloud_location: "europe",
        families: &["Al Noor", "Gulf Pearl", "Desert Rose", "Al Safa"],
        trades: &["Trading", "Hospitality", "Contracting"],
        forms: &["LLC", "FZE"],
        streets: &["Sheikh Zayed Road", "Corniche Road"],
        number_first: false,
        places: &[("Dubai", "AE-DU", ""), ("Abu Dhabi", "AE-AZ", "")],
    },
    Land {
        country: "IE",
        language: "en",
        cloud_location: "europe",
        families: &["O'Brien", "Gallagher", "Byrne", "Doherty"],
        trades: &["Distillery", "Pharma", "Fisheries", "Studios"],
        forms: &["Ltd", "DAC"],
        streets: &["Grand Parade", "Shop Street", "Merrion Row"],
        number_first: true,
        places: &[("Cork", "IE-CO", "T12 X4E2"), ("Galway", "IE-G", "H91 E9YX"), ("Dublin", "IE-D", "D02 KA46")],
    },
];

const BUSINESS_TYPES: &[&str] = &[
    "manufacturing",
    "construction",
    "transport",
    "hospitality",
    "healthcare",
    "legal",
    "retail",
    "finance",
    "education",
    "technology",
    "",
];

/// The customer of the account that is made as number `index`.
pub(super) fn customer(source: &mut Source, index: u32) -> CustomerForm {
    match index {
        0 => rossi(),
        2 => long(),
        _ => drawn(source, index),
    }
}

/// The region that suits a country.
pub(super) fn cloud_location(country: &str) -> &'static str {
    LANDS.iter().find(|land| land.country == country).map_or("europe", |land| land.cloud_location)
}

/// The account of the demo's account admin.
fn rossi() -> CustomerForm {
    CustomerForm {
        name: "Rossi Ceramiche S.p.A.".into(),
        country: "IT".into(),
        subdivision: "IT-MO".into(),
        address1: "Via Emilia Est 1180".into(),
        address2: "Capannone 4".into(),
        city: "Modena".into(),
        postal_code: "41121".into(),
        language: "it".into(),
        business_type: "manufacturing".into(),
    }
}

/// A name as long as names may be.
fn long() -> CustomerForm {
    CustomerForm {
        name: "Consorzio Interprovinciale per la Valorizzazione delle Produzioni Agricole dell'Appennino Settentrionale S.c.a r.l."
            .into(),
        address1: "Località Ponte della Venturina, presso il Palazzo delle Associazioni Culturali e Sportive".into(),
        address2: "Scala B, terzo piano, interno 12".into(),
        city: "Castelnovo ne' Monti".into(),
        subdivision: "IT-RE".into(),
        postal_code: "42035".into(),
        business_type: "agriculture".into(),
        ..rossi()
    }
}

fn drawn(source: &mut Source, index: u32) -> CustomerForm {
    let land = &LANDS[index as usize % LANDS.len()];
    let (city, subdivision, postal_code) =
        land.places[source.below(u32::try_from(land.places.len()).unwrap_or(1)) as usize];
    let house = source.below(240) + 1;
    let street = source.one_of(land.streets);
    CustomerForm {
        name: format!("{} {} {}", source.one_of(land.families), source.one_of(land.trades), source.one_of(land.forms)),
        country: land.country.to_owned(),
        subdivision: subdivision.to_owned(),
        address1: if land.number_first { format!("{house} {street}") } else { format!("{street} {house}") },
        address2: String::new(),
        city: city.to_owned(),
        postal_code: postal_code.to_owned(),
        language: land.language.to_owned(),
        business_type: source.one_of(BUSINESS_TYPES).to_owned(),
    }
}
