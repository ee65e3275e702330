-- What evidence is there on brain metastases, by drug, best first?
SELECT
    b.drug_name,
    b.role,
    b.pmid,
    b.design,
    b.n_patients,
    b.evidence_rank,
    b.is_retracted,
    b.title
FROM out.brain_metastases_evidence AS b
WHERE b.is_on_topic AND b.is_her2_targeted
ORDER BY b.drug_name ASC, b.evidence_rank DESC, b.pmid ASC;
