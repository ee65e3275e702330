-- At any instant PubMed showed one version of a record: articles_as_of finds one.
SELECT
    v.pmid,
    v.version_id,
    v.seen_from
FROM main.article_versions AS v
WHERE v.seen_from IS DISTINCT FROM v.seen_to
QUALIFY
    coalesce(v.seen_to, TIMESTAMP 'infinity')
    > lead(v.seen_from) OVER (PARTITION BY v.pmid ORDER BY v.seen_from, v.version_id);
