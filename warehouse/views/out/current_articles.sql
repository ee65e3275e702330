-- One row per record that PubMed shows now: what it says, what kind of evidence it is, whether it still stands.
-- Deleted records are absent; retracted ones are present and flagged.
CREATE OR REPLACE VIEW out.current_articles AS
WITH first_seen AS (
    SELECT
        s.pmid,
        min(s.seen_from) AS first_seen_at
    FROM main.article_versions AS s
    GROUP BY s.pmid
),

with_abstract AS (
    SELECT DISTINCT b.version_id
    FROM main.abstract_sections AS b
),

indexed AS (
    SELECT DISTINCT h.version_id
    FROM main.mesh_headings AS h
)

SELECT
    v.pmid,
    v.version_id,
    a.annotation_id,
    v.title,
    p.first_author,
    coalesce(v.medline_ta, v.journal_title) AS journal,
    v.journal_country,
    v.pub_date,
    v.pub_year,
    v.created_date,
    v.date_revised,
    s.first_seen_at,
    v.doi,
    v.pmcid,
    (b.version_id IS NOT NULL) AS has_abstract,
    (h.version_id IS NOT NULL) AS is_indexed,
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
    coalesce(a.trial_ids, []) AS trial_ids,
    coalesce(i.is_retracted, FALSE) AS is_retracted,
    coalesce(i.has_concern, FALSE) AS has_concern,
    coalesce(i.is_corrected, FALSE) AS is_corrected,
    coalesce(a.is_on_topic, FALSE) AS is_on_topic,
    a.rule_version
FROM main.article_versions AS v
LEFT JOIN first_seen AS s ON v.pmid = s.pmid
LEFT JOIN core.judgements_as_of(TIMESTAMP 'infinity') AS a ON v.version_id = a.version_id
LEFT JOIN core.integrity_as_of(TIMESTAMP 'infinity') AS i ON v.pmid = i.pmid
LEFT JOIN core.first_authors AS p ON v.version_id = p.version_id
LEFT JOIN with_abstract AS b ON v.version_id = b.version_id
LEFT JOIN indexed AS h ON v.version_id = h.version_id
WHERE v.seen_to IS NULL;

-- Columns as in: out.new_evidence, main.article_versions, main.article_evidence
COMMENT ON VIEW out.current_articles IS 'Every record as PubMed shows it now and as the newest rules judge it; deleted ones are absent, retracted ones flagged';
COMMENT ON COLUMN out.current_articles.version_id IS 'Its current version: key of article_versions';
COMMENT ON COLUMN out.current_articles.annotation_id IS 'The judgement that holds: key of article_evidence; NULL when it was not judged';
COMMENT ON COLUMN out.current_articles.is_indexed IS 'Whether it carries MeSH headings';
