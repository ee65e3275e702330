-- By which words was a paper filed under an antibody-drug conjugate rather than under trastuzumab?
SELECT
    c.drug_name,
    c.pmid,
    c.role,
    c.decided_by,
    c.evidence_place,
    c.evidence_words,
    c.n_mentions
FROM out.current_evidence AS c
WHERE c.drug_id IN ('trastuzumab-deruxtecan', 'trastuzumab-emtansine') AND c.is_on_topic
ORDER BY c.drug_name, c.pmid;
