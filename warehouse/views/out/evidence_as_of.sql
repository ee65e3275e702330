-- One row per event and drug, as it would have been read at the instant *as_of* (UTC).
-- evidence_as_of(frozen_at of a digest) reproduces the rows that digest was made from.
CREATE OR REPLACE MACRO out.evidence_as_of(as_of) AS TABLE
WITH events AS (
    SELECT
        e.*,
        v.version_id IS NULL AS is_deleted,
        coalesce(v.version_id, e.version_id) AS shown_version_id
    FROM main.evidence_events AS e
    LEFT JOIN out.articles_as_of(as_of) AS v ON e.pmid = v.pmid
    WHERE e.event_at <= as_of
),

matched AS (
    SELECT
        h.pmid,
        list(DISTINCT h.strategy ORDER BY h.strategy) AS strategies
    FROM main.search_hits AS h
    WHERE h.arm = 'provenance' AND h.seen_at <= as_of
    GROUP BY h.pmid
),

first_seen AS (
    SELECT
        v.pmid,
        min(v.seen_from) AS first_seen_at
    FROM main.article_versions AS v
    GROUP BY v.pmid
),

with_abstract AS (
    SELECT DISTINCT s.version_id
    FROM main.abstract_sections AS s
)

SELECT
    e.event_id,
    e.event_type,
    e.run_id,
    e.run_label,
    e.event_at,
    e.pmid,
    v.title,
    coalesce(v.medline_ta, v.journal_title) AS journal,
    v.pub_date,
    v.pub_year,
    v.created_date,
    s.first_seen_at,
    d.drug_id,
    n.drug_name,
    n.drug_class,
    n.is_her2_targeted,
    d.role,
    d.decided_by,
    a.design,
    a.design_group,
    a.design_decided_by,
    coalesce(a.is_secondary, FALSE) AS is_secondary,
    a.phase,
    a.n_patients,
    coalesce(a.her2_status, []) AS her2_status,
    coalesce(a.tumour, []) AS tumour,
    coalesce(a.setting, []) AS setting,
    coalesce(a.line, []) AS line,
    coalesce(a.has_cns, FALSE) AS has_cns,
    coalesce(a.has_resistance, FALSE) AS has_resistance,
    coalesce(a.safety, []) AS safety,
    coalesce(a.evidence_rank, 0) AS evidence_rank,
    a.finding,
    v.doi,
    coalesce(a.trial_ids, []) AS trial_ids,
    coalesce(i.is_retracted, FALSE) AS is_retracted,
    coalesce(i.has_concern, FALSE) AS has_concern,
    coalesce(i.is_corrected, FALSE) AS is_corrected,
    e.is_deleted,
    coalesce(a.is_on_topic, FALSE) AS is_on_topic,
    coalesce(m.strategies, []) AS strategies,
    e.changed_fields,
    p.first_author,
    (b.version_id IS NOT NULL) AS has_abstract
FROM events AS e
LEFT JOIN main.article_versions AS v ON e.shown_version_id = v.version_id
LEFT JOIN first_seen AS s ON e.pmid = s.pmid
LEFT JOIN core.judgements_as_of(as_of) AS a ON e.shown_version_id = a.version_id
LEFT JOIN main.article_drugs AS d ON a.annotation_id = d.annotation_id
LEFT JOIN core.drugs_as_of(as_of) AS n ON d.drug_id = n.drug_id
LEFT JOIN core.integrity_as_of(as_of) AS i ON e.pmid = i.pmid
LEFT JOIN matched AS m ON e.pmid = m.pmid
LEFT JOIN core.first_authors AS p ON e.shown_version_id = p.version_id
LEFT JOIN with_abstract AS b ON e.shown_version_id = b.version_id;

COMMENT ON MACRO TABLE out.evidence_as_of IS 'new_evidence as it would have been read at an instant (UTC); reproduces any old digest to the row';
