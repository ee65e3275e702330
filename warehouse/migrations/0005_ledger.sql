-- The ledger: what was asked, what came back, what was told; and the dictionary of all tables.

CREATE TABLE runs (
    run_id VARCHAR NOT NULL,
    label DATE NOT NULL,
    attempt INTEGER NOT NULL,
    kind VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    started_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP,
    her2lit_version VARCHAR NOT NULL,
    rule_version VARCHAR NOT NULL,
    message VARCHAR,
    n_articles INTEGER,
    n_new INTEGER,
    n_revised INTEGER,
    n_unchanged INTEGER,
    n_reannotated INTEGER,
    n_rejects INTEGER,
    n_events INTEGER,
    n_requests INTEGER
);
COMMENT ON TABLE runs IS 'One row per start of a run; a run that was killed stays as interrupted';
COMMENT ON COLUMN runs.run_id IS 'label and attempt, e.g. 2021-06-07.1';
COMMENT ON COLUMN runs.label IS 'The night: calendar date in America/New_York at its start';
COMMENT ON COLUMN runs.attempt IS '1 for the first run of that label';
COMMENT ON COLUMN runs.kind IS 'nightly, backfill, reconcile, …';
COMMENT ON COLUMN runs.outcome IS 'running, clean, incomplete, failed or interrupted';
COMMENT ON COLUMN runs.started_at IS 'UTC';
COMMENT ON COLUMN runs.finished_at IS 'UTC; NULL while running or interrupted';
COMMENT ON COLUMN runs.her2lit_version IS 'Version of the program';
COMMENT ON COLUMN runs.rule_version IS 'Version of lexicon and rules';
COMMENT ON COLUMN runs.message IS 'What was missing or went wrong, for people';
COMMENT ON COLUMN runs.n_articles IS 'Record versions received';
COMMENT ON COLUMN runs.n_new IS 'PMIDs seen for the first time';
COMMENT ON COLUMN runs.n_revised IS 'PMIDs with new content';
COMMENT ON COLUMN runs.n_unchanged IS 'Received with the content already held';
COMMENT ON COLUMN runs.n_reannotated IS 'Held versions judged anew';
COMMENT ON COLUMN runs.n_rejects IS 'Records that could not be read';
COMMENT ON COLUMN runs.n_events IS 'Rows added to evidence_events';
COMMENT ON COLUMN runs.n_requests IS 'Requests sent to E-utilities';

CREATE TABLE search_runs (
    run_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    strategy VARCHAR NOT NULL,
    arm VARCHAR NOT NULL,
    strategy_sha256 VARCHAR NOT NULL,
    term VARCHAR NOT NULL,
    query_translation VARCHAR,
    warnings VARCHAR[] NOT NULL,
    count INTEGER,
    window_since DATE,
    window_until DATE,
    started_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP NOT NULL,
    outcome VARCHAR NOT NULL,
    reason VARCHAR,
    n_requests INTEGER NOT NULL
);
COMMENT ON TABLE search_runs IS 'One row per search as sent and answered';
COMMENT ON COLUMN search_runs.run_id IS 'Key of runs';
COMMENT ON COLUMN search_runs.position IS 'Order within the run, from 1';
COMMENT ON COLUMN search_runs.strategy IS 'Key of topic/strategies.toml';
COMMENT ON COLUMN search_runs.arm IS 'crdt, lr, mhda, provenance or known_set';
COMMENT ON COLUMN search_runs.strategy_sha256 IS 'SHA-256 of the strategy''s text at that time';
COMMENT ON COLUMN search_runs.term IS 'The term as sent, window included';
COMMENT ON COLUMN search_runs.query_translation IS 'QueryTranslation: what PubMed made of it';
COMMENT ON COLUMN search_runs.warnings IS 'Every warning of the reply, as kind: text';
COMMENT ON COLUMN search_runs.count IS 'Count of the reply; NULL when there was none';
COMMENT ON COLUMN search_runs.window_since IS 'First day asked for';
COMMENT ON COLUMN search_runs.window_until IS 'Day after the last day asked for';
COMMENT ON COLUMN search_runs.started_at IS 'UTC';
COMMENT ON COLUMN search_runs.finished_at IS 'UTC';
COMMENT ON COLUMN search_runs.outcome IS 'clean, held or failed';
COMMENT ON COLUMN search_runs.reason IS 'Why it was held or failed';
COMMENT ON COLUMN search_runs.n_requests IS 'Requests it took';

