-- How often something was tried within a window; the key is a hash of what is limited.
CREATE TABLE rate_limit (
    key_hash {bytes} NOT NULL PRIMARY KEY,
    count INTEGER NOT NULL,
    expires_at BIGINT NOT NULL
) {clustered};

CREATE INDEX rate_limit_by_expiry ON rate_limit (expires_at);

-- The networks, hashed, from which a person has signed in: guesses from elsewhere do not lock these out.
CREATE TABLE known_network (
    person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    network_hash {bytes} NOT NULL,
    last_sign_in_at BIGINT NOT NULL,
    PRIMARY KEY (person_id, network_hash)
) {clustered};
