-- What a word is found by: its parts between hyphens, and neighbouring parts run together. So T-DM1 is found as
-- tdm1, DS-8201a as ds8201a, pre-treated as pretreated, and HER2-positive as her2. Ranges of numbers are not joined.
CREATE OR REPLACE MACRO core.find_parts(word) AS
CASE
    WHEN contains(word, '-') THEN list_concat(
        string_split(word, '-'),
        CASE
            WHEN NOT regexp_full_match(split_part(word, '-', 1) || split_part(word, '-', 2), '[0-9.·]*')
                THEN [split_part(word, '-', 1) || split_part(word, '-', 2)]
            ELSE []
        END,
        CASE
            WHEN NOT regexp_full_match(split_part(word, '-', 2) || split_part(word, '-', 3), '[0-9.·]*') AND split_part(word, '-', 3) <> ''
                THEN [split_part(word, '-', 2) || split_part(word, '-', 3)]
            ELSE []
        END
    )
    ELSE [word]
END;

COMMENT ON MACRO core.find_parts IS 'What a word is found by: its parts between hyphens, and the first ones run together';
