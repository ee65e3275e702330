-- Where a statement was read lies inside the sentence it was read from.
SELECT
    s.table_name,
    s.annotation_id,
    s.evidence_start,
    s.evidence_end
FROM (
    SELECT
        'article_drugs' AS table_name,
        d.annotation_id,
        d.evidence_sentence,
        d.evidence_start,
        d.evidence_end
    FROM main.article_drugs AS d
    UNION ALL
    SELECT
        'article_facets' AS table_name,
        f.annotation_id,
        f.evidence_sentence,
        f.evidence_start,
        f.evidence_end
    FROM main.article_facets AS f
    UNION ALL
    SELECT
        'article_outcomes' AS table_name,
        o.annotation_id,
        o.evidence_sentence,
        o.evidence_start,
        o.evidence_end
    FROM main.article_outcomes AS o
    UNION ALL
    SELECT
        'article_sources' AS table_name,
        r.annotation_id,
        r.evidence_sentence,
        r.evidence_start,
        r.evidence_end
    FROM main.article_sources AS r
    UNION ALL
    SELECT
        'article_evidence' AS table_name,
        e.annotation_id,
        e.design_sentence AS evidence_sentence,
        e.design_start AS evidence_start,
        e.design_end AS evidence_end
    FROM main.article_evidence AS e
) AS s
WHERE s.evidence_start < 0 OR s.evidence_start > s.evidence_end OR s.evidence_end > length(s.evidence_sentence);
