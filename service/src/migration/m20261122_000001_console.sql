-- Times are milliseconds since 1970-01-01T00:00:00Z. Columns named *_key hold text folded for sorting and
-- searching (service::search).

CREATE TABLE partner (
    id {key},
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE person (
    id {key},
    email {sorted_text} NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT,
    locale TEXT,
    created_at BIGINT NOT NULL
);

CREATE TABLE account (
    id {key},
    partner_id BIGINT NOT NULL REFERENCES partner (id),
    number INTEGER NOT NULL UNIQUE,
    status {sorted_text} NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    name TEXT NOT NULL,
    name_key {sorted_text} NOT NULL,
    country {sorted_text} NOT NULL,
    subdivision TEXT,
    address1 TEXT,
    address2 TEXT,
    city TEXT,
    city_key {sorted_text} NOT NULL,
    postal_code TEXT,
    language TEXT NOT NULL,
    business_type TEXT,
    cloud_location TEXT NOT NULL,
    micloud_connect BOOLEAN NOT NULL,
    sap_number TEXT,
    pbx_type TEXT,
    search_text {sorted_text} NOT NULL
);

-- One index for each order of the list, the tenant first and what is filtered next: a page is read in order
-- from where the last one ended, however many accounts there are.
CREATE INDEX account_by_name ON account (partner_id, status, name_key, number);
CREATE INDEX account_by_number ON account (partner_id, status, number);
CREATE INDEX account_by_city ON account (partner_id, status, city_key, number);
CREATE INDEX account_by_country ON account (partner_id, status, country, number);

-- Every Account ID ever given out, so that none is given twice, not even after its account was purged.
CREATE TABLE account_number (
    number INTEGER NOT NULL PRIMARY KEY
);

-- The words by which an account is found. The tenant is part of the index: a search never leaves it.
CREATE TABLE account_word (
    partner_id BIGINT NOT NULL,
    word {sorted_text} NOT NULL,
    account_id BIGINT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    PRIMARY KEY (partner_id, word, account_id)
) {clustered};

CREATE INDEX account_word_by_account ON account_word (account_id);

CREATE TABLE support_contact (
    id {key},
    account_id BIGINT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    email {sorted_text} NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (account_id, email)
);

-- A person's role in a partner (account_id is null) or in one account.
CREATE TABLE membership (
    id {key},
    person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    partner_id BIGINT NOT NULL REFERENCES partner (id),
    account_id BIGINT REFERENCES account (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    CHECK ((account_id IS NULL) = (role IN ('partner_admin', 'account_manager'))),
    UNIQUE (person_id, partner_id, account_id)
);

CREATE UNIQUE INDEX membership_in_partner ON membership (person_id, partner_id) WHERE account_id IS NULL;
CREATE INDEX membership_by_account ON membership (account_id);

-- The accounts of an account manager.
CREATE TABLE account_assignment (
    membership_id BIGINT NOT NULL REFERENCES membership (id) ON DELETE CASCADE,
    account_id BIGINT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    PRIMARY KEY (membership_id, account_id)
) {clustered};

CREATE INDEX account_assignment_by_account ON account_assignment (account_id);

CREATE TABLE session (
    token_hash {bytes} NOT NULL PRIMARY KEY,
    person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    membership_id BIGINT REFERENCES membership (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
) {clustered};

CREATE INDEX session_by_person ON session (person_id);
CREATE INDEX session_by_membership ON session (membership_id);

-- Attempts to sign in, counted by address, by source and by both; the key is a hash of what is counted.
CREATE TABLE sign_in_attempt (
    key_hash {bytes} NOT NULL PRIMARY KEY,
    failures INTEGER NOT NULL,
    since BIGINT NOT NULL
) {clustered};

-- What was done. Rows are added and never changed; names are those of the moment.
CREATE TABLE activity (
    id {key},
    partner_id BIGINT NOT NULL,
    account_id BIGINT,
    account_version BIGINT,
    person_id BIGINT,
    person_name TEXT NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    changes TEXT NOT NULL
);

CREATE INDEX activity_by_account ON activity (account_id, id);
CREATE INDEX activity_by_partner ON activity (partner_id, id);