CREATE TABLE search_hits (
    run_id VARCHAR NOT NULL,
    strategy VARCHAR NOT NULL,
    arm VARCHAR NOT NULL,
    pmid BIGINT NOT NULL,
    seen_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE search_hits IS 'One row per run, strategy, arm and PMID: which words found which paper';
COMMENT ON COLUMN search_hits.run_id IS 'Key of runs';
COMMENT ON COLUMN search_hits.strategy IS 'Key of topic/strategies.toml';
COMMENT ON COLUMN search_hits.arm IS 'crdt, lr, mhda, provenance or known_set';
COMMENT ON COLUMN search_hits.pmid IS 'The record that matched';
COMMENT ON COLUMN search_hits.seen_at IS 'Start (UTC) of that run';

CREATE TABLE watermarks (
    strategy VARCHAR NOT NULL,
    arm VARCHAR NOT NULL,
    watermark DATE NOT NULL,
    run_id VARCHAR NOT NULL
);
COMMENT ON TABLE watermarks IS 'One row per strategy and arm: how far it has been searched, fetched and loaded without a gap';
COMMENT ON COLUMN watermarks.strategy IS 'Key of topic/strategies.toml';
COMMENT ON COLUMN watermarks.arm IS 'crdt, lr or mhda';
COMMENT ON COLUMN watermarks.watermark IS 'Exclusive end of the last clean window';
COMMENT ON COLUMN watermarks.run_id IS 'The run that moved it';

CREATE TABLE fetch_batches (
    run_id VARCHAR NOT NULL,
    batch_sha256 VARCHAR NOT NULL,
    fetched_at TIMESTAMP NOT NULL,
    pmids BIGINT[] NOT NULL
);
COMMENT ON TABLE fetch_batches IS 'One row per run and fetched batch; its bytes lie in the raw archive under the hash';
COMMENT ON COLUMN fetch_batches.run_id IS 'Key of runs';
COMMENT ON COLUMN fetch_batches.batch_sha256 IS 'SHA-256 of the uncompressed reply';
COMMENT ON COLUMN fetch_batches.fetched_at IS 'UTC';
COMMENT ON COLUMN fetch_batches.pmids IS 'PMIDs asked for, in order';

CREATE TABLE rejects (
    run_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    pmid BIGINT,
    byte_offset BIGINT NOT NULL,
    reason VARCHAR NOT NULL
);
COMMENT ON TABLE rejects IS 'One row per record that could not be read; counted and kept, never silently lost';
COMMENT ON COLUMN rejects.run_id IS 'Key of runs';
COMMENT ON COLUMN rejects.position IS 'Order within the run, from 1';
COMMENT ON COLUMN rejects.pmid IS 'PMID where it could still be read';
COMMENT ON COLUMN rejects.byte_offset IS 'Byte offset of the record in its reply';
COMMENT ON COLUMN rejects.reason IS 'Why';

CREATE TABLE digests (
    digest_id VARCHAR NOT NULL,
    period_start DATE NOT NULL,
    period_end DATE NOT NULL,
    frozen_at TIMESTAMP NOT NULL,
    subject VARCHAR NOT NULL,
    content_sha256 VARCHAR NOT NULL
);
COMMENT ON TABLE digests IS 'One row per frozen digest';
COMMENT ON COLUMN digests.digest_id IS 'Key';
COMMENT ON COLUMN digests.period_start IS 'First day of the period, by run label';
COMMENT ON COLUMN digests.period_end IS 'Day after its last day';
COMMENT ON COLUMN digests.frozen_at IS 'UTC; evidence_as_of(frozen_at) gives the rows it was made from';
COMMENT ON COLUMN digests.subject IS 'Subject line';
COMMENT ON COLUMN digests.content_sha256 IS 'SHA-256 of the digest''s content';

CREATE TABLE digest_items (
    digest_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    section VARCHAR NOT NULL,
    event_id BIGINT,
    pmid BIGINT NOT NULL,
    drug_id VARCHAR
);
COMMENT ON TABLE digest_items IS 'One row per item of a digest';
COMMENT ON COLUMN digest_items.digest_id IS 'Key of digests';
COMMENT ON COLUMN digest_items.position IS 'Order in the digest, from 1';
COMMENT ON COLUMN digest_items.section IS 'Section it stood in';
COMMENT ON COLUMN digest_items.event_id IS 'Key of evidence_events';
COMMENT ON COLUMN digest_items.pmid IS 'The record';
COMMENT ON COLUMN digest_items.drug_id IS 'The drug it was filed under; NULL when none';

CREATE TABLE data_dictionary (
    schema_name VARCHAR NOT NULL,
    object_name VARCHAR NOT NULL,
    object_type VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    column_name VARCHAR,
    data_type VARCHAR,
    description VARCHAR NOT NULL
);
COMMENT ON TABLE data_dictionary IS 'One row per column of every table, view and macro; made from the comments at each migration';
COMMENT ON COLUMN data_dictionary.schema_name IS 'main (tables), core (tidy views) or out (what people read)';
COMMENT ON COLUMN data_dictionary.object_name IS 'Table, view or macro';
COMMENT ON COLUMN data_dictionary.object_type IS 'table, view or macro';
COMMENT ON COLUMN data_dictionary.position IS 'Order of the column, from 1; 0 describes the object itself';
COMMENT ON COLUMN data_dictionary.column_name IS 'Column; NULL for the object itself';
COMMENT ON COLUMN data_dictionary.data_type IS 'DuckDB type';
COMMENT ON COLUMN data_dictionary.description IS 'Meaning, unit and XML source';
