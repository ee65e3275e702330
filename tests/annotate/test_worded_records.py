"""
Roles, designs and lines of records of our own wording, each with what a reader takes from it.

What a record leaves out it does not ask.
"""

import pytest

from her2lit.annotate.annotate import annotate_article
from her2lit.records import AbstractSection, Article
from her2lit.topic.topic import load_topic

TOPIC = load_topic()
RECORDS = [
    *(
        (f"Randomised phase III trial of {drug} in HER2-positive breast cancer", text, roles)
        for drug, text, roles in (
            (
                "pertuzumab",
                "Patients were randomly assigned to pertuzumab with docetaxel or paclitaxel.",
                {"docetaxel": "studied", "paclitaxel": "studied"},
            ),
            (
                "pertuzumab",
                "Patients were randomised to pertuzumab and trastuzumab with docetaxel or paclitaxel, or to trastuzumab alone.",
                {"trastuzumab": "studied", "docetaxel": "studied", "paclitaxel": "studied"},
            ),
            (
                "lapatinib",
                "Patients were randomised to lapatinib 1250 mg or 1500 mg with capecitabine.",
                {"capecitabine": "studied"},
            ),
            (
                "T-DXd",
                "Patients were randomised to T-DXd alone or with pertuzumab.",
                {"pertuzumab": "studied"},
            ),
            (
                "pyrotinib",
                "Patients were randomised to pyrotinib or lapatinib plus capecitabine.",
                {"lapatinib": "comparator", "capecitabine": "studied"},
            ),
            (
                "tucatinib",
                "Those allocated to tucatinib who had surgery or got capecitabine alone were censored.",
                {"capecitabine": "studied"},
            ),
        )
    ),
    *(
        ("Treatment of HER2-positive breast cancer", text, {"trastuzumab": role})
        for text, role in (
            ("Patients received regimens composed of trastuzumab, docetaxel and a cytotoxic agent.", "studied"),
            ("A regimen combining trastuzumab with cytotoxic agents improved survival.", "studied"),
            ("Dual blockade comprising trastuzumab and pertuzumab was compared with trastuzumab emtansine.", "studied"),
            ("Adverse events of the agent were linked to trastuzumab.", "studied"),
            ("The conjugate is a drug in which trastuzumab is linked to DM1.", None),
            ("DM1 conjugated to trastuzumab was given.", None),
            ("Trastuzumab was labelled with 89Zr.", None),
            ("We compared subcutaneous and intravenous trastuzumab emtansine.", None),
        )
    ),
    (
        "Is screening for breast cancer SOLD to women?",
        "We sent a questionnaire to 300 women.",
        {"design": "observational"},
    ),
    (
        "A cohort with HER2-positive breast cancer",
        "We treated 300 women. Our patients were older than patients in the HERA trial.",
        {"design": "observational"},
    ),
    (
        "Dose-escalation study of trastuzumab in xenografts of breast cancer",
        "Nude mice received trastuzumab in vivo.",
        {"design": "preclinical"},
    ),
    (
        "Final results of the phase I and phase II study of T-DM1 in breast cancer",
        "Patients received T-DM1. The response rate was 30%.",
        {"design": "phase2"},
    ),
    (
        "Quality of life of women with breast cancer previously treated with tamoxifen",
        "We gave them exemestane and asked for their symptoms.",
        {"tamoxifen": "prior", "exemestane": "studied"},
    ),
    (
        "Trastuzumab as treatment of HER2-positive salivary duct carcinoma: a retrospective review",
        "Thirteen patients were reviewed. They had paclitaxel, carboplatin, and trastuzumab (TCH) for 6 weeks, then TCH for 12 weeks. Eight were free of disease.",
        {"paclitaxel": "studied", "carboplatin": "studied", "trastuzumab": "studied", "docetaxel": None},
    ),
    (
        "Docetaxel, carboplatin and trastuzumab for HER2-positive early breast cancer",
        "We treated 60 patients with carboplatin and trastuzumab as TCH. The pCR rate was 43%.",
        {"docetaxel": "studied", "carboplatin": "studied", "trastuzumab": "studied"},
    ),
    (
        "A bispecific antibody against HER2 and CD3 in breast cancer cells",
        "We made a trastuzumab-based bispecific antibody. It killed cell lines in vitro. It shrank xenografts in mice.",
        {"trastuzumab": None, "design": "preclinical"},
    ),
    (
        "A phase Ib study of ribociclib plus fulvestrant in HER2-negative breast cancer",
        "Seventy women received ribociclib and fulvestrant. A triple combination is not recommended for phase II investigation. A phase II trial is planned.",
        {"ribociclib": "studied", "fulvestrant": "studied", "design": "phase1"},
    ),
    (
        "A review of HER2 drugs that never says so",
        "HER2-positive disease is aggressive. Trastuzumab and pertuzumab made therapy better. Newer agents such as tucatinib follow in later lines. How best to order these drugs and treatments is open.",
        {"design": "review"},
    ),
    (
        "NK cells in HER2-positive breast cancer predict disease-free survival",
        "NK cells and tumor cells were counted in biopsies from patients treated before surgery. NK cells and cytotoxicity went with survival.",
        {"design": "observational"},
    ),
    (
        "Complete remission of metastatic HER2-positive breast cancer: a case report",
        "A woman had metastases of the liver. After local treatment, docetaxel combined with trastuzumab led to a complete remission.",
        {"docetaxel": "studied", "trastuzumab": "studied", "design": "case_report"},
    ),
    (
        "Subcutaneous trastuzumab (Herceptin) in routine care of early HER2-positive breast cancer",
        "We observed 265 patients given subcutaneous trastuzumab. They were satisfied.",
        {"trastuzumab-sc": "studied", "trastuzumab": None},
    ),
    (
        "The HER2 mutation L755S in breast cancer cells",
        "L755S is associated with resistance to trastuzumab. We made cell lines with the mutation. Neratinib killed them in vitro and in mice. Its target was inhibited.",
        {"trastuzumab": "background", "neratinib": "studied", "design": "preclinical"},
    ),
    (
        "Eribulin in HER2-negative breast cancer: a phase II study",
        "Eribulin is a non-taxane inhibitor of tubulin. We treated 40 patients. The response rate was 30%.",
        {"eribulin": "studied", "taxane-nos": None},
    ),
    (
        "Subcutaneous versus intravenous trastuzumab for HER2-positive early breast cancer: a randomised trial",
        "Patients were randomised to either form. The pCR rate was 45% and 41%.",
        {"trastuzumab-sc": "studied", "trastuzumab": "comparator"},
    ),
    (
        "Capecitabine added to adjuvant chemotherapy for triple-negative breast cancer: a randomised trial",
        "Women were randomly assigned to capecitabine and docetaxel followed by capecitabine and epirubicin, or to docetaxel followed by fluorouracil and epirubicin. DFS was 86% and 80%.",
        {"capecitabine": "studied", "docetaxel": "studied", "epirubicin": "studied", "fluorouracil": "comparator"},
    ),
    (
        "PAM50 and pCR in the NSABP B-41 trial of HER2-positive breast cancer",
        "In NSABP B-41 women received lapatinib, trastuzumab or both. Subtypes may tell who gains. We sequenced 180 tumours. Subtypes were associated with pCR.",
        {"lapatinib": "studied", "trastuzumab": "studied", "design": "other_rct"},
    ),
    (
        "An antibody-drug conjugate against HER2 in solid tumours",
        "SHR-A1811 is composed of trastuzumab, a cleavable linker and a topoisomerase inhibitor. We treated 40 patients with it. The response rate was 60%.",
        {"trastuzumab": None},
    ),
    (
        "Immune cells in early HER2-positive breast cancer",
        "We counted lymphocytes in 389 tumours of women treated in the NeoSphere trial. High counts went with pCR.",
        {"design": "other_rct"},
    ),
    (
        "First-line trastuzumab with endocrine agents or with chemotherapy in HER2-positive metastatic breast cancer",
        "In this phase III trial patients were randomised 1:1 to trastuzumab with endocrine therapy (tamoxifen) or trastuzumab with chemotherapy (capecitabine or vinorelbine). Median PFS was 19 and 15 months.",
        {"trastuzumab": "studied", "tamoxifen": "studied", "capecitabine": "comparator", "vinorelbine": "comparator"},
    ),
    (
        "A proposed biosimilar, CT-P6, in HER2-positive early breast cancer: a randomised trial",
        "Patients were randomly assigned to CT-P6 or trastuzumab plus docetaxel. The pCR rate was 47% and 50%.",
        {"trastuzumab-pkrb": "studied", "trastuzumab": "comparator", "docetaxel": "studied"},
    ),
    (
        "Lapatinib for HER2-positive breast cancer: a randomised study",
        "Patients were randomised to lapatinib or placebo in combination with paclitaxel. PFS was longer with lapatinib.",
        {"lapatinib": "studied", "paclitaxel": "studied"},
    ),
    (
        "T-DM1 resistance in breast cancer cells",
        "T-DM1 is approved for HER2-positive metastatic breast cancer that has progressed on trastuzumab and a taxane. We made resistant cell lines. HER2 was lost in the cells. T-DM1 no longer killed them.",
        {"trastuzumab-emtansine": "studied", "trastuzumab": "background", "taxane-nos": "background"},
    ),
    (
        "Genomic changes of trastuzumab-resistant breast cancer",
        "We sequenced 40 tumours. PIK3CA was mutated in 30%.",
        {"trastuzumab": "studied"},
    ),
    (
        "Neratinib in trastuzumab-resistant breast cancer",
        "We treated 40 patients with neratinib. The response rate was 24%.",
        {"neratinib": "studied", "trastuzumab": "prior"},
    ),
    (
        "Neratinib with paclitaxel for HER2-positive metastatic breast cancer: a phase I study",
        "Patients received neratinib and paclitaxel. 200 mg was the recommended phase II dose. The pair was active although patients had already had trastuzumab, lapatinib and T-DM1. Earlier pertuzumab was permitted.",
        {
            "neratinib": "studied",
            "paclitaxel": "studied",
            "trastuzumab": "prior",
            "lapatinib": "prior",
            "trastuzumab-emtansine": "prior",
            "pertuzumab": "prior",
            "design": "phase1",
        },
    ),
    (
        "Pyrotinib under real-world conditions in HER2-positive metastatic breast cancer",
        "We retrospectively reviewed 218 patients given pyrotinib. They had had earlier anti-HER2 therapy (trastuzumab 95.4%, pertuzumab 5.0%, lapatinib 40.8%). Median PFS was 9.3 months.",
        {"pyrotinib": "studied", "trastuzumab": "prior", "pertuzumab": "prior", "lapatinib": "prior"},
    ),
    (
        "Fulvestrant with trastuzumab in luminal HER2-positive breast cancer",
        "We reviewed 19 patients who received fulvestrant and trastuzumab. PFS was 8 months. The pair deserves more study, perhaps with pertuzumab.",
        {"fulvestrant": "studied", "trastuzumab": "studied", "pertuzumab": "background"},
    ),
    (
        "Curcumin and HER2-positive breast cancer cells",
        "Curcumin lowered the growth of BT474 xenografts in mice in vivo, though less than lapatinib. The combination of paclitaxel and curcumin was comparable with paclitaxel and trastuzumab.",
        {"lapatinib": "studied", "paclitaxel": "studied", "trastuzumab": "comparator"},
    ),
    (
        "64Cu-DOTA-trastuzumab PET in patients with HER2-positive breast cancer",
        "We measured distribution and internal dosimetry of (64)Cu-DOTA-trastuzumab in 6 patients.",
        {"radiolabelled-trastuzumab": "studied", "design": "phase1"},
    ),
    (
        "Second-line treatments for HER2-positive metastatic breast cancer: a systematic review and network meta-analysis",
        "Several regimens are used after trastuzumab. We searched PubMed, Embase and Cochrane for randomised trials. Twelve trials with 4000 patients were included. Compared with lapatinib plus capecitabine, T-DXd (HR 0.25), T-DM1 (HR 0.65) and pyrotinib plus capecitabine (HR 0.5) improved PFS. T-DXd ranked first.",
        {
            "lapatinib": "comparator",
            "trastuzumab-deruxtecan": "studied",
            "trastuzumab-emtansine": "studied",
            "pyrotinib": "studied",
            "capecitabine": "studied",
            "trastuzumab": "background",
            "design": "systematic_review_meta_analysis",
        },
    ),
    (
        "Pertuzumab in HER2-positive early breast cancer: a meta-analysis of randomised trials",
        "The benefit of pertuzumab is debated. We performed a systematic review of trials comparing pertuzumab plus trastuzumab and chemotherapy versus trastuzumab and chemotherapy. Five trials were included. Dual blockade improved pCR (OR 2.0) over trastuzumab alone.",
        {"pertuzumab": "studied", "trastuzumab": "studied", "design": "systematic_review_meta_analysis"},
    ),
    (
        "T-DM1 versus lapatinib plus capecitabine or trastuzumab plus docetaxel: a meta-analysis of efficacy and safety",
        "We searched databases for trials comparing T-DM1 with other regimens. Four trials were included. T-DM1 improved PFS (HR 0.7) and OS.",
        {
            "trastuzumab-emtansine": "studied",
            "lapatinib": "comparator",
            "capecitabine": "comparator",
            "trastuzumab": "comparator",
            "docetaxel": "comparator",
            "design": "systematic_review_meta_analysis",
        },
    ),
    (
        "Network meta-analysis of neoadjuvant regimens for HER2-positive breast cancer",
        "Thirty trials were included. Versus trastuzumab plus docetaxel as the reference regimen, lapatinib plus trastuzumab plus paclitaxel (OR 2.5) and pertuzumab plus trastuzumab plus docetaxel (OR 2.1) increased pCR rates.",
        {
            "trastuzumab": "studied",
            "docetaxel": "studied",
            "lapatinib": "studied",
            "paclitaxel": "studied",
            "pertuzumab": "studied",
            "design": "systematic_review_meta_analysis",
        },
    ),
    (
        "Efficacy of CDK4/6 inhibitors with endocrine therapy: network meta-analysis",
        "Trials of palbociclib, ribociclib or abemaciclib were searched. Relative to letrozole alone, palbociclib plus letrozole had HR 0.58. Fulvestrant was the common comparator in second line. Ribociclib plus fulvestrant did better than fulvestrant (HR 0.59).",
        {
            "palbociclib": "studied",
            "ribociclib": "studied",
            "abemaciclib": "studied",
            "letrozole": "studied",
            "fulvestrant": "studied",
            "design": "systematic_review_meta_analysis",
        },
    ),
    (
        "Capecitabine maintenance in HER2-negative metastatic breast cancer: a meta-analysis",
        "We searched PubMed. Seven trials compared capecitabine with vinorelbine or gemcitabine. Capecitabine was superior to vinorelbine for TTP.",
        {
            "capecitabine": "studied",
            "vinorelbine": "comparator",
            "gemcitabine": "comparator",
            "design": "systematic_review_meta_analysis",
        },
    ),
    (
        "Indirect comparison of neratinib and T-DM1 in the extended adjuvant setting: network meta-analysis",
        "A network meta-analysis was done. Placebo and trastuzumab were the reference treatments. Neratinib reduced iDFS events compared to trastuzumab.",
        {
            "neratinib": "studied",
            "trastuzumab-emtansine": "studied",
            "trastuzumab": "comparator",
            "design": "systematic_review_meta_analysis",
        },
    ),
    (
        "Bayesian network meta-analysis of first-line therapies for HER2-positive advanced gastric cancer",
        "Randomised trials were searched. Compared with chemotherapy alone, trastuzumab plus chemotherapy improved OS (HR 0.74), as did pertuzumab plus trastuzumab. Lapatinib did not.",
        {
            "trastuzumab": "studied",
            "pertuzumab": "studied",
            "lapatinib": "studied",
            "design": "systematic_review_meta_analysis",
        },
    ),
    (
        "Everolimus in advanced breast cancer: meta-analysis",
        "Everolimus plus exemestane was compared with exemestane alone in four trials. The HR for PFS was 0.45.",
        {"everolimus": "studied", "exemestane": "studied", "design": "systematic_review_meta_analysis"},
    ),
    (
        "Trastuzumab deruxtecan versus treatment of physician's choice in HER2-low breast cancer",
        "In this phase 3 trial, patients with HER2-low disease were randomly assigned to T-DXd or physician's choice of chemotherapy (capecitabine, eribulin, gemcitabine, paclitaxel, or nab-paclitaxel). Median PFS was 9.9 versus 5.1 months.",
        {
            "trastuzumab-deruxtecan": "studied",
            "capecitabine": "comparator",
            "eribulin": "comparator",
            "gemcitabine": "comparator",
            "paclitaxel": "comparator",
            "nab-paclitaxel": "comparator",
            "design": "phase3_rct",
        },
    ),
    (
        "Margetuximab plus chemotherapy in pretreated HER2-positive breast cancer: a phase 3 randomized trial",
        "Patients were randomly assigned to margetuximab or trastuzumab, each with chemotherapy. All had received pertuzumab. Margetuximab improved PFS over trastuzumab (HR 0.76).",
        {"margetuximab": "studied", "trastuzumab": "comparator", "pertuzumab": "prior", "design": "phase3_rct"},
    ),
    (
        "Sacituzumab govitecan in hormone receptor-positive breast cancer: phase III",
        "Patients were randomised 1:1 to sacituzumab govitecan or chemotherapy (eribulin, vinorelbine, capecitabine, or gemcitabine). All had received a CDK4/6 inhibitor. Median PFS was 5.5 v 4.0 months.",
        {
            "sacituzumab-govitecan": "studied",
            "eribulin": "comparator",
            "vinorelbine": "comparator",
            "capecitabine": "comparator",
            "gemcitabine": "comparator",
            "design": "phase3_rct",
        },
    ),
    (
        "Paclitaxel or docetaxel with trastuzumab: a randomised trial",
        "Patients were randomised to paclitaxel plus trastuzumab (arm A) or docetaxel plus trastuzumab (arm B). Response was 40% and 45%.",
        {"paclitaxel": "studied", "docetaxel": "studied", "trastuzumab": "studied", "design": "other_rct"},
    ),
    (
        "Randomised trial of extended letrozole",
        "Women who had completed tamoxifen were randomly assigned to letrozole or placebo. DFS was better with letrozole.",
        {"letrozole": "studied", "tamoxifen": "prior", "design": "other_rct"},
    ),
    (
        "Dose-dense adjuvant chemotherapy: a randomised phase III trial",
        "Women were randomly assigned to epirubicin and cyclophosphamide followed by paclitaxel every 2 weeks, or the control arm of fluorouracil, epirubicin, and cyclophosphamide every 3 weeks.",
        {
            "epirubicin": "studied",
            "cyclophosphamide": "studied",
            "paclitaxel": "studied",
            "fluorouracil": "comparator",
            "design": "phase3_rct",
        },
    ),
    (
        "Antibody-drug conjugates in HER2-positive breast cancer",
        "Trastuzumab emtansine was the first conjugate approved for breast cancer. This review discusses its mechanism of action. We summarise the pivotal trials. Future directions are outlined.",
        {"trastuzumab-emtansine": "studied", "design": "review"},
    ),
    (
        "CDK4/6 inhibitors: current landscape and future directions",
        "Palbociclib, ribociclib and abemaciclib have changed treatment. Here we review the clinical data. Resistance is common. Biomarkers are needed. New combinations are tested.",
        {"palbociclib": "studied", "ribociclib": "studied", "abemaciclib": "studied", "design": "review"},
    ),
    (
        "Tyrosine kinase inhibitors for HER2-positive disease: a review",
        "Lapatinib, neratinib and tucatinib are small molecules. Their efficacy is reviewed here. Each has a toxicity profile. Diarrhoea is common. Brain metastases respond.",
        {"lapatinib": "studied", "neratinib": "studied", "tucatinib": "studied", "design": "review"},
    ),
    (
        "Anti-HER2 antibodies: mechanisms and resistance",
        "Trastuzumab and pertuzumab are monoclonal antibodies that target HER2. This review describes mechanisms of resistance. Signalling is complex. Combinations may help. More work is needed.",
        {"trastuzumab": "studied", "pertuzumab": "studied", "design": "review"},
    ),
    (
        "Management of breast cancer brain metastases: an overview",
        "Trastuzumab has prolonged survival, and brain metastases are more common. We review local treatments. Radiosurgery is preferred. Surgery is used for large lesions. Steroids relieve symptoms.",
        {"trastuzumab": "background", "design": "review"},
    ),
    (
        "Aromatase inhibitors and bone health: a review",
        "Letrozole, anastrozole and exemestane cause bone loss. We review its management. Exercise helps. Vitamin D is advised. Bisphosphonates are effective.",
        {"letrozole": "studied", "anastrozole": "studied", "exemestane": "studied", "design": "review"},
    ),
    (
        "Change in bone density in postmenopausal women under aromatase inhibitors",
        "We studied bone density. Of 240 women, 118 patients had received letrozole and 122 had received anastrozole for five years. Bone loss was greater with letrozole.",
        {"letrozole": "studied", "anastrozole": "studied", "design": "observational"},
    ),
    (
        "Cardiac outcomes in survivors of HER2-positive breast cancer",
        "We reviewed 300 survivors. All had received trastuzumab, and 200 had received doxorubicin. LVEF fell in 40 patients. Doxorubicin was associated with a decline.",
        {"trastuzumab": "studied", "doxorubicin": "studied", "design": "observational"},
    ),
    (
        "Retrospective analysis of eribulin in pretreated breast cancer",
        "We retrospectively analysed 80 patients treated with eribulin. All had received capecitabine and a taxane. Median PFS was 4 months.",
        {"eribulin": "studied", "capecitabine": "prior", "design": "observational"},
    ),
    (
        "Real-world T-DXd after T-DM1",
        "Sixty patients with metastatic disease received T-DXd. Patients had previously received trastuzumab, pertuzumab and T-DM1. The ORR was 60%.",
        {
            "trastuzumab-deruxtecan": "studied",
            "trastuzumab": "prior",
            "pertuzumab": "prior",
            "trastuzumab-emtansine": "studied",
            "design": "observational",
        },
    ),
    (
        "Late relapse in patients treated for early HER2-positive cancer",
        "Patients who had received adjuvant trastuzumab between 2006 and 2012 were identified in our registry. Among 900 patients, 10-year DFS was 78%.",
        {"trastuzumab": "studied", "design": "observational"},
    ),
    (
        "Cognitive function after tamoxifen",
        "We compared 40 women who had received tamoxifen with 40 controls. Memory was worse in women treated with tamoxifen.",
        {"tamoxifen": "studied", "design": "observational"},
    ),
    (
        "Lapatinib rechallenge in metastatic breast cancer",
        "Thirty patients who had progressed on trastuzumab and had received lapatinib before were given lapatinib again with capecitabine. PFS was 4 months.",
        {"lapatinib": "studied", "trastuzumab": "prior", "capecitabine": "studied"},
    ),
    (
        "Phase II trial of pertuzumab with weekly paclitaxel and trastuzumab",
        "Patients with HER2-positive metastatic breast cancer and at most one prior regimen were treated. Patients received weekly paclitaxel 80 mg/m2, trastuzumab and pertuzumab. PFS at 6 months was 86%.",
        {"pertuzumab": "studied", "paclitaxel": "studied", "trastuzumab": "studied", "design": "phase2"},
    ),
    (
        "Pyrotinib for HER2-positive breast cancer: PHENIX",
        "Patients previously treated with trastuzumab and taxanes received pyrotinib or placebo, combined with capecitabine, in this randomised phase 3 trial. PFS was 11.1 months and 4.1 months.",
        {"pyrotinib": "studied", "trastuzumab": "prior", "capecitabine": "studied", "design": "phase3_rct"},
    ),
    (
        "Atezolizumab in early triple-negative breast cancer: a randomised phase 3 study",
        "Patients were assigned to atezolizumab or placebo combined with nab-paclitaxel followed by doxorubicin plus cyclophosphamide. pCR was 58% and 41%.",
        {
            "atezolizumab": "studied",
            "nab-paclitaxel": "studied",
            "doxorubicin": "studied",
            "cyclophosphamide": "studied",
            "design": "phase3_rct",
        },
    ),
    (
        "Adding carboplatin to anthracycline/taxane-based neoadjuvant therapy",
        "All patients were treated with paclitaxel and non-pegylated liposomal doxorubicin. HER2-positive patients got trastuzumab and lapatinib as well. Patients were randomly assigned to concurrent carboplatin or not. pCR was 43.7% versus 36.9%.",
        {
            "carboplatin": "studied",
            "paclitaxel": "studied",
            "trastuzumab": "studied",
            "lapatinib": "studied",
            "design": "other_rct",
        },
    ),
    (
        "Mechanisms of trastuzumab-induced cardiotoxicity and their prevention",
        "Trastuzumab improves survival but may harm the heart. Blockade of HER2 in cardiomyocytes impairs repair. Beta blockers and ACE inhibitors may prevent it. Monitoring of LVEF is recommended. The article describes what is known and what remains open.",
        {"trastuzumab": "studied", "design": "review"},
    ),
    (
        "HER2 in gastric cancer: from biology to therapy",
        "HER2 is overexpressed in about 20% of gastric cancers. Trastuzumab is standard in first line. Testing differs from that of breast cancer because of heterogeneity. Several new agents are in development and may extend the benefit.",
        {"design": "review"},
    ),
    (
        "Quality of life with neratinib after trastuzumab-based adjuvant therapy: ExteNET",
        "In ExteNET, women were given neratinib or placebo for 1 year. FACT-B and EQ-5D were completed at baseline and months 1, 3, 6, 9 and 12. Of 2840 patients, 2407 were evaluable. Scores decreased at month 1 and then recovered.",
        {"neratinib": "studied", "design": "other_rct"},
    ),
    (
        "PIK3CA mutations and outcome in the phase III trial of adjuvant lapatinib",
        "PIK3CA was sequenced in tumours of 400 patients. Patients had been allocated to lapatinib or trastuzumab. Mutations were found in 22%. There was no interaction with treatment.",
        {"lapatinib": "studied", "design": "phase3_rct"},
    ),
    (
        "Ki-67 assessment in core biopsies: an interobserver study",
        "Slides of 50 breast cancers were scored by six pathologists. Kappa was 0.7. Agreement improved after training.",
        {"design": "other"},
    ),
    (
        "Body weight and breast cancer outcome in the WSG PlanB trial",
        "Patients were randomised to six cycles of docetaxel and cyclophosphamide or epirubicin/cyclophosphamide followed by docetaxel. Of 2500 patients 30% were obese. Obese women had worse DFS (HR 1.3).",
        {"design": "other_rct"},
    ),
    (
        "Expression of HER3 in breast cancer tissue and its clinical significance",
        "HER3 was stained in 160 breast cancers and 40 normal breast samples. Expression was seen in 45% and correlated with grade and nodal status. Patients with HER3-positive tumours had shorter survival.",
        {"design": "observational"},
    ),
    (
        "Use of trastuzumab in older women in the Netherlands",
        "Data of women aged 70 years or older with HER2-positive disease were taken from the Netherlands Cancer Registry. Of 1200 women, 40% got trastuzumab. Age and comorbidity were related to omission.",
        {"trastuzumab": "studied", "design": "observational"},
    ),
    (
        "Pharmacokinetics of subcutaneous trastuzumab",
        "Healthy volunteers and patients received subcutaneous trastuzumab at four dose levels. Serum concentrations were measured. The dose of 8 mg/kg gave exposure like intravenous dosing. Treatment was well tolerated.",
        {"design": "phase1"},
    ),
    (
        "Trastuzumab accumulates in placental cells",
        "Placental explants were incubated with trastuzumab for 24 h. Uptake was seen by immunofluorescence. Cell viability fell by 20%. HER2 was expressed on the trophoblast.",
        {"design": "preclinical"},
    ),
    (
        "What oncologists think of biosimilars: results of an online survey",
        "An online questionnaire was sent to 500 oncologists. 40% replied. Most would use a trastuzumab biosimilar in metastatic disease.",
        {"design": "observational"},
    ),
    (
        "Trastuzumab beyond progression: where are we now?",
        "Whether to continue trastuzumab after progression has been debated. Retrospective series suggested a benefit. Two randomised trials support continuing it with a new cytotoxic agent. Lapatinib is an alternative. This paper looks at the evidence.",
        {"trastuzumab": "studied"},
    ),
    (
        "Eribulin in metastatic breast cancer: phase II",
        "Patients with metastatic breast cancer who had received no more than one previous chemotherapy regimen for metastatic disease were treated with eribulin. ORR was 28%.",
        {"design": "phase2", "line": ["unspecified"]},
    ),
    (
        "Trastuzumab and vinorelbine as front-line therapy of metastatic breast cancer: phase II",
        "Patients with untreated HER2-positive metastatic breast cancer received vinorelbine and trastuzumab. ORR was 68%.",
        {"design": "phase2", "line": ["first"]},
    ),
    (
        "Lapatinib plus capecitabine in the second line and beyond",
        "Patients with HER2-positive metastatic breast cancer got lapatinib plus capecitabine after trastuzumab. PFS was 6 months.",
        {"line": ["second", "third_plus"]},
    ),
    (
        "Pyrotinib in real life",
        "We reviewed 100 patients with metastatic breast cancer who received pyrotinib as first-, second- or later-line treatment. PFS was 10 months.",
        {"design": "observational", "line": ["first", "second", "third_plus"]},
    ),
    (
        "T-DXd in HER2-positive metastatic breast cancer: phase II",
        "Patients had received a median of six (range 2-27) previous lines of therapy. The ORR was 60.9%.",
        {"design": "phase2", "line": ["third_plus"]},
    ),
    (
        "Capecitabine maintenance after docetaxel in metastatic breast cancer: randomised trial",
        "Patients with metastatic breast cancer without progression after first-line docetaxel were randomised to capecitabine or observation. PFS was 11 months.",
        {"design": "other_rct", "line": ["maintenance"]},
    ),
    (
        "Initial therapy of HER2-positive metastatic breast cancer with pertuzumab: an observational study",
        "Patients who had not received chemotherapy or biologic therapy for metastatic disease were observed while on pertuzumab and trastuzumab.",
        {"design": "observational", "line": ["first"]},
    ),
    (
        "T-DM1 for previously treated metastatic breast cancer: randomised phase 3",
        "Patients with HER2-positive advanced breast cancer previously treated with trastuzumab and a taxane were randomised to T-DM1 or lapatinib plus capecitabine.",
        {"design": "phase3_rct", "line": ["unspecified"]},
    ),
    (
        "T-DM1 after two or more HER2-directed therapies: randomised phase 3",
        "Patients with progressive HER2-positive metastatic breast cancer were randomised to T-DM1 or physician's choice.",
        {"design": "phase3_rct", "line": ["third_plus"]},
    ),
    (
        "Fulvestrant in advanced breast cancer: phase II",
        "Patients whose advanced breast cancer relapsed or progressed on prior endocrine therapy received fulvestrant 500 mg.",
        {"design": "phase2", "line": ["unspecified"]},
    ),
    (
        "Gemcitabine in refractory metastatic breast cancer: phase II",
        "Patients with metastatic breast cancer who had had at least two lines of chemotherapy were given gemcitabine.",
        {"design": "phase2", "line": ["third_plus"]},
    ),
    (
        "Treatment sequences in metastatic breast cancer: a registry study",
        "Patients with metastatic breast cancer received docetaxel in 1st line in 50%, and capecitabine in 2nd line in 40%. Third-line therapy was eribulin in 20%.",
        {"design": "observational", "line": ["first", "second", "third_plus"]},
    ),
    (
        "A novel HER2 kinase inhibitor overcomes resistance in breast cancer cells",
        "HER2 drives a fifth of breast cancers. Trastuzumab and lapatinib are standard of care. However, resistance to trastuzumab emerges in most patients. Here we describe KX-1, a covalent inhibitor. KX-1 inhibited growth of BT474 xenografts in mice. KX-1 was superior to neratinib in vitro.",
        {"lapatinib": "background", "neratinib": "comparator"},
    ),
    (
        "Loss of PTEN promotes migration of HER2-positive breast cancer cells",
        "HER2-positive breast cancer is aggressive. Treatment with trastuzumab has improved outcomes. PTEN is often lost in these tumours. We silenced PTEN in SKBR3 cells. Migration rose in vitro and in mice. PTEN may be a target.",
        {"trastuzumab": "background"},
    ),
    (
        "Nanoparticles loaded with docetaxel and targeted by trastuzumab",
        "Docetaxel is widely used but poorly soluble. Trastuzumab binds HER2. Doxorubicin-loaded liposomes have been approved. We made nanoparticles of docetaxel decorated with trastuzumab. They killed SKBR3 cells better than free docetaxel in vitro. Tumour growth in mice was inhibited.",
        {"docetaxel": "studied", "trastuzumab": "studied", "doxorubicin": "background"},
    ),
    (
        "PARP inhibitors in breast cancer: a review",
        "Chemotherapy with paclitaxel or carboplatin is the standard for BRCA-mutated disease. Olaparib and talazoparib are approved. This review discusses trials of PARP inhibitors. Combination with pembrolizumab is being studied. Resistance occurs.",
        {"paclitaxel": "background", "carboplatin": "background"},
    ),
    (
        "Immune checkpoint inhibitors in HER2-positive breast cancer: a review",
        "Trastuzumab and pertuzumab have improved survival. Pembrolizumab and atezolizumab have been tested in trials. We review these trials. Biomarkers are needed.",
        {
            "pembrolizumab": "studied",
            "atezolizumab": "studied",
            "trastuzumab": "background",
            "pertuzumab": "background",
        },
    ),
    (
        "HER2 as a prognostic marker in gastric cancer: a retrospective study",
        "Trastuzumab is approved for HER2-positive gastric cancer. The prognostic role of HER2 is debated. Testing is difficult. We retrospectively stained 200 gastric cancers of patients. HER2 was positive in 15%. It did not predict survival.",
        {"trastuzumab": "background"},
    ),
    (
        "Circulating tumour DNA in metastatic breast cancer",
        "Patients treated with fulvestrant often develop ESR1 mutations. Palbociclib is given in first line. ctDNA may guide therapy. We sequenced ctDNA of 90 patients. ESR1 mutations were found in 30%. They were associated with PFS (HR 1.9).",
        {"fulvestrant": "background", "palbociclib": "background"},
    ),
    (
        "Cost-effectiveness of neratinib for extended adjuvant therapy",
        "Neratinib is given after trastuzumab. We built a Markov model from the payer perspective. Neratinib was compared with placebo. The incremental cost-effectiveness ratio was $250,000 per QALY.",
        {"neratinib": "studied"},
    ),
    (
        "Cost-effectiveness of T-DXd versus T-DM1 in second line: an economic evaluation",
        "We used a partitioned survival model. T-DXd cost more than T-DM1. The ICER was $220,000 per QALY gained. Prior therapy was trastuzumab.",
        {"trastuzumab-deruxtecan": "studied", "trastuzumab-emtansine": "comparator", "trastuzumab": "prior"},
    ),
    (
        "Consensus guideline on systemic therapy of HER2-positive metastatic breast cancer",
        "First-line therapy should be pertuzumab, trastuzumab and docetaxel. Second-line therapy should be trastuzumab deruxtecan. Lapatinib is an option later.",
        {
            "pertuzumab": "studied",
            "trastuzumab": "studied",
            "docetaxel": "studied",
            "trastuzumab-deruxtecan": "studied",
            "lapatinib": "studied",
        },
    ),
    (
        "Real-world outcomes of trastuzumab emtansine",
        "We analysed 150 patients treated with trastuzumab emtansine. 60% had received pertuzumab. Median PFS was 7 months. After progression, 50 patients received lapatinib plus capecitabine.",
        {"trastuzumab-emtansine": "studied", "pertuzumab": "prior"},
    ),
    (
        "Lapatinib resistance is mediated by AXL",
        "BT474 cells resistant to lapatinib were generated. AXL was upregulated. Knockdown of AXL restored sensitivity to lapatinib in vitro. Foretinib and lapatinib inhibited xenografts.",
        {"lapatinib": "studied"},
    ),
    (
        "Pertuzumab and trastuzumab after trastuzumab-based therapy: phase II",
        "Patients with HER2-positive metastatic breast cancer that progressed during trastuzumab-based therapy received pertuzumab with trastuzumab. The clinical benefit rate was 50%.",
        {"pertuzumab": "studied", "trastuzumab": "studied"},
    ),
    (
        "Abemaciclib plus endocrine therapy in early breast cancer: randomised phase 3 trial",
        "Patients were randomly assigned to abemaciclib plus endocrine therapy or endocrine therapy alone. Endocrine therapy was tamoxifen or an aromatase inhibitor. iDFS was better (HR 0.75).",
        {"abemaciclib": "studied", "tamoxifen": "studied"},
    ),
    (
        "Tucatinib, capecitabine and trastuzumab for brain metastases: exploratory analysis of HER2CLIMB",
        "Patients previously treated with trastuzumab, pertuzumab and trastuzumab emtansine were randomised to tucatinib or placebo, in combination with trastuzumab and capecitabine. OS was 21.6 months.",
        {
            "tucatinib": "studied",
            "trastuzumab": "studied",
            "capecitabine": "studied",
            "pertuzumab": "prior",
            "trastuzumab-emtansine": "prior",
        },
    ),
    (
        "Cardiac safety of adjuvant trastuzumab after anthracyclines",
        "We followed 400 women given trastuzumab after doxorubicin and cyclophosphamide. Cardiac events occurred in 4%.",
        {"trastuzumab": "studied"},
    ),
]


@pytest.mark.parametrize(("title", "abstract", "expected"), RECORDS)
def test_a_record_is_judged_as_a_reader_judges_it(title, abstract, expected):
    section = AbstractSection(label=None, nlm_category=None, text=abstract)
    article = Article(kind="article", pmid=1, pmid_version=1, title=title, abstract=(section,))

    annotation = annotate_article(article, TOPIC)

    lines = sorted(facet.value for facet in annotation.facets if facet.facet == "line")
    said = {"design": annotation.design, "line": lines} | {tag.drug_id: tag.role for tag in annotation.drugs}
    assert {key: said.get(key) for key in expected} == expected
