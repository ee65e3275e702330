-- One row per sentinel: a landmark paper, by its verified PMID, that a working watch must hold once its searches reach back to it.
CREATE OR REPLACE VIEW out.sentinel_recall AS
WITH reach AS (
    SELECT
        date_part('year', min(s.window_since)) AS first_year,
        date_part('year', max(s.window_until)) AS last_year
    FROM main.search_runs AS s
    WHERE s.arm = 'crdt' AND s.outcome = 'clean'
),

known AS (
    SELECT
        v.pmid,
        min(v.seen_from) AS first_seen_at,
        bool_or(v.seen_to IS NULL) AS is_current
    FROM main.article_versions AS v
    GROUP BY v.pmid
),

hits AS (
    SELECT
        h.pmid,
        list(DISTINCT h.arm ORDER BY h.arm) FILTER (WHERE h.arm NOT IN ('provenance', 'known_set')) AS arms,
        list(DISTINCT h.strategy ORDER BY h.strategy) FILTER (WHERE h.arm = 'provenance') AS strategies
    FROM main.search_hits AS h
    GROUP BY h.pmid
),

checks AS (
    SELECT
        c.pmid,
        max(c.label) AS checked_label,
        arg_max(c.is_in_pubmed, c.label) AS is_in_pubmed,
        arg_max(c.is_matched, c.label) AS is_matched
    FROM main.sentinel_checks AS c
    GROUP BY c.pmid
),

expected AS (
    SELECT
        r.pmid,
        unnest(t.drug_ids) AS drug_id
    FROM main.trial_reports AS r
    INNER JOIN main.trials AS t ON r.trial = t.trial
),

missed AS (
    SELECT
        e.pmid,
        list(DISTINCT e.drug_id ORDER BY e.drug_id) AS missed_drug_ids
    FROM expected AS e
    INNER JOIN out.current_articles AS c ON e.pmid = c.pmid
    ANTI JOIN main.article_drugs AS d ON c.annotation_id = d.annotation_id AND e.drug_id = d.drug_id
    GROUP BY e.pmid
)

SELECT
    r.pmid,
    r.trial,
    r.title,
    r.journal,
    r.year,
    t.drug_ids,
    CASE
        WHEN k.pmid IS NULL THEN 'not held'
        WHEN k.is_current THEN 'held'
        ELSE 'deleted'
    END AS state,
    CASE
        WHEN k.pmid IS NOT NULL THEN TRUE
        WHEN r.year > s.first_year AND r.year < s.last_year THEN TRUE
        WHEN r.year < s.first_year OR r.year > s.last_year THEN FALSE
    END AS is_due,
    q.checked_label,
    q.is_in_pubmed,
    q.is_matched,
    k.first_seen_at,
    coalesce(h.arms, []) AS arms,
    coalesce(h.strategies, []) AS strategies,
    CASE WHEN k.is_current THEN coalesce(m.missed_drug_ids, []) END AS missed_drug_ids
FROM main.trial_reports AS r
INNER JOIN main.trials AS t ON r.trial = t.trial
CROSS JOIN reach AS s
LEFT JOIN known AS k ON r.pmid = k.pmid
LEFT JOIN checks AS q ON r.pmid = q.pmid
LEFT JOIN hits AS h ON r.pmid = h.pmid
LEFT JOIN missed AS m ON r.pmid = m.pmid;

-- Columns as in: main.trial_reports, main.trials, main.sentinel_checks
COMMENT ON VIEW out.sentinel_recall IS 'Landmark papers that a working watch must hold: which are held, which are due and missing, and which of their drugs the annotation missed';
COMMENT ON COLUMN out.sentinel_recall.state IS 'held, deleted (PubMed took it away) or not held';
COMMENT ON COLUMN out.sentinel_recall.is_due IS 'Whether the searches by [crdt] cover its year: TRUE with state not held is a gap; FALSE when it is older or newer than they reach; NULL when it is of the year in which they begin or end, or nothing was searched';
COMMENT ON COLUMN out.sentinel_recall.checked_label IS 'Night of the newest reconciliation that asked PubMed for it; NULL when none has';
COMMENT ON COLUMN out.sentinel_recall.first_seen_at IS 'When her2lit first loaded it (UTC); NULL when it never did';
COMMENT ON COLUMN out.sentinel_recall.arms IS 'Arms of the harvest that found it, e.g. crdt';
COMMENT ON COLUMN out.sentinel_recall.strategies IS 'Provenance strategies that matched it, sorted';
COMMENT ON COLUMN out.sentinel_recall.missed_drug_ids IS 'Drugs of the trial that the annotation did not name in it, in whatever role; NULL unless it is held';
