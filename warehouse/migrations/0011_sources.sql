-- Where the single statements of a judgement and its estimates were read from.

ALTER TABLE article_outcomes ADD COLUMN evidence_place VARCHAR;
ALTER TABLE article_outcomes ADD COLUMN evidence_sentence VARCHAR;
ALTER TABLE article_outcomes ADD COLUMN evidence_start INTEGER;
ALTER TABLE article_outcomes ADD COLUMN evidence_end INTEGER;
COMMENT ON COLUMN article_outcomes.evidence_place IS 'Where the estimate was read: title or abstract; NULL when judged before this was kept';
COMMENT ON COLUMN article_outcomes.evidence_sentence IS 'The sentence it stands in, as NLM wrote it';
COMMENT ON COLUMN article_outcomes.evidence_start IS 'First character of the estimate in evidence_sentence, from 0';
COMMENT ON COLUMN article_outcomes.evidence_end IS 'Character after the estimate in evidence_sentence';
COMMENT ON COLUMN article_outcomes.flags IS 'Why to be careful: outside_ci, implausible, quoted (a review reports it of others); empty when plausible';

CREATE TABLE article_sources (
    annotation_id BIGINT NOT NULL,
    version_id BIGINT NOT NULL,
    pmid BIGINT NOT NULL,
    position INTEGER NOT NULL,
    facet VARCHAR NOT NULL,
    value VARCHAR NOT NULL,
    rule VARCHAR,
    evidence_place VARCHAR,
    evidence_sentence VARCHAR,
    evidence_start INTEGER,
    evidence_end INTEGER
);
COMMENT ON TABLE article_sources IS 'One row per single statement of a judgement (phase, number of patients, …): the sentence it was read from';
COMMENT ON COLUMN article_sources.annotation_id IS 'The annotation this row belongs to: key of article_evidence';
COMMENT ON COLUMN article_sources.version_id IS 'The record version this row belongs to: key of article_versions';
COMMENT ON COLUMN article_sources.pmid IS 'PubMed identifier';
COMMENT ON COLUMN article_sources.position IS 'Order in the judgement, from 1';
COMMENT ON COLUMN article_sources.facet IS 'phase, secondary, n, trial_id or finding: what was read there';
COMMENT ON COLUMN article_sources.value IS 'What was read, as in article_evidence';
COMMENT ON COLUMN article_sources.rule IS 'The rule that decided';
COMMENT ON COLUMN article_sources.evidence_place IS 'Where it was read: title, abstract, keyword, databank, …';
COMMENT ON COLUMN article_sources.evidence_sentence IS 'The sentence or term it was read from, as NLM wrote it';
COMMENT ON COLUMN article_sources.evidence_start IS 'First character of the match in evidence_sentence, from 0';
COMMENT ON COLUMN article_sources.evidence_end IS 'Character after the match in evidence_sentence';
