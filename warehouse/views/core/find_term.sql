-- The term a part of a word is stored and asked for by: without accents and commas, Greek letters by name, singular
-- (metastases and metastasis as metastase), American spelling (tumour as tumor, randomised as randomized, anaemia as
-- anemia). Each step reads its input once: a macro's argument is written out wherever it stands.
CREATE OR REPLACE MACRO core.find_term(part) AS
regexp_replace(
regexp_replace(
regexp_replace(
regexp_replace(
regexp_replace(
regexp_replace(
regexp_replace(
regexp_replace(
    replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
    replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
        strip_accents(part),
    ',', ''), '·', '.'),
    'α', 'alpha'), 'β', 'beta'), 'γ', 'gamma'), 'δ', 'delta'), 'ε', 'epsilon'), 'ζ', 'zeta'),
    'η', 'eta'), 'θ', 'theta'), 'κ', 'kappa'), 'λ', 'lambda'), 'μ', 'mu'), 'µ', 'mu'),
    'π', 'pi'), 'σ', 'sigma'), 'τ', 'tau'), 'φ', 'phi'), 'ψ', 'psi'), 'ω', 'omega'),
'^([a-z]{2,})sis$', '\1se'),
'^([a-z]{2,})ies$', '\1y'),
'^([a-z]+(?:ch|sh|ss|x|z))es$', '\1'),
'^([a-z]{2,}[a-hj-rtv-z])s$', '\1'),
'^([a-z]{2,3}i)s$', '\1'),
'^([a-z]{3,})our$', '\1or'),
'^([a-z]{3,}[iy])s(e|ed|er|ing|ation)$', '\1z\2'),
'^([a-z]*)(?:ae(m|d)|oe(d|st|so))([a-z]*)$', '\1e\2\3\4');

COMMENT ON MACRO core.find_term IS 'The term by which a part of a word is stored and asked for';
