from .link import Link, Relation, Side

__all__ = ["Link", "Relation", "Side"]
