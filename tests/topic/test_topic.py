"""The topic's files: read, checked, and every rule tested by the example it carries."""

from dataclasses import replace

import pytest

from her2lit.annotate.annotate import annotate_article
from her2lit.annotate.design import CueReader, judge_design
from her2lit.annotate.document import Document
from her2lit.annotate.mentions import find_mentions
from her2lit.annotate.roles import role_by_words
from her2lit.errors import TopicError
from her2lit.records import AbstractSection, Article, CommentCorrection, MeshHeading, PublicationType, Substance
from her2lit.topic.topic import FILES, load_topic, read_topic

TOPIC = load_topic()


def article_of(text: str) -> Article:
    """Return a record whose title is *text*."""
    return Article(kind="article", pmid=1, pmid_version=1, title=text)


def drugs_in(text: str) -> set[str]:
    return {mention.drug_id for mention in find_mentions(Document(article_of(text)), TOPIC)}


@pytest.fixture
def files() -> dict[str, bytes]:
    """The real files, to be broken one at a time."""
    import importlib.resources

    folder = importlib.resources.files("her2lit.topic")
    return {name: folder.joinpath(name).read_bytes() for name in FILES}


def test_the_topic_loads_with_one_harvest_and_158_drugs():
    assert (len(TOPIC.drugs), TOPIC.harvest.name, len(TOPIC.version)) == (158, "harvest", 16)
    assert load_topic() is TOPIC


def test_the_version_changes_with_any_file_but_not_with_line_ends(files):
    for name in FILES:
        assert read_topic({**files, name: files[name] + b"\n# x\n"}).version != TOPIC.version
    windows = {name: content.replace(b"\n", b"\r\n") for name, content in files.items()}

    assert read_topic(windows).version == TOPIC.version


@pytest.mark.parametrize("drug", TOPIC.drugs, ids=lambda drug: drug.drug_id)
def test_every_plain_name_of_a_drug_is_found_and_is_that_drug(drug):
    """
    Plain names need no example: each is put into a sentence and must count as its drug, alone or in capitals.
    """
    found = {name: drugs_in(f"Patients received {name} in HER2-positive breast cancer") for _, name in drug.names}

    assert {name: drug.drug_id in drugs for name, drugs in found.items()} == dict.fromkeys(found, True)


@pytest.mark.parametrize(
    ("drug_id", "name"),
    [(drug.drug_id, name) for drug in TOPIC.drugs for name in drug.ambiguous],
    ids=lambda value: getattr(value, "term", value),
)
def test_an_ambiguous_name_counts_in_its_example_and_not_in_its_counterexample(drug_id, name):
    if name.example is not None:
        assert drug_id in drugs_in(name.example)
    assert drug_id not in drugs_in(name.counterexample)


@pytest.mark.parametrize("mask", TOPIC.lexicon.masks, ids=lambda mask: mask.name)
def test_a_mask_tags_what_it_says_and_nothing_naked(mask):
    assert drugs_in(mask.example) == {*mask.tags, *mask.beside}


@pytest.mark.parametrize("regimen", TOPIC.lexicon.regimens, ids=lambda regimen: regimen.tokens[0])
def test_a_regimen_stands_for_its_drugs_only_where_its_condition_holds(regimen):
    assert set(regimen.drugs) <= drugs_in(regimen.example)
    assert drugs_in(regimen.counterexample) == set()


def abstract_article(text: str) -> Article:
    return Article(
        kind="article", pmid=1, pmid_version=1, abstract=(AbstractSection(label=None, nlm_category=None, text=text),)
    )


@pytest.mark.parametrize("cue", [cue for cue in TOPIC.cues if cue.example], ids=lambda cue: cue.name)
def test_a_cue_matches_its_example_in_title_or_abstract_and_never_its_counterexample(cue):
    def holds(text: str) -> bool:
        return any(CueReader(Document(make(text)), TOPIC).find(cue.name) for make in (article_of, abstract_article))

    assert (holds(cue.example), holds(cue.counterexample)) == (True, False)


INDEXED = [
    (cue.name, key, term)
    for cue in TOPIC.cues
    for key, terms in (
        ("publication_types", cue.publication_types),
        ("mesh_headings", cue.mesh),
        ("comments_corrections", cue.ref_types),
    )
    for term in sorted(terms)
]


@pytest.mark.parametrize(("name", "key", "term"), INDEXED)
def test_each_term_of_the_indexing_shows_its_cue_where_the_text_is_silent(name, key, term):
    """Terms are tested mechanically, as plain names of drugs are; a cue of terms alone has no other example."""
    made = {
        "publication_types": PublicationType(ui=None, name=term),
        "mesh_headings": MeshHeading(descriptor=term, descriptor_ui=None, major_topic=False),
        "comments_corrections": CommentCorrection(ref_type=term, ref_source=None, pmid=2, pmid_version=1, note=None),
    }[key]
    silent = Article(kind="article", pmid=1, pmid_version=1, title="Breast cancer")

    found = [CueReader(Document(a), TOPIC).find(name) for a in (silent, replace(silent, **{key: (made,)}))]

    assert found[0] is None
    assert found[1] is not None
    assert found[1][1].sentence == term


