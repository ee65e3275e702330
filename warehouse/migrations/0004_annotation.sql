-- What her2lit says about a record, and the events it is told by.

CREATE TABLE drugs (
    drug_id VARCHAR NOT NULL,
    drug_name VARCHAR NOT NULL,
    drug_class VARCHAR NOT NULL,
    is_her2_targeted BOOLEAN NOT NULL,
    rolls_up_to VARCHAR
);
COMMENT ON TABLE drugs IS 'One row per drug her2lit knows, as topic/drugs.toml says now';
COMMENT ON COLUMN drugs.drug_id IS 'Key of topic/drugs.toml, e.g. trastuzumab-deruxtecan';
COMMENT ON COLUMN drugs.drug_name IS 'Name shown to readers';
COMMENT ON COLUMN drugs.drug_class IS 'Class, e.g. antibody-drug conjugate';
COMMENT ON COLUMN drugs.is_her2_targeted IS 'Whether the drug itself targets HER2';
COMMENT ON COLUMN drugs.rolls_up_to IS 'The drug this one also counts as (a biosimilar''s reference), else NULL';

CREATE TABLE strategies (
    strategy VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    term VARCHAR NOT NULL,
    strategy_sha256 VARCHAR NOT NULL
);
COMMENT ON TABLE strategies IS 'One row per search strategy, as topic/strategies.toml says now';
COMMENT ON COLUMN strategies.strategy IS 'Key of topic/strategies.toml';
COMMENT ON COLUMN strategies.kind IS 'harvest (what is fetched) or provenance (says which words found it)';
COMMENT ON COLUMN strategies.title IS 'What it looks for, in words';
COMMENT ON COLUMN strategies.term IS 'The PubMed term, without the window';
COMMENT ON COLUMN strategies.strategy_sha256 IS 'SHA-256 of term';

CREATE TABLE article_evidence (
    annotation_id BIGINT NOT NULL,
    version_id BIGINT NOT NULL,
    pmid BIGINT NOT NULL,
    rule_version VARCHAR NOT NULL,
    annotation_sha256 VARCHAR NOT NULL,
    annotated_at TIMESTAMP NOT NULL,
    superseded_at TIMESTAMP,
    run_id VARCHAR NOT NULL,
    design VARCHAR NOT NULL,
    design_decided_by VARCHAR NOT NULL,
    design_rule VARCHAR,
    design_place VARCHAR,
    design_sentence VARCHAR,
    design_start INTEGER,
    design_end INTEGER,
    is_secondary BOOLEAN NOT NULL,
    phase VARCHAR,
    n_patients INTEGER,
    trial_ids VARCHAR[] NOT NULL,
    finding VARCHAR,
    evidence_rank INTEGER NOT NULL,
    evidence_rank_parts MAP(VARCHAR, INTEGER) NOT NULL,
    integrity VARCHAR[] NOT NULL
);
COMMENT ON TABLE article_evidence IS 'One row per record version and rule version: what kind of evidence it is; older judgements are kept';
COMMENT ON COLUMN article_evidence.annotation_id IS 'Surrogate key, counting up in the order of loading';
COMMENT ON COLUMN article_evidence.version_id IS 'The record version this row belongs to: key of article_versions';
COMMENT ON COLUMN article_evidence.pmid IS 'PubMed identifier';
COMMENT ON COLUMN article_evidence.rule_version IS 'Version of lexicon and rules that made the judgement';
COMMENT ON COLUMN article_evidence.annotation_sha256 IS 'SHA-256 of the whole judgement, so that an unchanged one is left alone';
COMMENT ON COLUMN article_evidence.annotated_at IS 'Start (UTC) of the run that stored it';
COMMENT ON COLUMN article_evidence.superseded_at IS 'Start (UTC) of the run that judged the same version anew; NULL while it holds';
COMMENT ON COLUMN article_evidence.run_id IS 'The run that stored it';
COMMENT ON COLUMN article_evidence.design IS 'Study design, one of topic/evidence.toml';
COMMENT ON COLUMN article_evidence.design_decided_by IS 'text, publication_type, comments_corrections, mesh or default';
COMMENT ON COLUMN article_evidence.design_rule IS 'The rule that decided';
COMMENT ON COLUMN article_evidence.design_place IS 'Where the design was read';
COMMENT ON COLUMN article_evidence.design_sentence IS 'The sentence or term it was read from';
COMMENT ON COLUMN article_evidence.design_start IS 'First character of the match in design_sentence, from 0';
COMMENT ON COLUMN article_evidence.design_end IS 'Character after the match';
COMMENT ON COLUMN article_evidence.is_secondary IS 'A secondary, subgroup or pooled analysis';
COMMENT ON COLUMN article_evidence.phase IS '1, 1/2, 2, 2/3, 3, 4 or NULL';
COMMENT ON COLUMN article_evidence.n_patients IS 'Patients the record reports on; NULL when not printed';
COMMENT ON COLUMN article_evidence.trial_ids IS 'Registry ids printed anywhere in the record';
COMMENT ON COLUMN article_evidence.finding IS 'The sentence that states the main result, exactly as in the abstract';
COMMENT ON COLUMN article_evidence.evidence_rank IS '0-100, for ordering only; its parts are in evidence_rank_parts';
COMMENT ON COLUMN article_evidence.evidence_rank_parts IS 'What added up to evidence_rank';
COMMENT ON COLUMN article_evidence.integrity IS 'retracted, concern, corrected, retraction_notice, erratum_notice, concern_notice, as read from this record alone';

