-- Orders and subscriptions, deleting and restoring, undoing, and the search of activity. Days are text such as
-- 2026-11-22, which sorts as they follow each other.

-- When the account was deleted, and the status to which restoring it returns.
ALTER TABLE account ADD COLUMN deleted_at BIGINT;
ALTER TABLE account ADD COLUMN status_before TEXT;

CREATE INDEX account_by_deletion ON account (deleted_at) WHERE deleted_at IS NOT NULL;

-- An order of licences. Its version grows with each change of what is assigned; remaining is what is not.
CREATE TABLE partner_order (
    id {key},
    partner_id BIGINT NOT NULL REFERENCES partner (id),
    tracking_number {sorted_text} NOT NULL,
    application {sorted_text} NOT NULL,
    plan TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    remaining BIGINT NOT NULL,
    purchased_on {sorted_text} NOT NULL,
    starts_on {sorted_text} NOT NULL,
    ends_on {sorted_text},
    sap_order TEXT,
    sap_customer_number TEXT,
    -- One to a line.
    purchase_orders TEXT NOT NULL,
    -- How many subscriptions were ever made of it: the number of the last one.
    subscriptions BIGINT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    search_text {sorted_text} NOT NULL,
    UNIQUE (partner_id, tracking_number),
    CHECK (remaining BETWEEN 0 AND quantity)
);

CREATE INDEX partner_order_by_purchase ON partner_order (partner_id, purchased_on, id);
CREATE INDEX partner_order_unassigned ON partner_order (partner_id, purchased_on, id) WHERE remaining > 0;
CREATE INDEX partner_order_by_end ON partner_order (partner_id, ends_on, id) WHERE ends_on IS NOT NULL;

CREATE TABLE order_word (
    partner_id BIGINT NOT NULL,
    word {sorted_text} NOT NULL,
    order_id BIGINT NOT NULL REFERENCES partner_order (id) ON DELETE CASCADE,
    PRIMARY KEY (partner_id, word, order_id)
) {clustered};

CREATE INDEX order_word_by_order ON order_word (order_id);

-- What of an order is assigned to an account.
CREATE TABLE subscription (
    id {key},
    order_id BIGINT NOT NULL REFERENCES partner_order (id) ON DELETE CASCADE,
    account_id BIGINT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    number {sorted_text} NOT NULL,
    quantity BIGINT NOT NULL CHECK (quantity > 0),
    created_at BIGINT NOT NULL,
    UNIQUE (order_id, account_id)
);

CREATE INDEX subscription_by_account ON subscription (account_id, id);

-- The folded name of the person who did it, the folded words by which the record is found, and what takes it back, as JSON.
ALTER TABLE activity ADD COLUMN person_key {sorted_text} NOT NULL DEFAULT '';
ALTER TABLE activity ADD COLUMN search_text TEXT;
ALTER TABLE activity ADD COLUMN reversal TEXT;

UPDATE activity SET person_key = LOWER(person_name) WHERE person_id IS NOT NULL;

-- One index for each way to a page of records, each in the order of time.
DROP INDEX activity_by_account;
DROP INDEX activity_by_partner;
CREATE INDEX activity_by_account ON activity (account_id, at, id);
CREATE INDEX activity_by_partner ON activity (partner_id, at, id);
CREATE INDEX activity_by_kind ON activity (partner_id, kind, at, id);
CREATE INDEX activity_by_person ON activity (partner_id, person_key, at, id);

CREATE TABLE activity_word (
    partner_id BIGINT NOT NULL,
    word {sorted_text} NOT NULL,
    activity_id BIGINT NOT NULL,
    PRIMARY KEY (partner_id, word, activity_id)
) {clustered};