@pytest.mark.parametrize("rule", TOPIC.designs, ids=lambda rule: rule.name)
def test_a_step_of_the_precedence_decides_its_example(rule):
    section = AbstractSection(label=None, nlm_category=None, text=rule.example.abstract)
    article = Article(
        kind="article",
        pmid=1,
        pmid_version=1,
        title=rule.example.title,
        abstract=(section,) if rule.example.abstract else (),
        publication_types=tuple(PublicationType(ui=None, name=name) for name in rule.example.publication_types),
    )

    judged = judge_design(CueReader(Document(article), TOPIC), TOPIC)

    assert (judged.design, judged.rule) == (rule.design, rule.name)


@pytest.mark.parametrize("rule", TOPIC.facets.rules, ids=lambda rule: rule.name)
def test_a_facet_rule_matches_its_example_and_not_its_counterexample(rule):
    def holds(text: str) -> bool:
        lowered = text.lower()
        return bool(rule.pattern.search(lowered)) and not (rule.unless and rule.unless.search(lowered))

    assert (holds(rule.example), holds(rule.counterexample)) == (True, False)


@pytest.mark.parametrize("rule", TOPIC.endpoints, ids=lambda rule: f"{rule.endpoint}-{rule.kind}")
def test_an_endpoint_matches_its_example(rule):
    assert rule.pattern.search(rule.example.lower())


@pytest.mark.parametrize("rule", TOPIC.findings.rules, ids=lambda rule: rule.name)
def test_a_finding_rule_matches_its_example(rule):
    assert rule.pattern.search(rule.example.lower())


@pytest.mark.parametrize("rule", TOPIC.roles, ids=lambda rule: rule.name)
def test_a_role_rule_decides_its_example_and_not_its_counterexample(rule):
    """The drug stands in square brackets; the words around it decide."""

    def decided(text: str) -> str | None:
        start = text.index("[")
        plain = text.replace("[", "").replace("]", "")
        document = Document(article_of(plain))
        assert document.title is not None
        found = role_by_words(document.title, start, text.index("]") - 1, TOPIC)
        return found.role if found else None

    assert (decided(rule.example), decided(rule.counterexample) == rule.role) == (rule.role, False)


@pytest.mark.parametrize("rule", TOPIC.class_titles, ids=lambda rule: rule.drug_class)
def test_a_title_names_a_class_of_drugs_as_its_example_does_and_its_counterexample_does_not(rule):
    found = [bool(rule.pattern.search(title.lower())) for title in (rule.example, rule.counterexample)]

    assert found == [True, False]


def test_every_rule_version_is_written_into_the_annotation():
    assert annotate_article(article_of("Trastuzumab"), TOPIC).rule_version == TOPIC.version


DRUG = b'[[drug]]\nid = "new-drug"\nname = "new drug"\nclass = "TKI"\nis_her2_targeted = true\nstatus = "early"\n'


@pytest.mark.parametrize(
    ("file", "block", "message"),
    [
        ("drugs.toml", DRUG + b'generic = ["Lapatinib"]\n', "already a name of 'lapatinib'"),
        (
            "drugs.toml",
            DRUG.replace(b"new-drug", b"lapatinib") + b'generic = ["x1"]\n',
            "two blocks have the id 'lapatinib'",
        ),
        ("drugs.toml", DRUG, "no name at all"),
        ("drugs.toml", DRUG + b'generic = ["newdrugib"]\ncolour = "red"\n', "unknown key 'colour'"),
        ("drugs.toml", DRUG + b'generic = ["DXd"]\n', "never_accept"),
        ("drugs.toml", DRUG + b'generic = ["newdrugib"]\nrolls_up_to = "nothing"\n', "no drug 'nothing'"),
        ("drugs.toml", DRUG + b'generic = ["newdrugib"]\nids = { unii = "?" }\n', "no unii identifier"),
        (
            "drugs.toml",
            DRUG + b'[[drug.ambiguous]]\nterm = "ND"\nneeds = { near = ["x"] }\nexample = "a"\ncounterexample = "b"\n',
            "a condition has no 'near'",
        ),
        (
            "drugs.toml",
            DRUG
            + b'[[drug.ambiguous]]\nterm = "ND"\nneeds = { any = ["@moon"] }\nexample = "a"\ncounterexample = "b"\n',
            "no word set '@moon'",
        ),
        (
            "drugs.toml",
            b'[[mask]]\nname = "m"\npattern = "("\nwhy = "w"\nexample = "e"\ntags = []\n',
            "no regular expression",
        ),
        (
            "strategies.toml",
            b'[[strategy]]\nname = "x"\nkind = "harvest"\ntitle = "x"\ntext = "a[tiab]"\n',
            "exactly one",
        ),
        ("evidence.toml", b'[[design]]\ndesign = "phase2"\nall = ["moon"]\n', "no cue 'moon'"),
        ("evidence.toml", b'[[design]]\ndesign = "phase2"\nall = ["phase-2"]\n', "'example.title' is missing"),
        (
            "evidence.toml",
            b'[[role]]\nrole = "studied"\nbefore = "x"\nexample = "x"\ncounterexample = "y"\n',
            "square brackets",
        ),
        ("evidence.toml", b'[[class_title]]\nclass = "moon"\n', "class is one of"),
        ("evidence.toml", b'[[class_title]]\nclass = "cell-therapy"\n', "the key 'pattern' is missing"),
        (
            "landmarks.toml",
            b'[[trial]]\nname = "X"\nnames = ["X"]\nis_randomised = true\ndrugs = ["moon"]\n',
            "no drug 'moon'",
        ),
    ],
)
def test_a_wrong_block_is_named_with_its_file(files, file, block, message):
    with pytest.raises(TopicError, match=message) as caught:
        read_topic({**files, file: files[file] + b"\n" + block})

    assert str(caught.value).startswith(file)