CREATE TABLE article_drugs (
    annotation_id BIGINT NOT NULL,
    version_id BIGINT NOT NULL,
    pmid BIGINT NOT NULL,
    position INTEGER NOT NULL,
    drug_id VARCHAR NOT NULL,
    role VARCHAR NOT NULL,
    decided_by VARCHAR NOT NULL,
    rule VARCHAR,
    rolls_up_to VARCHAR,
    n_mentions INTEGER NOT NULL,
    evidence_place VARCHAR,
    evidence_sentence VARCHAR,
    evidence_start INTEGER,
    evidence_end INTEGER
);
COMMENT ON TABLE article_drugs IS 'One row per annotation and drug: the strongest role the drug has in the record';
COMMENT ON COLUMN article_drugs.annotation_id IS 'The annotation this row belongs to: key of article_evidence';
COMMENT ON COLUMN article_drugs.version_id IS 'The record version this row belongs to: key of article_versions';
COMMENT ON COLUMN article_drugs.pmid IS 'PubMed identifier';
COMMENT ON COLUMN article_drugs.position IS 'Order in the document, from 1';
COMMENT ON COLUMN article_drugs.drug_id IS 'Key of drugs';
COMMENT ON COLUMN article_drugs.role IS 'studied, comparator, prior, background or negated';
COMMENT ON COLUMN article_drugs.decided_by IS 'text, substance or mesh';
COMMENT ON COLUMN article_drugs.rule IS 'The rule that decided the role';
COMMENT ON COLUMN article_drugs.rolls_up_to IS 'The drug this one also counts as, else NULL';
COMMENT ON COLUMN article_drugs.n_mentions IS 'Unmasked mentions in the record';
COMMENT ON COLUMN article_drugs.evidence_place IS 'Where the statement was read: title, abstract, keyword, publication_type, mesh, substance or databank';
COMMENT ON COLUMN article_drugs.evidence_sentence IS 'The sentence or term it was read from, as NLM wrote it';
COMMENT ON COLUMN article_drugs.evidence_start IS 'First character of the match in evidence_sentence, from 0';
COMMENT ON COLUMN article_drugs.evidence_end IS 'Character after the match in evidence_sentence';

