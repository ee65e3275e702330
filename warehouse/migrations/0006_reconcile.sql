-- What can be trusted of the ledger: how PubMed reads the strategies, what it no longer shows, what a search no longer finds.

ALTER TABLE search_runs ADD COLUMN drift VARCHAR;
COMMENT ON COLUMN search_runs.drift IS 'How PubMed''s reading differed from the pinned one; NULL when it did not, or nothing was pinned yet';
COMMENT ON COLUMN search_runs.arm IS 'crdt, lr, mhda, provenance or known_set; whole is the strategy without dates, covered and outside are created dates inside and outside the days this home watches';
COMMENT ON COLUMN search_hits.arm IS 'crdt, lr, mhda, provenance, known_set, or covered: found by a reconciliation';
COMMENT ON COLUMN runs.kind IS 'nightly, reconcile, approval (of a strategy''s reading), backfill or replay';

CREATE TABLE strategy_pins (
    strategy VARCHAR NOT NULL,
    arm VARCHAR NOT NULL,
    strategy_sha256 VARCHAR NOT NULL,
    translation VARCHAR NOT NULL,
    count INTEGER,
    pinned_at TIMESTAMP NOT NULL,
    is_approved BOOLEAN NOT NULL,
    run_id VARCHAR NOT NULL
);
COMMENT ON TABLE strategy_pins IS 'One row per strategy, its text and arm, and pinning: how PubMed read it; the newest row is what searches are compared with';
COMMENT ON COLUMN strategy_pins.strategy IS 'Key of topic/strategies.toml, or known-set-… for the watch over known records';
COMMENT ON COLUMN strategy_pins.arm IS 'As in search_runs';
COMMENT ON COLUMN strategy_pins.strategy_sha256 IS 'SHA-256 of the strategy''s text; another text is pinned anew';
COMMENT ON COLUMN strategy_pins.translation IS 'QueryTranslation without dates and posted sets';
COMMENT ON COLUMN strategy_pins.count IS 'Count of the search it came with';
COMMENT ON COLUMN strategy_pins.pinned_at IS 'Start (UTC) of the run that pinned it';
COMMENT ON COLUMN strategy_pins.is_approved IS 'TRUE when a person approved it, FALSE when it was the first reading seen';
COMMENT ON COLUMN strategy_pins.run_id IS 'Key of runs';

CREATE TABLE absences (
    pmid BIGINT NOT NULL,
    label DATE NOT NULL,
    utilities VARCHAR [] NOT NULL,
    noted_at TIMESTAMP NOT NULL,
    returned_at TIMESTAMP,
    run_id VARCHAR NOT NULL
);
COMMENT ON TABLE absences IS 'One row per held record and night on which PubMed did not show it; two nights, each agreed by efetch and esummary, make a deletion';
COMMENT ON COLUMN absences.pmid IS 'The record';
COMMENT ON COLUMN absences.label IS 'The night';
COMMENT ON COLUMN absences.utilities IS 'Utilities that had no such record: efetch, esummary';
COMMENT ON COLUMN absences.noted_at IS 'Start (UTC) of the run that noted it';
COMMENT ON COLUMN absences.returned_at IS 'Start (UTC) of the run that received the record again; NULL while it stays away';
COMMENT ON COLUMN absences.run_id IS 'Key of runs';

CREATE TABLE lost_matches (
    pmid BIGINT NOT NULL,
    lost_at TIMESTAMP NOT NULL,
    regained_at TIMESTAMP,
    run_id VARCHAR NOT NULL
);
COMMENT ON TABLE lost_matches IS 'One row per held record that the harvest strategy stopped matching though PubMed still has it: edited, not deleted';
COMMENT ON COLUMN lost_matches.pmid IS 'The record';
COMMENT ON COLUMN lost_matches.lost_at IS 'Start (UTC) of the reconciliation that noticed it';
COMMENT ON COLUMN lost_matches.regained_at IS 'Start (UTC) of the reconciliation that found it matched again, or no longer held; NULL while it is lost';
COMMENT ON COLUMN lost_matches.run_id IS 'The run that noticed it';

CREATE TABLE sentinel_checks (
    label DATE NOT NULL,
    pmid BIGINT NOT NULL,
    trial VARCHAR NOT NULL,
    is_in_pubmed BOOLEAN,
    is_matched BOOLEAN NOT NULL,
    run_id VARCHAR NOT NULL
);
COMMENT ON TABLE sentinel_checks IS 'One row per landmark paper and reconciled night: whether the harvest strategy finds it';
COMMENT ON COLUMN sentinel_checks.label IS 'The night';
COMMENT ON COLUMN sentinel_checks.pmid IS 'The landmark paper, from topic/landmarks.toml';
COMMENT ON COLUMN sentinel_checks.trial IS 'Its trial';
COMMENT ON COLUMN sentinel_checks.is_in_pubmed IS 'Whether PubMed has the record; NULL when it could not be asked';
COMMENT ON COLUMN sentinel_checks.is_matched IS 'Whether the harvest strategy matches it';
COMMENT ON COLUMN sentinel_checks.run_id IS 'Key of runs';
