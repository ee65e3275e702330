-- Which trials have two or more reports here?
SELECT
    t.trial_family,
    t.trial,
    t.n_articles,
    t.pmids,
    t.primary_pmid,
    t.drug_ids,
    t.n_retracted
FROM out.trial_families AS t
WHERE t.n_articles >= 2
ORDER BY t.n_articles DESC, t.trial_family ASC;
