"""What DIGIFARM.MS calls our choices, in lower case."""

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
    "mobilität": "mobility",
    "politik": "participation",
    "stadtleben": "lifestyle",
    "umwelt": "environment",
    "unterhaltung": "lifestyle",
    "veranstaltungen": "lifestyle",
    "verwaltung": "administration",
    "wirtschaft": "economy",
}

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
    "beendet": "ended",
}
