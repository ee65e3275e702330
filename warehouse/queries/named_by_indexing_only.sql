-- Which drugs are named by NLM's indexing only, not by the text?
SELECT
    c.pmid,
    c.drug_name,
    c.decided_by,
    c.role,
    c.design,
    c.title
FROM out.current_evidence AS c
WHERE c.decided_by <> 'text' AND c.is_on_topic
ORDER BY c.pmid, c.drug_name;