@pytest.mark.parametrize("name", TOPIC.lexicon.never_accept)
def test_what_is_never_a_drug_is_none_even_beside_her2_and_breast(name):
    assert drugs_in(f"{name} was measured in HER2-positive breast cancer") == set()


@pytest.mark.parametrize("trial", TOPIC.trials, ids=lambda trial: trial.name)
def test_every_name_of_a_randomised_landmark_trial_tells_its_design_where_breast_or_her2_stands_too(trial):
    def is_randomised(title: str) -> bool:
        return CueReader(Document(article_of(title)), TOPIC).find("randomised") is not None

    assert [is_randomised(f"Final results of {name} in breast cancer") for name in trial.names] == [
        trial.is_randomised
    ] * len(trial.names)
    words = [name for name in trial.names if "her2" not in name.lower() and "breast" not in name.lower()]
    assert not any(is_randomised(f"The {name} of music") for name in words)


WHOLE = """
[[drug]]
id = "examplemab-fictecan"
name = "examplemab fictecan"
class = "ADC"
is_her2_targeted = true
status = "early"
generic = ["examplemab fictecan"]
brand = ["Examplia"]
code = ["EX-1234"]
abbreviation = ["E-FTC"]
misspelling = ["exemplamab fictecan"]
mesh = [{ ui = "C000000001", name = "examplemab fictecan", kind = "substance" }]
ids = { unii = "0123456789" }

[[drug.ambiguous]]
term = "EFC"
needs = { any = ["@breast"], within = 60 }
example = "EFC in breast cancer"
counterexample = "EFC in soil"

[[drug]]
id = "examplemab-biosimilar"
name = "EX-9"
class = "ADC"
is_her2_targeted = true
status = "early"
rolls_up_to = "examplemab-fictecan"
code = ["EX-9"]

[[regimen]]
tokens = ["EXCAP"]
drugs = ["examplemab-fictecan", "capecitabine"]
needs = { any = ["@her2"] }
example = "EXCAP in HER2-positive breast cancer"
counterexample = "EXCAP of towns"
"""


NEW = frozenset({"examplemab-fictecan"})


def test_names_codes_conditions_roll_up_indexing_and_regimens_of_a_new_drug_are_its_block_alone(files):
    """Every kind of name, a biosimilar, a regimen, NLM's concept and the search term, from TOML and nothing else."""
    topic = read_topic({**files, "drugs.toml": files["drugs.toml"] + WHOLE.encode()})
    names = ("Examplemab\u2011Fictecan\u00ae", "EX1234", "E-FTC", "Examplia", "exemplamab fictecan", "EFC", "EXCAP")

    found = {
        name: {m.drug_id for m in find_mentions(Document(article_of(f"{name} in HER2+ breast cancer")), topic)}
        for name in names
    }
    indexed = Article(
        kind="article",
        pmid=1,
        pmid_version=1,
        title="An antibody in breast cancer",
        substances=(Substance(name="examplemab fictecan", ui="C000000001", registry_number="0"),),
    )
    roles = {tag.drug_id: tag.role for tag in annotate_article(article_of("EX-9 in HER2+ breast cancer"), topic).drugs}

    assert found == {
        **dict.fromkeys(names, NEW),
        "EXCAP": {"examplemab-fictecan", "capecitabine"},
    }
    assert find_mentions(Document(article_of("EFC in soil, EXCAP of towns")), topic) == ()
    assert [tag.decided_by for tag in annotate_article(indexed, topic).drugs] == ["substance"]
    assert roles == {"examplemab-biosimilar": "studied"}
    assert topic.drug_by_id["examplemab-biosimilar"].rolls_up_to == "examplemab-fictecan"
    assert '"examplemab fictecan"[tiab]' in topic.harvest.text
    assert '"examplemab fictecan"[nm]' in topic.harvest.text


def test_a_drug_is_one_block_and_no_python(files):
    """Adding a drug changes the search term and the tagger at once."""
    topic = read_topic({**files, "drugs.toml": files["drugs.toml"] + b"\n" + DRUG + b'generic = ["newdrugib"]\n'})

    mentions = find_mentions(Document(article_of("Newdrugib in HER2-positive breast cancer")), topic)

    assert [mention.drug_id for mention in mentions] == ["new-drug"]
    assert "newdrugib[tiab]" in topic.harvest.text
