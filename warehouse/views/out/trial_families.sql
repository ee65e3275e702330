-- One row per trial: the current records that report on it. Records belong together when they share a registry id or a
-- landmark trial's acronym in the title, directly or through a third; the same rule as her2lit.annotate.families.
CREATE OR REPLACE VIEW out.trial_families AS
WITH RECURSIVE reports AS (
    SELECT
        c.*,
        list_position(['phase3_rct', 'other_rct', 'phase3_nonrandomised', 'phase2', 'phase1', 'observational', 'protocol'], c.design)
            AS precedence
    FROM out.current_articles AS c
    WHERE
        c.design IN ('phase3_rct', 'other_rct', 'phase3_nonrandomised', 'phase2', 'phase1', 'observational', 'protocol')
),

names AS (
    SELECT
        t.trial,
        t.nct,
        unnest(t.names) AS name
    FROM main.trials AS t
),

-- Materialised: a plain search for the name is quick and leaves next to nothing for the regular expression.
spelled AS MATERIALIZED (
    SELECT
        r.pmid,
        r.version_id,
        r.title,
        n.trial,
        n.nct,
        n.name
    FROM reports AS r
    INNER JOIN names AS n ON contains(r.title, n.name)
),

titled AS MATERIALIZED (
    SELECT DISTINCT
        s.pmid,
        s.version_id,
        s.title,
        s.trial,
        s.nct
    FROM spelled AS s
    WHERE regexp_matches(s.title, concat('(^|[^\w-])', regexp_escape(s.name), '([^\w-]|$)'))
),

-- SOPHIA and EMILIA are also names of people: the acronym counts only where HER2 or breast stands in the record too.
acronyms AS (
    SELECT
        t.pmid,
        t.trial,
        t.nct
    FROM titled AS t
    LEFT JOIN main.abstract_sections AS s ON t.version_id = s.version_id
    GROUP BY t.pmid, t.trial, t.nct
    HAVING bool_or(regexp_matches(concat_ws(' ', t.title, s.text), '(?i)\bher-?2|\berbb-?2|\bbreast\b'))
),

handles AS (
    SELECT
        r.pmid,
        unnest(r.trial_ids) AS handle
    FROM reports AS r
    UNION
    SELECT
        a.pmid,
        concat('acronym:', a.trial) AS handle
    FROM acronyms AS a
    UNION
    SELECT
        a.pmid,
        a.nct AS handle
    FROM acronyms AS a
    WHERE a.nct IS NOT NULL
),

reached (handle, other) AS (
    SELECT
        h.handle,
        h.handle AS other
    FROM handles AS h
    UNION
    SELECT
        r.handle,
        b.handle AS other
    FROM reached AS r
    INNER JOIN handles AS a ON r.other = a.handle
    INNER JOIN handles AS b ON a.pmid = b.pmid
),

families AS (
    SELECT
        r.handle,
        coalesce(min(r.other) FILTER (WHERE NOT starts_with(r.other, 'acronym:')), min(r.other)) AS trial_family,
        list_sort(list(DISTINCT r.other) FILTER (WHERE NOT starts_with(r.other, 'acronym:'))) AS trial_ids,
        min(r.other[9:]) FILTER (WHERE starts_with(r.other, 'acronym:')) AS trial
    FROM reached AS r
    GROUP BY r.handle
),

members AS (
    SELECT DISTINCT
        f.trial_family,
        f.trial_ids,
        f.trial,
        h.pmid
    FROM handles AS h
    INNER JOIN families AS f ON h.handle = f.handle
),

drugs AS (
    SELECT
        m.trial_family,
        list_sort(list(DISTINCT d.drug_id)) AS drug_ids
    FROM members AS m
    INNER JOIN reports AS r ON m.pmid = r.pmid
    INNER JOIN main.article_drugs AS d ON r.annotation_id = d.annotation_id AND d.role IN ('studied', 'comparator')
    GROUP BY m.trial_family
)

SELECT
    m.trial_family,
    m.trial,
    coalesce(m.trial_ids, []) AS trial_ids,
    count(*) AS n_articles,
    list(m.pmid ORDER BY m.pmid) AS pmids,
    arg_min(r.pmid, (r.is_secondary, r.precedence, r.pmid)) AS primary_pmid,
    arg_min(r.title, (r.is_secondary, r.precedence, r.pmid)) AS primary_title,
    arg_min(r.design, (r.is_secondary, r.precedence, r.pmid)) AS primary_design,
    arg_min(r.is_retracted, (r.is_secondary, r.precedence, r.pmid)) AS primary_is_retracted,
    any_value(coalesce(d.drug_ids, [])) AS drug_ids,
    min(r.created_date) AS first_created_date,
    max(r.created_date) AS last_created_date,
    max(r.n_patients) AS most_patients,
    bool_or(r.is_on_topic) AS is_on_topic,
    count(*) FILTER (WHERE r.is_retracted) AS n_retracted,
    count(*) FILTER (WHERE r.has_concern) AS n_with_concern
FROM members AS m
INNER JOIN reports AS r ON m.pmid = r.pmid
LEFT JOIN drugs AS d ON m.trial_family = d.trial_family
GROUP BY m.trial_family, m.trial, m.trial_ids;

COMMENT ON VIEW out.trial_families IS 'Current records grouped by the trial they report on; reviews and others that only cite a trial are left out, retracted ones counted';
COMMENT ON COLUMN out.trial_families.trial_family IS 'First registry id of the family, else acronym: and the name of the landmark trial';
COMMENT ON COLUMN out.trial_families.trial IS 'Landmark trial named in a title: key of trials; NULL where none is';
COMMENT ON COLUMN out.trial_families.trial_ids IS 'Registry ids of its records, sorted';
COMMENT ON COLUMN out.trial_families.n_articles IS 'Records in the family';
COMMENT ON COLUMN out.trial_families.pmids IS 'Their PMIDs, sorted';
COMMENT ON COLUMN out.trial_families.primary_pmid IS 'The report that leads: not secondary, the strongest trial design, the lowest PMID';
COMMENT ON COLUMN out.trial_families.primary_title IS 'Its title';
COMMENT ON COLUMN out.trial_families.primary_design IS 'Its design';
COMMENT ON COLUMN out.trial_families.primary_is_retracted IS 'Whether it is retracted';
COMMENT ON COLUMN out.trial_families.drug_ids IS 'Drugs that any of the records studies or compares with, sorted';
COMMENT ON COLUMN out.trial_families.first_created_date IS 'Earliest created_date among the records';
COMMENT ON COLUMN out.trial_families.last_created_date IS 'Latest created_date among the records';
COMMENT ON COLUMN out.trial_families.most_patients IS 'Largest number of patients any of the records reports on; NULL when none prints one';
COMMENT ON COLUMN out.trial_families.is_on_topic IS 'Whether any of the records is on topic';
COMMENT ON COLUMN out.trial_families.n_retracted IS 'Records that are retracted';
COMMENT ON COLUMN out.trial_families.n_with_concern IS 'Records under an expression of concern';
