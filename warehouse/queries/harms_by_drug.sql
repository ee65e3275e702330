-- Which harms are named for which HER2-targeted drug, in how many of its papers?
SELECT
    s.drug_name,
    s.harm,
    s.n_articles,
    s.n_articles_of_drug,
    s.n_randomised,
    s.n_case_reports,
    s.last_created_date,
    s.pmids
FROM out.safety_signals AS s
INNER JOIN main.drugs AS d ON s.drug_id = d.drug_id
WHERE d.is_her2_targeted AND s.harm <> 'other'
ORDER BY s.drug_name ASC, s.n_articles DESC, s.harm ASC;
