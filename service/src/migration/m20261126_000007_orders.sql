-- Repeats of a request, and imports in parts.

-- Requests that were done, by the key under which they were sent, and what each led to.
CREATE TABLE idempotency_key (
    person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    operation {sorted_text} NOT NULL,
    key {sorted_text} NOT NULL,
    -- Of what was asked for: the same key with another request is another request.
    request_hash {bytes} NOT NULL,
    result TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (person_id, operation, key, request_hash)
) {clustered};

CREATE INDEX idempotency_key_by_age ON idempotency_key (created_at);

-- Files of orders. The rows stay until each is imported, as CSV; imported_rows says how many of them are.
CREATE TABLE order_import (
    id {key},
    partner_id BIGINT NOT NULL REFERENCES partner (id),
    person_id BIGINT NOT NULL,
    person_name TEXT NOT NULL,
    rows TEXT,
    imported_rows BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE INDEX order_import_unfinished ON order_import (id) WHERE rows IS NOT NULL;

ALTER TABLE partner_order ADD COLUMN import_id BIGINT REFERENCES order_import (id);

CREATE INDEX partner_order_by_import ON partner_order (import_id, purchased_on, id) WHERE import_id IS NOT NULL;
