-- Every current record with a title or abstract is findable, no deleted one is, and no posting is lost or doubled.
SELECT
    v.pmid,
    'not findable' AS fault
FROM main.article_versions AS v
ANTI JOIN main.find_documents AS d ON v.pmid = d.pmid AND d.is_current
WHERE v.seen_to IS NULL AND v.title IS NOT NULL
UNION ALL
SELECT
    d.pmid,
    'findable although deleted' AS fault
FROM main.find_documents AS d
ANTI JOIN main.article_versions AS v ON d.pmid = v.pmid AND v.seen_to IS NULL
WHERE d.is_current
UNION ALL
SELECT
    d.pmid,
    'findable twice' AS fault
FROM main.find_documents AS d
WHERE d.is_current
GROUP BY d.pmid
HAVING count(*) > 1
UNION ALL
SELECT
    d.pmid,
    'postings lost or doubled' AS fault
FROM main.find_documents AS d
LEFT JOIN (
    SELECT
        p.document_id,
        count(*) AS n_terms,
        sum(p.n_in_title + p.n_in_abstract) AS n_words
    FROM main.find_postings AS p
    GROUP BY p.document_id
) AS h ON d.document_id = h.document_id
WHERE d.is_current AND (d.n_terms <> coalesce(h.n_terms, 0) OR d.n_words <> coalesce(h.n_words, 0));
