-- Which PubMed answered a run: two runs over the same build can only differ by what was asked.

ALTER TABLE runs ADD COLUMN pubmed_build VARCHAR;
ALTER TABLE runs ADD COLUMN pubmed_updated VARCHAR;
COMMENT ON COLUMN runs.pubmed_build IS 'EInfo DbBuild as the run began; NULL where PubMed was not reached';
COMMENT ON COLUMN runs.pubmed_updated IS 'EInfo LastUpdate as NCBI prints it, without a zone';
COMMENT ON COLUMN runs.message IS 'What was missing or went wrong, or is worth a look, for people';
