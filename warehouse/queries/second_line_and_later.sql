-- How much evidence is there beyond the first line in metastatic disease, by drug?
SELECT
    e.drug_name,
    e.line,
    e.n_articles,
    e.n_randomised,
    e.n_other_trials,
    e.n_observational,
    e.best_evidence_rank,
    e.best_pmid
FROM out.evidence_by_line_and_setting AS e
WHERE e.setting = 'metastatic' AND e.line IN ('second', 'third_plus')
ORDER BY e.best_evidence_rank DESC NULLS LAST, e.drug_name ASC, e.line ASC;
