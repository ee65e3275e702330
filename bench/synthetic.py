"""
Synthetic articles with the sizes of real ones: as many words, authors, references and headings, none of the texts.

Figures are means of the 20,788 records of NLM's update file pubmed21n1298 (words, authors, affiliations,
references, ids, history, keywords) and, for headings, of indexed records in general. Words are made of
syllables and drawn by Zipf's law, with numbers and words that occur once among them, so that the number
of different words grows with the texts as it does in real ones. The same seed gives the same articles.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np

from her2lit.pubmed.fingerprint import fingerprint
from her2lit.records import (
    AbstractSection,
    Affiliation,
    Annotation,
    Article,
    ArticleId,
    Author,
    CommentCorrection,
    DrugTag,
    Evidence,
    Facet,
    HistoryDate,
    Journal,
    Keyword,
    MeshHeading,
    Outcome,
    ParsedArticle,
    PubDate,
    PublicationType,
    Qualifier,
    Reference,
    Substance,
)

#: Frequent words first: they take the highest ranks of the Zipf law.
_COMMON = [
    "the",
    "of",
    "and",
    "in",
    "with",
    "to",
    "for",
    "was",
    "were",
    "patients",
    "a",
    "cancer",
    "her2",
    "breast",
    "trastuzumab",
    "treatment",
    "by",
    "positive",
    "on",
    "from",
    "or",
    "as",
    "metastatic",
    "survival",
    "that",
    "at",
    "chemotherapy",
    "is",
    "p",
    "median",
    "study",
    "months",
    "response",
    "than",
    "therapy",
    "group",
    "cell",
    "tumor",
    "risk",
    "are",
    "expression",
    "be",
    "not",
    "after",
    "between",
    "clinical",
    "days",
    "data",
    "results",
    "an",
    "this",
    "had",
    "no",
    "trial",
    "receptor",
    "disease",
    "rate",
    "dose",
    "progression-free",
    "overall",
    "significant",
    "compared",
    "safety",
    "grade",
    "adverse",
    "events",
    "combination",
    "higher",
    "arm",
    "randomized",
    "phase",
    "pertuzumab",
    "docetaxel",
    "capecitabine",
    "lapatinib",
    "tucatinib",
    "neratinib",
    "brain",
    "metastases",
    "resistance",
    "mutation",
    "pathway",
    "hormone",
    "estrogen",
    "progression",
    "line",
    "prior",
    "early",
    "adjuvant",
    "neoadjuvant",
    "pathological",
    "complete",
    "t-dm1",
    "deruxtecan",
    "emtansine",
    "antibody-drug",
    "conjugate",
    "cardiac",
    "interstitial",
    "lung",
    "ejection",
    "toxicity",
    "quality",
    "life",
    "outcome",
    "analysis",
    "cohort",
    "retrospective",
    "real-world",
    "hazard",
    "ratio",
    "confidence",
    "interval",
    "conclusion",
    "background",
    "methods",
    "biopsy",
    "recurrence",
]
_SYLLABLES = [
    "ab",
    "ac",
    "ad",
    "al",
    "am",
    "an",
    "ar",
    "as",
    "bo",
    "ca",
    "ce",
    "ci",
    "co",
    "cu",
    "da",
    "de",
    "di",
    "do",
    "el",
    "em",
    "en",
    "er",
    "es",
    "fa",
    "fi",
    "ge",
    "gi",
    "ha",
    "he",
    "hy",
    "im",
    "in",
    "io",
    "is",
    "ka",
    "la",
    "le",
    "li",
    "lo",
    "ma",
    "me",
    "mi",
    "mo",
    "na",
    "ne",
    "ni",
    "no",
    "ol",
    "on",
    "or",
    "os",
    "pa",
    "pe",
    "phi",
    "plas",
    "po",
    "pro",
    "ra",
    "re",
    "ri",
    "ro",
    "sa",
    "se",
    "si",
    "so",
    "sta",
    "ta",
    "te",
    "ther",
    "ti",
    "to",
    "tri",
    "tu",
    "ul",
    "um",
    "un",
    "ur",
    "va",
    "ve",
    "vi",
    "xa",
    "ya",
    "ze",
]
DRUGS = (
    "trastuzumab", "pertuzumab", "trastuzumab-emtansine", "trastuzumab-deruxtecan", "tucatinib", "lapatinib", "neratinib",
    "pyrotinib", "margetuximab", "capecitabine", "docetaxel", "paclitaxel", "vinorelbine", "letrozole", "palbociclib",
)  # fmt: skip
DESIGNS = (
    "phase3_rct", "phase2", "phase1", "observational", "review", "systematic_review_meta_analysis", "case_report",
    "preclinical", "other",
)  # fmt: skip
_COUNTRIES = ("China", "USA", "Italy", "Japan", "Germany", "France", "Spain", "India", "UK", "Republic of Korea")
_N_WORDS = 60_000
_JOURNAL_TYPE = PublicationType(name="Journal Article", ui="D016428")
_FIRST_DAY = date(2015, 1, 1)


def _made_words(rng: np.random.Generator) -> list[str]:
    """Return the vocabulary, most frequent first."""
    n_syllables = rng.integers(2, 6, _N_WORDS)
    picks = rng.integers(0, len(_SYLLABLES), int(n_syllables.sum()))
    words, at = list(_COMMON), 0
    for n in n_syllables:
        words.append("".join(_SYLLABLES[i] for i in picks[at : at + n]))
        at += n
    return words


class Synthetic:
    """A source of articles and their judgements; PMIDs count up from *first_pmid*."""

    def __init__(self, seed: int = 1, first_pmid: int = 30_000_001) -> None:
        self.rng = np.random.default_rng(seed)
        self.words = _made_words(np.random.default_rng(0))
        weights = 1.0 / (np.arange(1, len(self.words) + 1) + 2.7) ** 1.03
        self.cumulative = np.cumsum(weights / weights.sum())
        self.next_pmid = first_pmid
        self.pool: list[str] = []
        self.at = 0

    def text(self, n_words: int) -> str:
        """Return sentences of *n_words* words in all."""
        if self.at + n_words > len(self.pool):
            self.pool, self.at = self._draw(), 0
        words = self.pool[self.at : self.at + n_words]
        self.at += n_words
        text = " ".join(words)
        return text[:1].upper() + text[1:].rstrip(".") + "."

    def _draw(self) -> list[str]:
        """Return the next 300,000 words: one in 14 a number, one in 170 met once, every 21st ends a sentence."""
        n = 300_000
        ranks = np.searchsorted(self.cumulative, self.rng.random(n)).clip(0, len(self.words) - 1)
        words: list[str] = [self.words[rank] for rank in ranks.tolist()]
        kinds, numbers = self.rng.random(n), self.rng.integers(0, 1_000_000, n)
        for i in np.flatnonzero(kinds < 0.07).tolist():
            words[i] = f"{numbers[i] % 100}.{numbers[i] % 10}" if kinds[i] < 0.035 else str(numbers[i] % 2000)
        for i in np.flatnonzero(kinds > 0.994).tolist():
            words[i] = f"{words[i]}{numbers[i]}"
        for i in range(20, n - 1, 21):
            words[i] += "."
            words[i + 1] = words[i + 1].capitalize()
        return words

    def articles(self, n: int) -> Iterator[Article]:
        """Yield *n* new articles."""
        for _ in range(n):
            pmid = self.next_pmid
            self.next_pmid += 1
            yield self._article(pmid)

    def _article(self, pmid: int) -> Article:
        rng = self.rng
        created = _FIRST_DAY + timedelta(days=int(rng.integers(0, 2300)))
        return Article(
            kind="article",
            pmid=pmid,
            pmid_version=1,
            title=self.text(max(4, int(rng.normal(15, 5)))),
            abstract=self._abstract(),
            journal=self._journal(),
            pub_date=PubDate(verbatim=f"{created.year} Jun", start=created, end=created, precision="month"),
            created_date=created,
            entry_date=created,
            date_revised=created,
            status="MEDLINE",
            owner="NLM",
            pub_model="Print-Electronic",
            publication_status="ppublish",
            doi=f"10.5555/made.{pmid}",
            authors=tuple(self._author() for _ in range(1 + rng.poisson(5.5))),
            publication_types=(_JOURNAL_TYPE,),
            mesh_headings=self.headings() if rng.random() < 0.6 else (),
            substances=tuple(
                Substance(name=self.text(1), ui=None, registry_number=None) for _ in range(rng.poisson(1.5))
            ),
            keywords=tuple(Keyword(term=self.text(2), owner="NOTNLM") for _ in range(rng.poisson(3.9))),
            article_ids=tuple(ArticleId(id_type=kind, value=f"{kind}-{pmid}") for kind in ("pubmed", "doi", "pii")),
            history=tuple(
                HistoryDate(status=status, on=created, hour=6, minute=0, verbatim=str(created))
                for status in ("received", "accepted", "pubmed", "medline", "entrez")
            ),
            references=tuple(
                Reference(citation=self.text(22), ids=(ArticleId(id_type="pubmed", value=str(rng.integers(1, pmid))),))
                for _ in range(int(rng.integers(20, 80)) if rng.random() < 0.22 else 0)
            ),
            comments_corrections=self._notices(),
            languages=("eng",),
            citation_subsets=("IM",),
        )

    def _abstract(self) -> tuple[AbstractSection, ...]:
        kind = self.rng.random()
        n_words = max(40, int(self.rng.normal(212, 75)))
        if kind < 0.11:
            return ()
        if kind < 0.6:
            return (AbstractSection(label=None, nlm_category=None, text=self.text(n_words)),)
        return tuple(
            AbstractSection(label=label, nlm_category=label, text=self.text(max(10, n_words // 4)))
            for label in ("BACKGROUND", "METHODS", "RESULTS", "CONCLUSIONS")
        )

    def _journal(self) -> Journal:
        number = int(self.rng.zipf(1.4)) % 2000
        return Journal(
            title=f"Journal of made-up results {number}", medline_ta=f"J Made Up {number}", nlm_unique_id=str(100_000 + number),
            iso_abbreviation=f"J. Made Up {number}", issn=f"{number:04}-0000", issn_type="Electronic",
            country="England" if number % 2 else "United States", volume=str(number % 90), issue=str(number % 12),
        )  # fmt: skip

    def _author(self) -> Author:
        return Author(
            last_name=self.text(1).rstrip("."), fore_name=self.text(1).rstrip("."), initials="AB",
            affiliations=self._affiliations(),
        )  # fmt: skip

    def _affiliations(self) -> tuple[Affiliation, ...]:
        return tuple(
            Affiliation(text=f"{self.text(12)[:-1]}, {_COUNTRIES[int(self.rng.integers(0, len(_COUNTRIES)))]}.")
            for _ in range(int(self.rng.integers(0, 3)))
        )

    def headings(self) -> tuple[MeshHeading, ...]:
        """Return the headings of an indexed record."""
        return tuple(
            MeshHeading(
                descriptor=f"Descriptor {number}", descriptor_ui=f"D{number:06}", major_topic=False,
                qualifiers=(Qualifier(name="drug therapy", ui="Q000188", major_topic=True),) if number % 2 else (),
            )
            for number in sorted({int(n) % 4000 for n in self.rng.zipf(1.3, 13)})
        )  # fmt: skip

    def _notices(self) -> tuple[CommentCorrection, ...]:
        draw = self.rng.random()
        kind = "RetractionIn" if draw < 0.002 else "ErratumIn" if draw < 0.03 else "CommentIn" if draw < 0.1 else None
        if kind is None:
            return ()
        return (
            CommentCorrection(ref_type=kind, ref_source="J Made Up. 2021;1:1", pmid=None, pmid_version=None, note=None),
        )

    def revised(self, article: Article) -> Article:
        """Return *article* as NLM may revise it: three times in four indexing and dates only, else the text too."""
        revised = dataclasses.replace(
            article, mesh_headings=self.headings(), date_revised=date(2021, 6, 30), status="MEDLINE"
        )
        if self.rng.random() < 0.75:
            return revised
        return dataclasses.replace(revised, abstract=self._abstract())

    def annotation(self, article: Article, rule_version: str = "made-1") -> Annotation:
        """Return a judgement of *article* with as many drugs, facets and outcomes as real ones have."""
        rng = self.rng
        sentence = article.title or ""
        seen = Evidence(place="title", sentence=sentence, start=0, end=min(10, len(sentence)))
        drugs = [DRUGS[i] for i in dict.fromkeys(int(i) for i in rng.integers(0, len(DRUGS), 1 + rng.poisson(0.8)))]
        roles = ("studied", "studied", "comparator", "background")
        facets = [
            ("tumour", "breast"),
            ("her2_status", "positive"),
            ("setting", "metastatic" if rng.random() < 0.6 else "early"),
        ]
        facets += [("line", ("first", "second", "later")[int(rng.integers(0, 3))])] if rng.random() < 0.4 else []
        facets += [("cns", "brain_metastases")] if rng.random() < 0.1 else []
        facets += [("safety", ("ild", "cardiac", "diarrhoea")[int(rng.integers(0, 3))])] if rng.random() < 0.25 else []
        facets += [("resistance", "resistance")] if rng.random() < 0.12 else []
        outcomes = tuple(
            Outcome(
                endpoint=("PFS", "OS", "ORR")[i % 3], measure="HR" if i % 3 < 2 else "rate_percent",
                value=round(float(rng.random()), 2), ci_low=0.3, ci_high=0.9, ci_level=95.0, p="<0.001", arm=None,
                timepoint_months=None, quote="HR 0.62 (95% CI 0.30-0.90; p<0.001)",
            )
            for i in range(rng.poisson(0.9))
        )  # fmt: skip
        return Annotation(
            pmid=article.pmid,
            pmid_version=article.pmid_version,
            rule_version=rule_version,
            drugs=tuple(
                DrugTag(drug_id=drug, role=roles[i % 4], decided_by="text", evidence=seen, n_mentions=3)
                for i, drug in enumerate(drugs)
            ),
            facets=tuple(Facet(facet=facet, value=value, evidence=seen) for facet, value in facets),
            design=DESIGNS[int(rng.integers(0, len(DESIGNS)))],
            design_decided_by="text",
            design_evidence=seen,
            n_patients=int(rng.integers(5, 900)) if rng.random() < 0.5 else None,
            trial_ids=(f"NCT{int(rng.integers(0, 9999)):08}",) if rng.random() < 0.15 else (),
            outcomes=outcomes,
            finding=sentence,
            evidence_rank=int(rng.integers(0, 100)),
            evidence_rank_parts=(("design", 40), ("setting", 20)),
        )


def parsed(article: Article) -> ParsedArticle:
    """Return *article* with its real fingerprint."""
    return ParsedArticle(article=article, fingerprint=fingerprint(article), batch_sha256="b" * 64)
