-- Which papers are about resistance to which drug?
SELECT
    r.drug_name,
    r.pmid,
    r.design,
    r.resistance_place,
    r.is_retracted,
    r.title
FROM out.resistance_evidence AS r
WHERE r.role = 'studied' AND r.is_her2_targeted
ORDER BY r.drug_name, r.pmid;
