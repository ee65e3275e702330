-- No version has the content of the current version it replaced on the same PMID and PMID version.
SELECT
    b.version_id,
    b.pmid,
    a.version_id AS same_as
FROM main.article_versions AS a
INNER JOIN main.article_versions AS b
    ON
        a.pmid = b.pmid
        AND a.pmid_version = b.pmid_version
        AND a.content_sha256 = b.content_sha256
        AND a.seen_to = b.seen_from
        AND a.version_id < b.version_id;
