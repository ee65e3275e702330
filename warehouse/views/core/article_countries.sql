-- One row per record version and country that an affiliation of its authors ends with.
CREATE OR REPLACE VIEW core.article_countries AS
WITH printed AS (
    SELECT
        a.version_id,
        a.person_position,
        -- The last part, without the correspondence address that often follows it.
        trim(
            regexp_replace(
                lower(
                    regexp_extract(
                        regexp_replace(a.affiliation, '(?i)[\s.;,]*(electronic address:.*|e-?mail:.*|\S+@\S+)[\s.]*$', ''),
                        '([^,;]+?)[\s.;,\d-]*$',
                        1
                    )
                ),
                -- Some publishers set a no-break space between the words.
                '[\s\p{Z}]+', ' ', 'g'
            )
        ) AS last_part
    FROM main.affiliations AS a
    WHERE a.person_list = 'author'
),

endings AS (
    SELECT DISTINCT p.last_part
    FROM printed AS p
),

located AS (
    SELECT
        e.last_part,
        arg_max(c.country, length(c.name)) AS country
    FROM endings AS e
    INNER JOIN core.countries AS c ON e.last_part = c.name OR ends_with(e.last_part, concat(' ', c.name))
    GROUP BY e.last_part
)

SELECT
    p.version_id,
    l.country,
    bool_or(p.person_position = 1) AS is_first_author
FROM printed AS p
INNER JOIN located AS l ON p.last_part = l.last_part
GROUP BY p.version_id, l.country;

COMMENT ON VIEW core.article_countries IS 'Countries of a record version''s authors, read from the end of each affiliation; affiliations that end with no known country are left out';
COMMENT ON COLUMN core.article_countries.version_id IS 'The record version: key of article_versions';
COMMENT ON COLUMN core.article_countries.country IS 'Country in English';
COMMENT ON COLUMN core.article_countries.is_first_author IS 'Whether the first author is there';
