-- Support contacts' mail, reports of problems, integrations, privileges and call services.

-- A text sealed with the key of the configuration, by which a start with another key is noticed.
CREATE TABLE key_check (
    id INTEGER NOT NULL PRIMARY KEY,
    sealed {bytes} NOT NULL
);

-- Whether this is the partner's own account, which takes no integrations.
ALTER TABLE account ADD COLUMN partners_own BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE account ADD COLUMN bandwidth_optimisation BOOLEAN NOT NULL DEFAULT FALSE;

-- What is kept of an account's integrations; those never touched have no row.
CREATE TABLE account_integration (
    account_id BIGINT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    key {sorted_text} NOT NULL,
    is_on BOOLEAN NOT NULL,
    is_set_up BOOLEAN NOT NULL,
    failure TEXT,
    failing_since BIGINT,
    presence_both_ways BOOLEAN NOT NULL,
    -- What was filled in at set-up, as JSON; secrets apart, encrypted with the key of the configuration.
    settings TEXT,
    secret {bytes},
    PRIMARY KEY (account_id, key)
) {clustered};

CREATE TABLE account_privilege (
    account_id BIGINT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    key {sorted_text} NOT NULL,
    is_on BOOLEAN NOT NULL,
    -- The name of the person who switched it on; null when integrations did.
    set_by TEXT,
    PRIMARY KEY (account_id, key)
) {clustered};

-- The one-time code with which an account's gateway presents itself: hashed to be found by, encrypted to be shown
-- until it is used.
CREATE TABLE gateway_code (
    account_id BIGINT NOT NULL PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    code_hash {bytes} NOT NULL UNIQUE,
    sealed_code {bytes} NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);

-- Administrators on their way to Microsoft to consent, and back.
CREATE TABLE consent_request (
    state_hash {bytes} NOT NULL PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    expires_at BIGINT NOT NULL
) {clustered};

CREATE INDEX consent_request_by_account ON consent_request (account_id);
CREATE INDEX consent_request_by_person ON consent_request (person_id);

CREATE TABLE problem_report (
    id {key},
    account_id BIGINT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    person_name TEXT NOT NULL,
    subject TEXT NOT NULL,
    description TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE INDEX problem_report_by_account ON problem_report (account_id, id);

-- The outbox: mail that is to be sent, was sent, or finally could not be. Who takes a mail in hand moves next_at
-- ahead, so that nobody else does meanwhile, and so that it is taken up again if they crash.
CREATE TABLE mail (
    id {key},
    account_id BIGINT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    report_id BIGINT REFERENCES problem_report (id) ON DELETE CASCADE,
    recipient {sorted_text} NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    state {sorted_text} NOT NULL,
    attempts INTEGER NOT NULL,
    next_at BIGINT NOT NULL,
    last_error TEXT,
    created_at BIGINT NOT NULL,
    done_at BIGINT
);

CREATE INDEX mail_due ON mail (next_at) WHERE state = 'waiting';
CREATE INDEX mail_by_account ON mail (account_id, recipient, id);
CREATE INDEX mail_by_report ON mail (report_id);
