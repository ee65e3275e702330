-- One row per strategy and arm that was ever searched: what it found, and what only it found.
CREATE OR REPLACE VIEW out.strategy_yield AS
WITH searched AS (
    SELECT
        s.strategy,
        s.arm,
        count(*) AS n_searches,
        count(*) FILTER (WHERE s.outcome <> 'clean') AS n_not_clean,
        max(s.started_at) AS last_searched_at
    FROM main.search_runs AS s
    GROUP BY s.strategy, s.arm
),

-- Provenance strategies compete with each other, the arms of the harvest among themselves; the watch over known records with neither.
hits AS (
    SELECT DISTINCT
        h.strategy,
        h.arm,
        h.pmid,
        CASE WHEN h.arm IN ('provenance', 'known_set') THEN h.arm ELSE 'harvest' END AS kind
    FROM main.search_hits AS h
),

found_by AS (
    SELECT
        h.pmid,
        h.kind,
        count(*) AS n_finders
    FROM hits AS h
    GROUP BY h.pmid, h.kind
),

counted AS (
    SELECT
        h.strategy,
        h.arm,
        count(*) AS n_articles,
        count(c.pmid) AS n_current,
        count(*) FILTER (WHERE c.is_on_topic) AS n_on_topic,
        count(*) FILTER (WHERE f.n_finders = 1) AS n_only,
        count(*) FILTER (WHERE f.n_finders = 1 AND c.is_on_topic) AS n_only_on_topic
    FROM hits AS h
    INNER JOIN found_by AS f ON h.pmid = f.pmid AND h.kind = f.kind
    LEFT JOIN out.current_articles AS c ON h.pmid = c.pmid
    GROUP BY h.strategy, h.arm
)

SELECT
    s.strategy,
    t.title AS strategy_title,
    s.arm,
    s.n_searches,
    s.n_not_clean,
    s.last_searched_at,
    coalesce(c.n_articles, 0) AS n_articles,
    coalesce(c.n_current, 0) AS n_current,
    coalesce(c.n_on_topic, 0) AS n_on_topic,
    round(c.n_on_topic / c.n_current, 3) AS on_topic_share,
    coalesce(c.n_only, 0) AS n_only,
    coalesce(c.n_only_on_topic, 0) AS n_only_on_topic
FROM searched AS s
LEFT JOIN counted AS c ON s.strategy = c.strategy AND s.arm = c.arm
LEFT JOIN main.strategies AS t ON s.strategy = t.strategy;

-- Columns as in: out.search_log
COMMENT ON VIEW out.strategy_yield IS 'What every search strategy has brought, by arm: papers, how many are on topic, and how many nothing else found';
COMMENT ON COLUMN out.strategy_yield.n_searches IS 'Searches sent';
COMMENT ON COLUMN out.strategy_yield.n_not_clean IS 'Of them, held or failed';
COMMENT ON COLUMN out.strategy_yield.last_searched_at IS 'Start (UTC) of the newest of them';
COMMENT ON COLUMN out.strategy_yield.n_articles IS 'Distinct PMIDs found; 0 when it found none';
COMMENT ON COLUMN out.strategy_yield.n_current IS 'Of them, shown by PubMed now';
COMMENT ON COLUMN out.strategy_yield.n_on_topic IS 'Of those, on topic';
COMMENT ON COLUMN out.strategy_yield.on_topic_share IS 'n_on_topic / n_current, 0 to 1; NULL when it found none';
COMMENT ON COLUMN out.strategy_yield.n_only IS 'Of n_articles, found by no other provenance strategy, or by no other arm of the harvest';
COMMENT ON COLUMN out.strategy_yield.n_only_on_topic IS 'Of them, on topic now';
