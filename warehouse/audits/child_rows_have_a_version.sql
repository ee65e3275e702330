-- Every row of a child table belongs to a version that is held, under the same PMID.
SELECT
    c.table_name,
    c.version_id,
    c.pmid
FROM (
    SELECT DISTINCT
        'abstract_sections' AS table_name,
        t.version_id,
        t.pmid
    FROM main.abstract_sections AS t
    UNION ALL
    SELECT DISTINCT
        'authors' AS table_name,
        t.version_id,
        t.pmid
    FROM main.authors AS t
    UNION ALL
    SELECT DISTINCT
        'mesh_headings' AS table_name,
        t.version_id,
        t.pmid
    FROM main.mesh_headings AS t
    UNION ALL
    SELECT DISTINCT
        'publication_types' AS table_name,
        t.version_id,
        t.pmid
    FROM main.publication_types AS t
    UNION ALL
    SELECT DISTINCT
        'substances' AS table_name,
        t.version_id,
        t.pmid
    FROM main.substances AS t
    UNION ALL
    SELECT DISTINCT
        'comments_corrections' AS table_name,
        t.version_id,
        t.pmid
    FROM main.comments_corrections AS t
) AS c
ANTI JOIN main.article_versions AS v ON c.version_id = v.version_id AND c.pmid = v.pmid;