CREATE TABLE article_facets (
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
COMMENT ON TABLE article_facets IS 'One row per annotation, facet and value';
COMMENT ON COLUMN article_facets.annotation_id IS 'The annotation this row belongs to: key of article_evidence';
COMMENT ON COLUMN article_facets.version_id IS 'The record version this row belongs to: key of article_versions';
COMMENT ON COLUMN article_facets.pmid IS 'PubMed identifier';
COMMENT ON COLUMN article_facets.position IS 'Order in the document, from 1';
COMMENT ON COLUMN article_facets.facet IS 'her2_status, tumour, setting, line, cns, resistance, safety or class_mention';
COMMENT ON COLUMN article_facets.value IS 'Its value, e.g. positive, breast, metastatic, second';
COMMENT ON COLUMN article_facets.rule IS 'The rule that decided';
COMMENT ON COLUMN article_facets.evidence_place IS 'Where the statement was read: title, abstract, keyword, publication_type, mesh, substance or databank';
COMMENT ON COLUMN article_facets.evidence_sentence IS 'The sentence or term it was read from, as NLM wrote it';
COMMENT ON COLUMN article_facets.evidence_start IS 'First character of the match in evidence_sentence, from 0';
COMMENT ON COLUMN article_facets.evidence_end IS 'Character after the match in evidence_sentence';

CREATE TABLE article_outcomes (
    annotation_id BIGINT NOT NULL,
    version_id BIGINT NOT NULL,
    pmid BIGINT NOT NULL,
    position INTEGER NOT NULL,
    endpoint VARCHAR NOT NULL,
    measure VARCHAR NOT NULL,
    value DOUBLE NOT NULL,
    ci_low DOUBLE,
    ci_high DOUBLE,
    ci_level DOUBLE,
    p VARCHAR,
    arm VARCHAR,
    timepoint_months DOUBLE,
    quote VARCHAR NOT NULL,
    flags VARCHAR[] NOT NULL
);
COMMENT ON TABLE article_outcomes IS 'One row per effect estimate printed in title or abstract';
COMMENT ON COLUMN article_outcomes.annotation_id IS 'The annotation this row belongs to: key of article_evidence';
COMMENT ON COLUMN article_outcomes.version_id IS 'The record version this row belongs to: key of article_versions';
COMMENT ON COLUMN article_outcomes.pmid IS 'PubMed identifier';
COMMENT ON COLUMN article_outcomes.position IS 'Order in the document, from 1';
COMMENT ON COLUMN article_outcomes.endpoint IS 'PFS, OS, DFS, IDFS, EFS, TTP, ORR, CBR, pCR, DoR, … or other';
COMMENT ON COLUMN article_outcomes.measure IS 'HR, OR, RR, median_months, rate_percent or difference';
COMMENT ON COLUMN article_outcomes.value IS 'The estimate, in the unit of measure';
COMMENT ON COLUMN article_outcomes.ci_low IS 'Lower limit of the confidence interval; NULL when not printed';
COMMENT ON COLUMN article_outcomes.ci_high IS 'Upper limit';
COMMENT ON COLUMN article_outcomes.ci_level IS 'Its level in percent, e.g. 95';
COMMENT ON COLUMN article_outcomes.p IS 'P value as printed, ASCII, e.g. <0.001';
COMMENT ON COLUMN article_outcomes.arm IS 'Arm or drug the estimate belongs to, where printed';
COMMENT ON COLUMN article_outcomes.timepoint_months IS 'Months after which a rate was read';
COMMENT ON COLUMN article_outcomes.quote IS 'Exact substring of the abstract';
COMMENT ON COLUMN article_outcomes.flags IS 'Why to be careful, e.g. outside_ci; empty when plausible';

CREATE TABLE evidence_events (
    event_id BIGINT NOT NULL,
    event_type VARCHAR NOT NULL,
    pmid BIGINT NOT NULL,
    version_id BIGINT,
    run_id VARCHAR NOT NULL,
    run_label DATE NOT NULL,
    event_at TIMESTAMP NOT NULL,
    changed_fields VARCHAR[] NOT NULL,
    notice_pmid BIGINT,
    notice_source VARCHAR,
    ref_type VARCHAR
);
COMMENT ON TABLE evidence_events IS 'One row per change worth telling, each exactly once; append-only';
COMMENT ON COLUMN evidence_events.event_id IS 'Surrogate key, counting up in the order of loading';
COMMENT ON COLUMN evidence_events.event_type IS 'appeared, late_arrival, loaded, revised, indexed, corrected, concern, retracted, reinstated, deleted or reappeared';
COMMENT ON COLUMN evidence_events.pmid IS 'The record it happened to';
COMMENT ON COLUMN evidence_events.version_id IS 'The record''s current version after the change; NULL when deleted';
COMMENT ON COLUMN evidence_events.run_id IS 'The run that saw it';
COMMENT ON COLUMN evidence_events.run_label IS 'The night: calendar date in America/New_York at the run''s start';
COMMENT ON COLUMN evidence_events.event_at IS 'Start (UTC) of the run that saw it';
COMMENT ON COLUMN evidence_events.changed_fields IS 'Fields whose content differs from before; empty for events that are no revision';
COMMENT ON COLUMN evidence_events.notice_pmid IS 'PMID of the notice that corrects, questions or retracts the record; NULL when not known';
COMMENT ON COLUMN evidence_events.notice_source IS 'RefSource of that notice';
COMMENT ON COLUMN evidence_events.ref_type IS '@RefType or the publication type that said so';
