"""What DIGIFARM.MS calls our choices, in lower case."""

import re

#: Spellings of `Kategorie`, or of a part of it between commas.
ACTION_FIELDS = {
    "bildung": "participation",
    "bürgerservice": "administration",
    "demokratie": "participation",
    "familie": "lifestyle",
    "freizeit": "lifestyle",
    "gemeinschaft": "participation",
    "gesellschaft": "participation",
    "gesundheit": "lifestyle",
    "kultur": "lifestyle",
    "lebensart": "lifestyle",
    "mobilität": "mobility",
    "politik": "participation",
    "stadtleben": "lifestyle",
    "teilhabe": "participation",
    "umwelt": "environment",
    "unterhaltung": "lifestyle",
    "veranstaltungen": "lifestyle",
    "verwaltung": "administration",
    "wirtschaft": "economy",
}

#: Those that say the same as an action field; the others stay as tags.
SAME_FIELDS = frozenset(
    {
        "lebensart",
        "mobilität",
        "teilhabe",
        "umwelt",
        "verwaltung",
        "wirtschaft",
    }
)

#: How people say that no help is needed (any more).
NOTHING_NEEDED = re.compile(
    r"^\W*(kein\w*|nein|nichts?)\b|\bkein\w* (weiter\w+|mehr)\b"
    r"|\bnicht (mehr )?(nötig|benötigt|gesucht)\b",
    re.IGNORECASE,
)

#: Spellings of `Typ`.
PROJECT_TYPES = {
    "alternatives datenportal": "web_app",
    "android-app": "mobile_app",
    "app": "mobile_app",
    "dynamische webseite": "web_app",
    "interaktive webseite": "web_app",
    "kartenanwendung": "web_app",
    "webseite": "website",
    "webseite (dynamisch)": "web_app",
    "webseite (statisch)": "website",
}

#: `Komplexität`.
COMPLEXITIES = {
    "niedrig": "low",
    "mittel": "medium",
    "hoch": "high",
    "sehr hoch": "very_high",
}

#: `Status`, which is free text; these occur.
STAGES = {
    "idee": "idea",
    "in arbeit": "in_progress",
    "in progress": "in_progress",
    "unfertig": "in_progress",
    "im test": "testing",
    "live": "live",
    "noch nicht für münster verfügbar": "wanted_here",
    "pausiert": "paused",
    "kaputt": "broken",
    "probleme bei datenanbindung": "broken",
    "abgeschlossen": "completed",
    "beendet": "ended",
    "eingestellt": "ended",
}

#: `Digifarm-Projekt`: whether the city accompanies it.
YES_OR_NO = {"ja": True, "nein": False}

#: What shows that a supporter is a private person: a word, a mail address, or
#: an account where people publish code. That of a group looks no different;
#: rather leave a group out than show a person.
PRIVATE_PERSON = re.compile(
    r"(einzel|privat|private )person|\bprivat\b|@"
    r"|einzelentwickler|ehrenamtler|ehrenamtliche[rn]? (person|entwickler)"
    r"|\b(github\.com|gitlab\.com|bitbucket\.org|codeberg\.org)/+[^\s/?#]"
    r"|[^\s./]\.(github\.io|gitlab\.io|codeberg\.page)\b",
    re.IGNORECASE,
)

#: What in its name tells the kind of a partner; the first that fits counts.
PARTNER_KINDS = {
    re.compile(pattern, re.IGNORECASE): kind
    for pattern, kind in (
        (r"\bcode ?for", "developers"),
        (r"\be\. ?v\b|verein\b|^codeberg\b", "association"),
        (r"gmbh\b|\s(ag|se|kg|ug)$|^(github|gitlab)\b", "company"),
        (r"stiftung\b", "foundation"),
        (r"kammer\b", "chamber"),
        (r"universität|(?<!volks)hochschule|\binstitut|\buni\b", "university"),
        (r"schule\b|gymnasium\b", "school"),
        (r"netzwerk\b|bündnis\b", "network"),
        (r"(?<!ehren)amt\b|\bstadt\b|stadtarchiv|^citeq$", "department"),
    )
}


def stands_for_person(text: str) -> bool:
    """Whether a supporter is somebody whom nobody may name."""
    return PRIVATE_PERSON.search(text) is not None


def partner_kind(title: str) -> str:
    """Which kind of partner somebody seems to be."""
    kinds = PARTNER_KINDS.items()
    return next((k for pattern, k in kinds if pattern.search(title)), "other")
