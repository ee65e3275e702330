-- Columns with a fixed vocabulary hold nothing else.
SELECT DISTINCT
    s.column_name,
    s.value
FROM (
    SELECT
        'article_versions.kind' AS column_name,
        v.kind AS value,
        v.kind IN ('article', 'book') AS is_known
    FROM main.article_versions AS v
    UNION ALL
    SELECT
        'article_evidence.design' AS column_name,
        e.design AS value,
        g.design IS NOT NULL AS is_known
    FROM main.article_evidence AS e
    LEFT JOIN core.design_groups AS g ON e.design = g.design
    UNION ALL
    SELECT
        'article_drugs.role' AS column_name,
        d.role AS value,
        d.role IN ('studied', 'comparator', 'prior', 'background', 'negated') AS is_known
    FROM main.article_drugs AS d
    UNION ALL
    SELECT
        'article_drugs.decided_by' AS column_name,
        d.decided_by AS value,
        d.decided_by IN ('text', 'keyword', 'substance', 'mesh') AS is_known
    FROM main.article_drugs AS d
    UNION ALL
    SELECT
        'article_facets.facet' AS column_name,
        f.facet AS value,
        f.facet IN ('her2_status', 'tumour', 'setting', 'line', 'cns', 'resistance', 'safety', 'class_mention') AS is_known
    FROM main.article_facets AS f
    UNION ALL
    SELECT
        'article_outcomes.measure' AS column_name,
        o.measure AS value,
        o.measure IN ('HR', 'OR', 'RR', 'median_months', 'rate_percent', 'difference') AS is_known
    FROM main.article_outcomes AS o
    UNION ALL
    SELECT
        'runs.outcome' AS column_name,
        r.outcome AS value,
        r.outcome IN ('running', 'clean', 'incomplete', 'failed', 'interrupted') AS is_known
    FROM main.runs AS r
    UNION ALL
    SELECT
        'search_runs.outcome' AS column_name,
        s.outcome AS value,
        s.outcome IN ('clean', 'held', 'failed') AS is_known
    FROM main.search_runs AS s
) AS s
WHERE NOT s.is_known;
