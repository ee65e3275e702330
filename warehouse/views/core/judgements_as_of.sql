-- One row per record version and judgement that held at the instant *as_of* (UTC), its facets gathered into lists.
CREATE OR REPLACE MACRO core.judgements_as_of(as_of) AS TABLE
WITH judgements AS (
    SELECT a.*
    FROM main.article_evidence AS a
    WHERE
        a.annotated_at <= as_of
        AND (a.superseded_at IS NULL OR a.superseded_at > as_of)
),

facets AS (
    SELECT
        f.annotation_id,
        list(DISTINCT f.value ORDER BY f.value) FILTER (WHERE f.facet = 'her2_status') AS her2_status,
        list(DISTINCT f.value ORDER BY f.value) FILTER (WHERE f.facet = 'tumour') AS tumour,
        list(DISTINCT f.value ORDER BY f.value) FILTER (WHERE f.facet = 'setting') AS setting,
        list(DISTINCT f.value ORDER BY f.value) FILTER (WHERE f.facet = 'line') AS line,
        list(DISTINCT f.value ORDER BY f.value) FILTER (WHERE f.facet = 'safety') AS safety,
        bool_or(f.facet = 'cns' AND f.value <> 'excluded') AS has_cns,
        bool_or(f.facet = 'resistance') AS has_resistance
    FROM main.article_facets AS f
    GROUP BY f.annotation_id
),

targeted AS (
    SELECT DISTINCT d.annotation_id
    FROM main.article_drugs AS d
    INNER JOIN core.drugs_as_of(as_of) AS n USING (drug_id)
    WHERE n.is_her2_targeted AND d.role IN ('studied', 'comparator')
)

SELECT
    a.annotation_id,
    a.version_id,
    a.pmid,
    a.rule_version,
    a.design,
    g.design_group,
    a.design_decided_by,
    a.is_secondary,
    a.phase,
    a.n_patients,
    coalesce(f.her2_status, []) AS her2_status,
    coalesce(f.tumour, []) AS tumour,
    coalesce(f.setting, []) AS setting,
    coalesce(f.line, []) AS line,
    coalesce(f.safety, []) AS safety,
    coalesce(f.has_cns, FALSE) AS has_cns,
    coalesce(f.has_resistance, FALSE) AS has_resistance,
    a.evidence_rank,
    a.finding,
    a.trial_ids,
    (
        list_contains(coalesce(f.tumour, []), 'breast')
        AND (
            t.annotation_id IS NOT NULL
            OR list_has_any(coalesce(f.her2_status, []), ['positive', 'low', 'ultralow'])
        )
    ) AS is_on_topic
FROM judgements AS a
LEFT JOIN core.design_groups AS g ON a.design = g.design
LEFT JOIN facets AS f ON a.annotation_id = f.annotation_id
LEFT JOIN targeted AS t ON a.annotation_id = t.annotation_id;

COMMENT ON MACRO TABLE core.judgements_as_of IS 'What was said of each record version at an instant (UTC): design, facets as lists, rank, whether it is on topic';
