-- One row per record whose title and abstract have every word of *query*, with its BM25 score.
--
-- "words in quotes" must stand next to each other, -word and -"words" must not occur; find(query, any_word := TRUE)
-- asks for one of the words only. A hyphenated pair counts as one word: run together, or both of its parts.
-- BM25 with k1 = 1.2 and b = 0.75; a word in the title counts three times.
CREATE OR REPLACE MACRO out.find(query, any_word := FALSE) AS TABLE
WITH items AS (
    SELECT unnest(regexp_extract_all(query, '-?"[^"]*"?|[^\s"]+')) AS item
),

wanted AS MATERIALIZED (
    SELECT DISTINCT
        word,
        contains(word, '-') AS is_compound,
        starts_with(item, '-') AS is_excluded
    FROM (
        SELECT
            item,
            unnest(core.find_words(item)) AS word
        FROM items
        -- Of an excluded phrase its single words may well occur.
        WHERE NOT starts_with(item, '-"')
    )
),

-- Phrases, and what an excluded hyphenated word must not be; with the word by which they are looked for first.
phrases AS MATERIALIZED (
    SELECT DISTINCT
        core.find_plain(item) AS phrase,
        regexp_extract(lower(item), '[a-z0-9]+') AS first_word,
        starts_with(item, '-') AS is_excluded
    FROM items
    WHERE (contains(item, '"') OR regexp_matches(item, '^-.*-')) AND len(core.find_words(item)) > 0
),

asked AS MATERIALIZED (
    SELECT DISTINCT
        word,
        is_compound,
        is_excluded,
        is_joined,
        core.find_term(part) AS term
    FROM (
        SELECT
            *,
            FALSE AS is_joined,
            unnest(string_split(word, '-')) AS part
        FROM wanted
        -- -her2-negative leaves out her2negative and "her2 negative", not every record with both words.
        WHERE NOT (is_excluded AND is_compound)
        UNION ALL
        SELECT
            *,
            TRUE AS is_joined,
            replace(word, '-', '') AS part
        FROM wanted
        WHERE is_compound AND len(string_split(word, '-')) = 2
    )
),

found AS MATERIALIZED (
    SELECT
        p.term,
        d.pmid,
        d.n_words,
        3 * p.n_in_title + p.n_in_abstract AS n_times
    FROM main.find_postings AS p
    INNER JOIN (SELECT DISTINCT a.term FROM asked AS a) AS t ON p.term = t.term
    INNER JOIN main.find_documents AS d ON p.document_id = d.document_id
    WHERE d.is_current
),

corpus AS MATERIALIZED (
    SELECT
        count(*) AS n_documents,
        avg(n_words) AS mean_words
    FROM main.find_documents
    WHERE is_current
),

rarity AS (
    SELECT
        f.term,
        any_value(c.mean_words) AS mean_words,
        ln(1 + (any_value(c.n_documents) - count(*) + 0.5) / (count(*) + 0.5)) AS weight
    FROM found AS f
    CROSS JOIN corpus AS c
    GROUP BY f.term
),

scored AS (
    SELECT
        f.pmid,
        a.word,
        a.is_compound,
        a.is_joined,
        a.is_excluded,
        r.weight * f.n_times * 2.2 / (f.n_times + 1.2 * (0.25 + 0.75 * f.n_words / r.mean_words)) AS score
    FROM found AS f
    INNER JOIN rarity AS r ON f.term = r.term
    INNER JOIN asked AS a ON f.term = a.term
),

matched AS (
    SELECT
        s.pmid,
        s.is_excluded,
        s.score
    FROM scored AS s
    WHERE NOT s.is_compound
    UNION ALL
    SELECT
        s.pmid,
        s.is_excluded,
        greatest(
            coalesce(sum(s.score) FILTER (WHERE NOT s.is_joined), 0), coalesce(max(s.score) FILTER (WHERE s.is_joined), 0)
        ) AS score
    FROM scored AS s
    WHERE s.is_compound
    GROUP BY s.pmid, s.word, s.is_excluded
    HAVING
        bool_or(s.is_joined)
        OR count(*) = (SELECT count(*) FROM asked AS a WHERE a.word = s.word AND NOT a.is_joined AND a.is_excluded = s.is_excluded)
),

counted AS (
    SELECT
        m.pmid,
        sum(m.score) AS score,
        count(*)::INTEGER AS n_matched
    FROM matched AS m
    GROUP BY m.pmid
    HAVING NOT bool_or(m.is_excluded)
),

candidates AS MATERIALIZED (
    SELECT *
    FROM counted
    WHERE any_word OR n_matched = (SELECT count(*) FROM wanted AS w WHERE NOT w.is_excluded)
),

-- Empty without phrases: then no text is read.
compared AS MATERIALIZED (
    SELECT
        f.*,
        c.pmid,
        v.version_id
    FROM phrases AS f
    CROSS JOIN candidates AS c
    INNER JOIN main.article_versions AS v ON c.pmid = v.pmid
    WHERE v.seen_to IS NULL
),

said AS (
    SELECT DISTINCT
        o.pmid,
        o.phrase,
        o.is_excluded
    FROM (
        SELECT
            c.pmid,
            c.phrase,
            c.is_excluded
        FROM compared AS c
        INNER JOIN main.article_versions AS v ON c.version_id = v.version_id
        WHERE contains(lower(v.title), c.first_word)
            -- Most phrases stand in the text as they are; only the others are worth the work of taking it apart.
            AND (contains(lower(v.title), c.phrase) OR contains(core.find_plain(v.title), c.phrase))
        UNION ALL
        SELECT
            c.pmid,
            c.phrase,
            c.is_excluded
        FROM compared AS c
        INNER JOIN main.abstract_sections AS s ON c.version_id = s.version_id
        WHERE contains(lower(s.text), c.first_word)
            -- Most phrases stand in the text as they are; only the others are worth the work of taking it apart.
            AND (contains(lower(s.text), c.phrase) OR contains(core.find_plain(s.text), c.phrase))
    ) AS o
),

judged AS (
    SELECT
        s.pmid,
        count(*) FILTER (WHERE NOT s.is_excluded) AS n_phrases,
        bool_or(s.is_excluded) AS has_excluded
    FROM said AS s
    GROUP BY s.pmid
)

SELECT
    c.pmid,
    c.score,
    c.n_matched
FROM candidates AS c
LEFT JOIN judged AS j ON c.pmid = j.pmid
WHERE
    coalesce(j.n_phrases, 0) = (SELECT count(*) FROM phrases AS f WHERE NOT f.is_excluded)
    AND NOT coalesce(j.has_excluded, FALSE);

COMMENT ON MACRO TABLE out.find IS 'Full-text search: records whose title and abstract have every word of a query, with their BM25 score; "a phrase" and -word are understood';
